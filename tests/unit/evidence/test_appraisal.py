"""What the council decides, and what counts in the end."""

import json

import numpy as np
import pandas as pd
import pytest

from tasks.evidence.appraisal import settle
from tasks.evidence.reports import measure
from warehouse.frames import OBSERVATION
from warehouse.frameworks.model import Description, Framework, Level, Node


def framework(undecided="self_reported"):
    nodes = (
        Node(code="T", parent="", level="index", aggregation="sum"),
        *(Node(code=code, parent="T", level="criterion", rule="linear", unit="%", max_points=2.0) for code in "abcde"),
    )
    levels = (Level(level="index"), Level(level="criterion"))
    return Framework(Description(framework="t", levels=levels, undecided=undecided), nodes, {}, None, "")


def observations(*rows):
    named = [
        {
            "observation_id": f"{number:032x}",
            "framework": "t",
            "round": "r",
            "period": "2020",
            "agency": "x",
            "item": item,
            "part": part,
            "stage": stage,
            "source": "agency_report" if stage == "self_reported" else "appraisal",
            "value": value,
        }
        for number, (item, part, stage, value) in enumerate(rows)
    ]
    return OBSERVATION.conform(pd.DataFrame(named))


REPORTED = [(code, "value", "self_reported", 90.0) for code in "abcd"]
DECIDED = [
    ("a", "upheld", "appraised", 1.0),
    ("b", "upheld", "appraised", 0.0),
    ("c", "points", "appraised", 0.5),
]


def stages(tree, *rows):
    observed = observations(*rows)
    settled = settle(measure(observed, tree), observed, tree)
    return settled.set_index(["stage", "node"]).sort_index()


def test_settle__no_decision__the_round_is_not_appraised():
    assert set(stages(framework(), *REPORTED).index.get_level_values("stage")) == {"self_reported"}


@pytest.mark.parametrize(
    ("node", "value", "points", "method"),
    [
        ("a", 90.0, np.nan, "appraisal:upheld"),
        ("b", np.nan, 0.0, "appraisal:rejected"),
        ("c", np.nan, 0.5, "appraisal:points"),
        ("d", 90.0, np.nan, "agency_report:value"),
    ],
)
def test_settle__final__is_the_appraised_figure_or_the_reported_one(node, value, points, method):
    final = stages(framework(), *REPORTED, *DECIDED).loc[("final", node)]
    np.testing.assert_array_equal(final[["value", "points"]].astype(float), [value, points])
    assert final["method"] == method


def test_settle__undecided_is_zero__where_the_framework_says_so():
    final = stages(framework("zero"), *REPORTED, *DECIDED).loc[("final", "d")]
    assert (final["points"], final["method"]) == (0.0, "appraisal:undecided")


def test_settle__every_stage_stays():
    found = stages(framework(), *REPORTED, *DECIDED)
    assert found.loc["self_reported"].index.tolist() == list("abcd")
    assert found.loc["appraised"].index.tolist() == list("abc")
    assert found.loc["final"].index.tolist() == list("abcd")


def test_settle__upheld__names_the_figure_and_the_decision():
    ids = json.loads(stages(framework(), *REPORTED, *DECIDED).loc[("final", "a"), "observation_ids"])
    assert ids == [f"{0:032x}", f"{4:032x}"]


def test_settle__a_decision_on_what_was_never_reported():
    found = stages(framework(), *REPORTED, ("e", "upheld", "appraised", 1.0), ("e", "value", "appraised", 40.0))
    assert found.loc[("final", "e"), "value"] == 40.0
    found = stages(framework(), *REPORTED, *DECIDED, ("e", "upheld", "appraised", 1.0))
    assert ("final", "e") not in found.index


def test_settle__a_superseded_decision__has_no_part_in_it():
    observed = observations(*REPORTED, *DECIDED)
    observed.loc[observed["item"] == "b", "superseded_by"] = "f" * 64
    tree = framework()
    settled = settle(measure(observed, tree), observed, tree)
    assert "b" not in set(settled["node"])
