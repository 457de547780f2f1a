"""The movement of the UN E-Government Development Index from 2018 to 2020, against the ranks that the UN printed."""

import csv

import pandas as pd
import pytest

from tasks.scoring.engine import score
from tasks.scoring.movement.comparable import Told
from tasks.scoring.movement.compare import compare
from tasks.scoring.movement.tables import agency_rows, node_rows
from tasks.scoring.tree import Tree
from warehouse.frameworks.loader import load_framework
from warehouse.reference.agencies import FOLDER

ROUND = FOLDER / "rounds" / "press_egdi"


@pytest.fixture(scope="module")
def sides() -> list[Told]:
    framework = load_framework("egdi")
    told = []
    for period in ("2018", "2020"):
        with (ROUND / f"{period}.csv").open(encoding="utf-8", newline="") as stream:
            rows = pd.DataFrame(csv.DictReader(stream))[["agency", "node", "value"]]
        scores = score(framework, rows.assign(value=rows["value"].astype(float)))
        told.append(Told(Tree.of(framework), period, "press_egdi", "press", 1, scores))
    return told


@pytest.mark.parametrize(("node", "places"), [(None, 2), ("TII", 31), ("HCI", 3), ("OSI", -22)])
def test_viet_nam__places_gained_as_the_un_printed_them(sides, node, places):
    rows = agency_rows(compare(*sides, node=node, successors={})).set_index("agency")
    assert rows.loc["Viet Nam", "places"] == places
    assert rows.loc["Viet Nam", ["places_own", "places_others"]].sum() == places


@pytest.mark.parametrize(("group", "rank"), [("asia", 24), ("south_eastern_asia", 6)])
def test_viet_nam__within_its_region__goes_on_at_the_printed_rank(sides, group, rank):
    rows = agency_rows(compare(*sides, node=None, successors={}, group=group)).set_index("agency")
    viet_nam = rows.loc["Viet Nam"]
    assert viet_nam["rank"] == rank
    assert viet_nam[["places_own", "places_others"]].sum() == viet_nam["rank_before"] - rank


def test_viet_nam__the_infrastructure_made_most_of_it(sides):
    found = compare(*sides, node=None, successors={})
    rows = node_rows(found, "Viet Nam").set_index("node")
    assert rows["through"].drop("EGDI").idxmax() == "TII"
    assert rows.loc[["OSI", "TII", "HCI"], "own"].sum() == pytest.approx(rows.loc["EGDI", "through"], abs=1e-15)


def test_all_193__sum_to_the_last_digit(sides):
    rows = agency_rows(compare(*sides, node=None, successors={}))
    assert len(rows) == 193
    total = rows[["change_own", "change_others", "change_framework", "change_merger"]].sum(axis=1)
    assert (total - (rows["share"] - rows["share_before"])).abs().max() < 1e-15
