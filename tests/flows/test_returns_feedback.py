"""What an agency gets back, mends and sends again: the whole way, with the real flow and the real warehouse."""

import json
import re
import shutil

import openpyxl
import pandas as pd
import pytest

from tasks.feedback.words import LIST_TITLE
from tasks.snapshots.store import SnapshotStore
from tests.flows.conftest import artifacts
from warehouse.engine import connect
from warehouse.queries import (
    batches,
    choose_vintage,
    measurements,
    observations_by_id,
    quarantine,
    snapshot_cards,
)
from warehouse.settings import get_settings

WHERE = ["--framework", "province_2020", "--period", "2020"]


@pytest.fixture
def own_round(small_round, tmp_path):
    return shutil.copytree(small_round, tmp_path / "round")


def mend(file, rows):
    """What a person does: a sound figure into each marked cell, and one more in each yellow cell of the number."""
    book = openpyxl.load_workbook(file)
    for sheet, cell, figure in rows:
        assert book[sheet][cell].comment is not None
        book[sheet][cell].value = figure
    for cell in (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row):
        if cell.comment and "số lần gửi" in cell.comment.text:
            cell.value = re.sub(r"\d+", lambda number: str(int(number[0]) + 1), str(cell.value))
    book.save(file)


def test_feedback__mended_and_sent_again__is_in_force_and_both_returns_stay_traceable(dti, once, own_round, tmp_path):
    assert once("run", "annual", "--round", str(own_round)).returncode == 0
    engine = connect(get_settings().url)
    refused = quarantine(engine, "province_2020", "2020")
    hits = refused[refused["rule"].isin(["value_is_a_number", "value_not_above_maximum", "value_not_below_minimum"])]
    hit = hits[hits["origin"].str.endswith(".xlsx") & (hits["part"] == "value")].iloc[0]
    agency, node, first = hit["agency"], hit["item"], hit["snapshot_sha256"]
    out = tmp_path / "feedback.xlsx"

    said = dti("returns", "feedback", *WHERE, "--agency", agency, "--out", str(out))

    assert said.returncode == 0, said.stderr
    assert str(out) in said.stdout
    assert openpyxl.load_workbook(out).sheetnames[0] == LIST_TITLE
    truth = pd.read_csv(own_round / "truth.csv", comment="#").set_index(["agency", "node"])["value"]
    true = float(truth[agency, node])
    mend(out, [(*hit["locator"].rsplit("!", 1), true)])
    shutil.copy(out, own_round / "returns" / "province_2020" / f"{agency}-lan-2.xlsx")
    again = dti("run", "annual", "--round", str(own_round))

    assert again.returncode == 0, again.stderr
    held = measurements(engine, choose_vintage(engine, "province_2020", "2020"), agency, all_stages=True)
    held = held[(held["node"] == node) & (held["stage"] == "self_reported")].iloc[0]
    assert held["value"] == pytest.approx(true)
    behind = observations_by_id(engine, json.loads(held["observation_ids"]))
    second = behind["snapshot_sha256"].item()
    assert second != first
    files = batches(engine, "province_2020", "2020").set_index("snapshot_sha256")
    assert files.loc[[first, second], "outcome"].tolist() == ["superseded", "quarantined"]
    assert files.loc[[first, second], "agency"].tolist() == [agency, agency]
    assert set(snapshot_cards(engine, [first, second])["sha256"]) == {first, second}
    store = SnapshotStore(get_settings().snapshots)
    assert store.get(second) == out.read_bytes()
    assert store.get(first)
    left = quarantine(engine, "province_2020", "2020")
    assert hit["locator"] in set(left.loc[left["snapshot_sha256"] == first, "locator"])
    assert hit["locator"] not in set(left.loc[left["snapshot_sha256"] == second, "locator"])


def test_feedback__all__one_workbook_an_agency_with_refused_rows_or_files(dti, once, small_round, tmp_path):
    once("run", "annual", "--round", str(small_round))
    done = dti("returns", "feedback", *WHERE, "--all", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    engine = connect(get_settings().url)
    files = batches(engine, "province_2020", "2020")
    refused = quarantine(engine, "province_2020", "2020")
    wanted = set(refused.loc[refused["source"] == "agency_report", "agency"])
    unread = files[(files["outcome"] == "refused") & (files["source"] == "agency_report")]
    wanted |= {origin.rpartition("/")[2].removesuffix(".xlsx") for origin in unread["origin"]}
    assert {file.stem for file in (tmp_path / "out").iterdir()} == wanted
    assert len(unread) > 0


def test_feedback__nothing_refused__says_so_and_writes_nothing(dti, once, small_round, tmp_path):
    once("run", "annual", "--round", str(small_round))
    files = batches(connect(get_settings().url), "province_2020", "2020")
    clean = files[(files["source"] == "agency_report") & (files["outcome"] == "accepted")].iloc[0]
    out = tmp_path / "out.xlsx"
    done = dti("returns", "feedback", *WHERE, "--agency", clean["agency"], "--out", str(out))
    assert done.returncode == 0
    assert "Nothing was refused" in done.stdout
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--agency"),
        (["--all"], "--out FOLDER"),
        (["--agency", "Hà Nội", "--all"], "--agency"),
        (["--agency", "Hà Nội", "--out", "x.csv"], "x.csv"),
    ],
)
def test_feedback__asked_for_in_a_way_that_makes_no_sense__one_sentence(dti, once, small_round, options, said):
    once("run", "annual", "--round", str(small_round))
    done = dti("returns", "feedback", *WHERE, *options)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_summary__advice_to_hand_back__is_a_command_that_runs(dti, once, home, prefect_api, small_round, tmp_path):
    assert once("run", "annual", "--round", str(small_round)).returncode == 0
    summary = artifacts(prefect_api, home)["summary"]["data"]
    (advised,) = re.findall(r"dti (returns feedback .*) DIR\.", summary)
    done = dti(*advised.split(), str(tmp_path / "handed"))
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "handed").iterdir())
