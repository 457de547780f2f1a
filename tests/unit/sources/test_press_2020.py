"""The bundled round of published figures: what follows from it is what was printed."""

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from tasks.evidence.reports import measure
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.standardise import standardise
from tasks.scoring.engine import score
from tasks.sources.registry import sources
from tasks.sources.rounds import bundled_round
from warehouse.frames import OBSERVATION
from warehouse.frameworks.loader import load_framework

SHARED = Path(__file__).parents[4] / "shared" / "data" / "dti" / "results_dti_2020_province.csv"
PILLARS = {"CQS": "cqs_score", "KTS": "kts_score", "XHS": "xhs_score"}


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def expected():
    return rows_of(bundled_round().folder / "expected_dti_2020_province.csv")


@pytest.fixture(scope="module")
def scores():
    found, framework = bundled_round(), load_framework("province_2020")
    ((_, entry),) = found.entries(framework.name)
    (receipt,) = sources()[entry.source].gather(entry, found.folder)
    candidates = standardise(
        sources()[entry.source].read(receipt.content, framework),
        framework=framework,
        round_name=found.round,
        period=found.period,
        source=entry.source,
        snapshot_sha256="0" * 64,
        registry=Registry.bundled(),
        kinds=framework.description.population,
        evidence_needed=True,
    )
    return score(framework, measure(OBSERVATION.conform(candidates), framework))


def test_totals_and_ranks__are_the_published_ones(scores, expected):
    names, at = Registry.bundled(), period_end("2020")
    printed = {
        names.resolve(row["agency"], at).agency_id: (row["share"], int(row["rank"]))
        for row in expected
        if row["node"] == "DTI" and row["share"] and row["rank"]
    }
    totals = scores[scores["node"] == "DTI"]
    found = {
        row.agency: (str(Decimal(repr(round(row.share, 9))).quantize(Decimal("0.0001"), ROUND_HALF_UP)), row.rank)
        for row in totals.itertuples()
    }
    assert len(found) == 9
    assert found == printed


def test_expected__keeps_every_partial_figure_and_the_mean(expected):
    ranks = {row["agency"]: row["rank"] for row in expected if row["node"] == "DTI"}
    assert (ranks["Sóc Trăng"], ranks["TP. Hà Nội"], ranks["Ninh Thuận"]) == ("57", "43", "63")
    (mean,) = (row for row in expected if row["agency"] == "(mean of 63)")
    assert (mean["share"], mean["rank"]) == ("0.3026", "")
    assert all(row["citation"] for row in expected)


def test_figures__each_have_citation_and_address():
    rows = rows_of(bundled_round().folder / "dti_2020_province.csv")
    assert len(rows) == 27
    assert all(row["citation"] and row["url"].startswith("https://") for row in rows)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_file(), reason="the design folder is not beside the checkout")
def test_figures__are_those_that_were_collected():
    collected = {
        (row["agency"], node): float(row[column])
        for row in rows_of(SHARED)
        if row["score"]
        for node, column in PILLARS.items()
        if row[column]
    }
    carried = {
        (row["agency"], row["node"]): float(row["value"])
        for row in rows_of(bundled_round().folder / "dti_2020_province.csv")
    }
    assert carried == collected
