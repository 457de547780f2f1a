import pandas as pd
import pytest

from tasks.scoring.claims import claims, total
from tasks.scoring.engine import score
from warehouse.errors import InputError

ROWS = ("code,parent,rule,parameters,aggregation,max_points", "T,,,,sum,5", "a,T,linear,target=10,,2", "b,T,binary,,,3")


def measurements(*rows):
    return pd.DataFrame(rows, columns=["agency", "node", "stage", "value", "points"])


APPRAISED = measurements(
    ("x", "a", "self_reported", 10.0, None),
    ("x", "a", "final", 5.0, None),
    ("x", "b", "self_reported", 1.0, None),
    ("x", "b", "final", None, 0.5),
    ("y", "a", "self_reported", 5.0, None),
    ("y", "a", "final", 10.0, None),
)


def test_points__given_outright__go_before_the_rule(build, column):
    scores = score(build(*ROWS), APPRAISED)
    assert column(scores, "b", "points", "") == {"x": 0.5, "y": 0.0}
    assert column(scores, "b", "status", "") == {"x": "appraised", "y": "missing_zero"}
    assert column(scores, "T", "points", "") == {"x": 1.5, "y": 2.0}


def test_points__at_an_inner_node__cover_what_is_below(build, column):
    scores = score(build(*ROWS), measurements(("x", "T", "final", None, 4.0)))
    assert column(scores, "T", "points", "") == {"x": 4.0}
    assert set(scores["node"]) == {"T"}


@pytest.mark.parametrize("points", [-0.5, 3.5])
def test_points__outside_of_what_the_node_has__are_refused(build, points):
    with pytest.raises(InputError, match="b has 3 points at the most"):
        score(build(*ROWS), measurements(("x", "b", "final", None, points)))


def test_points__do_not_move_who_is_compared_with_whom(build, column):
    tree = build("code,parent,rule,aggregation,max_points", "T,,,sum,1", "a,T,minmax,,1")
    rows = [("x", "a", "final", 1.0, None), ("y", "a", "final", 3.0, None), ("z", "a", "final", None, 0.25)]
    assert column(score(tree, measurements(*rows)), "a", "share", "") == {"x": 0.0, "y": 1.0, "z": 0.25}


def test_claims__points_claimed_and_granted(build):
    found = claims(build(*ROWS), APPRAISED).set_index(["agency", "node"])["excess"].to_dict()
    assert found == {("x", "a"): 1.0, ("x", "b"): 2.5, ("y", "a"): -1.0}


def test_claims__not_appraised__none(build):
    assert claims(build(*ROWS), APPRAISED[APPRAISED["stage"] == "self_reported"]).empty


def test_total__by_agency__largest_excess_first(build):
    found = total(claims(build(*ROWS), APPRAISED), "agency")
    assert found[["agency", "figures", "lowered", "raised", "excess"]].to_numpy().tolist() == [
        ["x", 2, 2, 0, 3.5],
        ["y", 1, 0, 1, -1.0],
    ]
