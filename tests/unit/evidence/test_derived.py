"""Shares that follow from counts."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.evidence.derived import derive
from warehouse.frames import MEASUREMENT
from warehouse.frameworks.model import Description, Framework, Level, Node

COUNTS = ("C.a", "C.b", "C.c")


def framework(unit="%"):
    parameters = {"S": {"numerator": "C.a+C.b", "denominator": "C.c"}, "N": {"numerator": "C.a"}}
    nodes = (
        Node(code="T", parent="", level="top", aggregation="none"),
        *(Node(code=code, parent="T", level="leaf", evidence="report", rule="count") for code in COUNTS),
        *(
            Node(code=code, parent="T", level="leaf", evidence="derived", rule="ratio", unit=unit, parameters=given)
            for code, given in parameters.items()
        ),
    )
    levels = (Level(level="top", aggregation="none"), Level(level="leaf"))
    return Framework(Description(framework="t", levels=levels, tolerance=0.01), nodes, {}, None, "")


def measured(**values):
    """Nodes to their value, or to stage and value; a `.` of a code is written `_`."""
    rows = []
    for name, value in values.items():
        code, stages = name.replace("_", "."), value if isinstance(value, dict) else {"final": value}
        rows += [
            {
                "framework": "t",
                "round": "r",
                "period": "2020-08",
                "agency": "x",
                "node": code,
                "stage": stage,
                "value": figure,
                "source": "agency_report",
                "observation_ids": json.dumps([f"{code} {stage}"]),
            }
            for stage, figure in stages.items()
        ]
    return MEASUREMENT.conform(pd.DataFrame(rows))


def share(**values):
    found = derive(measured(**values), framework()).measurements.set_index("node")
    return found.loc["S"]


def test_derive__counts__their_quotient_with_everything_behind_it():
    row = share(C_a=20, C_b=10, C_c=120)
    assert (row["value"], row["standard_error"], row["method"], row["source"]) == (25, 0, "derived:ratio", "derived")
    assert (row["framework"], row["round"], row["period"], row["agency"]) == ("t", "r", "2020-08", "x")
    assert json.loads(row["observation_ids"]) == ["C.a final", "C.b final", "C.c final"]
    assert json.loads(row["detail"]) == {"numerator": 30, "denominator": 120}


def test_derive__no_denominator__a_hundred_times_the_numerator():
    assert derive(measured(C_a=1), framework()).measurements.set_index("node").at["N", "value"] == 100


def test_derive__share_that_is_no_percentage__a_plain_quotient():
    found = derive(measured(C_a=1, C_b=1, C_c=4), framework(unit="")).measurements.set_index("node")
    assert found.at["S", "value"] == 0.5


def test_derive__several_stages__the_last_of_each_count_and_the_earliest_of_all():
    row = share(C_a={"self_reported": 9, "final": 1}, C_b=1, C_c={"self_reported": 4})
    assert (row["value"], row["stage"]) == (50, "self_reported")
    assert json.loads(row["observation_ids"]) == ["C.a final", "C.b final", "C.c self_reported"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"C_a": 1, "C_b": 1}, "C.c did not come"),
        ({"C_c": 1}, "C.a, C.b did not come"),
        ({"C_a": 1, "C_b": 1, "C_c": 0}, "C.c is 0"),
        ({"C_a": 0, "C_b": 0, "C_c": 0}, "C.c is 0"),
        ({"C_a": 3, "C_b": 1, "C_c": 3}, "133.333 % is not between 0 and 100"),
    ],
)
def test_derive__cannot_be_computed__no_measurement_and_the_reason(values, reason):
    found = derive(measured(**values), framework())
    assert "S" not in set(found.measurements["node"])
    assert found.skipped.loc[found.skipped["node"] == "S", "reason"].tolist() == [reason]


def test_derive__nothing_of_it_came__says_nothing():
    found = derive(measured(S=10), framework())
    assert found.measurements.empty
    assert found.skipped.empty
    assert found.differences.empty


@pytest.mark.parametrize(("printed", "exceeds"), [(24.99, [False]), (30.0, [True]), (25.0, [])])
def test_derive__share_was_given_too__it_counts_and_the_counts_are_compared(printed, exceeds):
    found = derive(measured(S=printed, C_a=20, C_b=10, C_c=120), framework())
    assert "S" not in set(found.measurements["node"])
    assert found.differences["exceeds"].tolist() == exceeds
    assert found.differences["counted_value"].tolist() == [printed] * len(exceeds)


def test_derive__framework_without_derived_leaves__nothing():
    tree = framework()
    plain = Framework(tree.description, tree.nodes[:4], {}, None, "")
    assert derive(measured(C_a=1), plain).measurements.equals(MEASUREMENT.empty())


COUNT = st.integers(0, 10**9)


@given(COUNT, COUNT, st.integers(0, 100))
def test_derive__share_that_reaches_a_whole_percentage_exactly__is_not_below_it(a, b, percent):
    """`(a + b) / total >= target` holds for the computed share whenever it holds for the counts."""
    total = max(a + b, 1)
    found = derive(measured(C_a=a, C_b=b, C_c=total * 2), framework()).measurements.set_index("node")
    assert (found.at["S", "value"] >= percent) == (100 * (a + b) >= percent * total * 2)


@given(COUNT, COUNT, COUNT, st.integers(1, 1000))
def test_derive__share__does_not_depend_on_the_unit_that_is_counted_in(a, b, rest, factor):
    total = a + b + rest or 1
    found = [
        derive(measured(C_a=a * times, C_b=b * times, C_c=total * times), framework()).measurements
        for times in (1, factor)
    ]
    values = [rows.set_index("node").at["S", "value"] for rows in found]
    assert values[0] == pytest.approx(values[1], rel=1e-12)
    assert 0 <= values[0] <= 100
