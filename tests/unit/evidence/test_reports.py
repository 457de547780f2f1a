"""Which source of a figure counts."""

import dataclasses

import pandas as pd
import pytest

from tasks.evidence.reports import measure, prefer, single
from warehouse.errors import InputError
from warehouse.frames import MEASUREMENT, OBSERVATION
from warehouse.frameworks.model import Description, Framework, Level, Node


def framework(*precedence, tolerance=0.02):
    nodes = (
        Node(code="T", parent="", level="top", aggregation="none"),
        Node(code="C", parent="T", level="leaf", rule="count"),
        Node(code="D", parent="T", level="leaf", rule="count"),
    )
    levels = (Level(level="top", aggregation="none"), Level(level="leaf"))
    description = Description(framework="t", levels=levels, precedence=precedence, tolerance=tolerance)
    return Framework(description, nodes, {}, None, "")


def rows(*cells):
    named = [
        {"agency": agency, "node": node, "source": source, "value": value, "stage": stage, "period": "2020-08"}
        for agency, node, source, value, stage in ((*cell, "self_reported")[:5] for cell in cells)
    ]
    return MEASUREMENT.conform(pd.DataFrame(named))


BOTH = [("x", "C", "agency_report", 100.0), ("x", "C", "monitoring", 90.0)]


@pytest.mark.parametrize(
    ("precedence", "value"), [(("monitoring", "agency_report"), 90.0), (("agency_report", "monitoring"), 100.0)]
)
def test_prefer__two_sources__the_first_named_counts(precedence, value):
    kept, _ = prefer(rows(*BOTH), framework(*precedence))
    assert kept["value"].tolist() == [value]


def test_prefer__the_other_source__is_listed_with_its_difference():
    _, differences = prefer(rows(*BOTH), framework("monitoring", "agency_report"))
    row = differences.iloc[0]
    assert (row["source"], row["value"], row["counted_source"], row["counted_value"]) == (
        "agency_report",
        100.0,
        "monitoring",
        90.0,
    )
    assert row["relative"] == pytest.approx(0.1)
    assert bool(row["exceeds"])


@pytest.mark.parametrize(("reported", "exceeds"), [(90.0, []), (91.0, [False]), (0.0, [True])])
def test_prefer__tolerance__small_differences_do_not_exceed_it(reported, exceeds):
    cells = [("x", "C", "agency_report", reported), ("x", "C", "monitoring", 90.0)]
    _, differences = prefer(rows(*cells), framework("monitoring", "agency_report"))
    assert differences["exceeds"].tolist() == exceeds


def test_prefer__both_say_nothing_was_counted__is_no_difference():
    cells = [("x", "C", "agency_report", 0.0), ("x", "C", "monitoring", 0.0)]
    assert prefer(rows(*cells), framework("monitoring", "agency_report"))[1].empty


def test_prefer__later_stage_of_a_lower_source__does_not_count():
    cells = [("x", "C", "agency_report", 100.0, "final"), ("x", "C", "monitoring", 90.0, "self_reported")]
    kept, _ = prefer(rows(*cells), framework("monitoring", "agency_report"))
    assert kept["value"].tolist() == [90.0]


def test_prefer__one_source_only__counts_whatever_its_place():
    cells = [("x", "C", "agency_report", 1.0), ("x", "D", "monitoring", 2.0), ("y", "C", "monitoring", 3.0)]
    kept, differences = prefer(rows(*cells), framework("monitoring", "agency_report"))
    assert len(kept) == 3
    assert differences.empty


def test_prefer__source_that_is_not_named__stays_and_is_refused_beside_another():
    cells = [*BOTH, ("x", "C", "published", 95.0)]
    kept, _ = prefer(rows(*cells), framework("monitoring", "agency_report"))
    with pytest.raises(InputError, match=r"Several sources \(monitoring, published\) measure C of x in 2020-08"):
        single(kept)


def test_prefer__nothing_measured__nothing_kept():
    kept, differences = prefer(MEASUREMENT.empty(), framework("monitoring"))
    assert kept.empty
    assert differences.empty


def test_measure__two_sources_of_a_cell__both_are_measured():
    observed = pd.DataFrame(
        {"agency": "x", "item": "C", "part": "value", "value": [1.0, 2.0], "source": ["a", "b"], "stage": "final"}
    )
    observed = OBSERVATION.conform(observed.assign(observation_id=["1", "2"], period="2020-08"))
    assert sorted(measure(observed, framework())["value"]) == [1.0, 2.0]


def test_measure__a_printed_figure_or_one_of_a_survey__has_no_known_standard_error():
    said = [("C", "agency_report"), ("C", "published"), ("S", "agency_report"), ("S", "published")]
    observed = pd.DataFrame(said, columns=["item", "source"]).assign(agency="x", part="value", value=1.0, stage="final")
    observed = OBSERVATION.conform(observed.assign(observation_id=["1", "2", "3", "4"], period="2020-08"))
    nodes = (*framework().nodes, Node(code="S", parent="T", level="leaf", rule="likert", evidence="survey"))
    measured = measure(observed, dataclasses.replace(framework(), nodes=nodes))
    errors = measured.set_index(["node", "source"])["standard_error"]
    assert errors["C", "agency_report"] == 0
    assert errors.drop(("C", "agency_report")).isna().all()
