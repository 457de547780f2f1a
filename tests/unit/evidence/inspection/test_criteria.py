"""From checks to criteria, and claims set against what portals show."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tasks.evidence.inspection.claims import doubted
from tasks.evidence.inspection.criteria import measure, prevail, state_of
from warehouse.frames import CHECK, MEASUREMENT
from warehouse.frameworks.inspection import Criterion, InspectionDeclaration, Item
from warehouse.frameworks.model import Description, Framework, Level, Node

SCOPE = {"framework": "tiny", "round": "r", "period": "2020"}
RULES = {
    "L": ("checklist", "mục", {"items": 3.0}),
    "B": ("binary", "có/không", {}),
    "R": ("ratio", "%", {}),
    "T": ("tier", "mức", {"tiers": ((0.0, 0.0), (2.0, 1.0))}),
}
ABC = ("section_contact", "section_news", "section_leaders")


@pytest.fixture(scope="module")
def framework():
    leaves = [
        Node(code, "DTI", "criterion", code, evidence="inspection", rule=rule, unit=unit, parameters=parameters)
        for code, (rule, unit, parameters) in RULES.items()
    ]
    leaves.append(Node("S", "DTI", "criterion", "S", evidence="report", rule="ratio", unit="%"))
    levels = (Level(level="index"), Level(level="criterion"))
    return Framework(
        Description(framework="tiny", levels=levels), (Node("DTI", "", "index"), *leaves), {}, Path("none"), ""
    )


@pytest.fixture
def declared():
    items = tuple(Item(all=(code,)) for code in ABC)
    return InspectionDeclaration(
        framework="tiny",
        criteria={code: Criterion(items=items[:1] if code == "B" else items) for code in RULES},
        claims=[{"criterion": "S", "check": "catalogue_level_4_share", "tolerance": 2}],
    )


def checks(values=None, **outcomes):
    rows = [
        {**SCOPE, "agency": "a", "check": code, "outcome": outcome, "value": (values or {}).get(code)}
        | {"snapshot_sha256": f"{number:064x}", "locator": "/html"}
        for number, (code, outcome) in enumerate(outcomes.items())
    ]
    return CHECK.conform(pd.DataFrame(rows))


def cell(rows, node):
    (one,) = rows[rows["node"] == node].to_dict("records")
    return one


def test_measure__everything_checked__counts_fulfilled_items_as_the_rule_expects(framework, declared):
    rows = measure(checks(section_contact="pass", section_news="pass", section_leaders="fail"), framework, declared)
    assert {row.node: row.value for row in rows.itertuples()} == {
        "L": 2.0,
        "B": 1.0,
        "R": pytest.approx(200 / 3),
        "T": 2.0,
    }
    one = cell(rows, "L")
    assert (one["stage"], one["method"], one["source"], one["n"]) == ("final", "inspection:checklist", "inspection", 3)
    assert json.loads(one["snapshots"]) == [f"{number:064x}" for number in range(3)]
    assert json.loads(one["detail"]) == {
        "items": 3,
        "items_fulfilled": 2,
        "items_unchecked": [],
        "lower_bound": False,
        "passed": ["section_contact", "section_news"],
        "failed": ["section_leaders"],
        "unchecked": [],
    }


def test_measure__some_unchecked__is_a_lower_bound_and_says_so(framework, declared):
    found = checks(section_contact="pass", section_news="unchecked", section_leaders="fail")
    one = cell(measure(found, framework, declared), "R")
    assert (one["value"], one["n"]) == (pytest.approx(100 / 3), 2)
    detail = json.loads(one["detail"])
    assert (detail["lower_bound"], detail["items_unchecked"]) == (True, [2])


def test_measure__nothing_checked__is_no_measurement(framework, declared):
    found = checks(section_contact="unchecked", section_news="unchecked", section_leaders="unchecked")
    assert measure(found, framework, declared).empty


@pytest.mark.parametrize(
    ("item", "states", "expected"),
    [
        ({"all": ("x", "y")}, "pp", "pass"),
        ({"all": ("x", "y")}, "uf", "fail"),
        ({"all": ("x", "y")}, "up", "unchecked"),
        ({"any": ("x", "y")}, "up", "pass"),
        ({"any": ("x", "y")}, "uf", "unchecked"),
        ({"any": ("x", "y")}, "ff", "fail"),
        ({"any": ("x", "y")}, "f", "unchecked"),  # y was not looked at
        ({"unseen": "why"}, "", "unchecked"),
    ],
)
def test_state_of__what_is_open_stays_open_only_where_it_matters(item, states, expected):
    words = {"p": "pass", "f": "fail", "u": "unchecked"}
    rows = {name: {"outcome": words[state]} for name, state in zip("xy", states, strict=False)}
    assert state_of(Item(**item), rows) == expected


def measured(node, stage, value, agency="a", source="agency_report"):
    row = {**SCOPE, "agency": agency, "node": node, "stage": stage, "value": value, "source": source}
    return MEASUREMENT.conform(pd.DataFrame([row | {"method": source, "detail": ""}]))


def test_prevail__the_inspection_counts_and_what_was_reported_stays(framework, declared):
    inspected = measure(
        checks(section_contact="fail", section_news="fail", section_leaders="fail"), framework, declared
    )
    others = [measured("B", "self_reported", 1.0), measured("B", "final", 1.0), measured("S", "final", 9.0)]
    rows = prevail(pd.concat(others), inspected, framework)
    of_b = rows[rows["node"] == "B"].set_index("stage")["source"].to_dict()
    assert of_b == {"self_reported": "agency_report", "final": "inspection"}
    assert cell(rows, "S")["value"] == 9.0


def test_prevail__without_an_inspection_of_the_agency__the_other_figure_counts(framework):
    rows = prevail(measured("B", "final", 1.0), MEASUREMENT.empty(), framework)
    assert cell(rows, "B")["source"] == "agency_report"


def test_doubted__only_what_the_portal_cannot_hold_even_with_everything_open(framework, declared):
    found = checks(section_contact="pass", section_news="unchecked", section_leaders="fail")
    inspected = measure(found, framework, declared)
    assert doubted(measured("L", "self_reported", 2.0), inspected, found, declared).empty
    (one,) = doubted(measured("L", "self_reported", 3.0), inspected, found, declared).to_dict("records")
    assert (one["claimed"], one["seen"], one["difference"]) == (3.0, 1.0, 2.0)
    assert (one["check"], one["snapshot_sha256"], one["locator"]) == ("section_leaders", f"{2:064x}", "/html")
    assert len(doubted(measured("R", "self_reported", 67.0), inspected, found, declared)) == 1
    assert doubted(measured("R", "self_reported", 66.0), inspected, found, declared).empty


@pytest.mark.parametrize(("items", "fulfilled"), [(9, 3), (9, 6), (12, 11)])
def test_doubted__a_claim_of_all_that_may_be_there__is_never_doubted_by_rounding(declared, items, fulfilled):
    open_items = list(range(fulfilled + 1, items + 1))
    detail = json.dumps({"items": items, "items_unchecked": open_items, "failed": []})
    seen = {
        "agency": "a",
        "node": "1",
        "value": fulfilled / items * 100,
        "method": "inspection:ratio",
        "detail": detail,
    }
    said = pd.DataFrame([{"agency": "a", "node": "1", "stage": "self_reported", "value": 100.0}])
    assert doubted(said, pd.DataFrame([seen]), CHECK.empty(), declared).empty


@pytest.mark.parametrize(
    ("outcome", "value", "claim", "count"),
    [
        ("pass", 20.0, 22.0, 0),
        ("pass", 20.0, 22.1, 1),
        ("fail", 0.0, 30.0, 1),
        ("unchecked", None, 30.0, 0),
        ("fail", None, 30.0, 0),
    ],
)
def test_doubted__declared_claim__beyond_its_tolerance(declared, outcome, value, claim, count):
    found = checks({"catalogue_level_4_share": value}, catalogue_level_4_share=outcome)
    claims = doubted(measured("S", "self_reported", claim), MEASUREMENT.empty(), found, declared)
    assert len(claims) == count
