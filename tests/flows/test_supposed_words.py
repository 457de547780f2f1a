"""What `dti whatif --best` says that each criterion would reach, and why none would lift an agency."""

import pytest

from flows.cli.supposed import _aim, _why_none
from tasks.scoring.whatif.best import Unmoved


@pytest.mark.parametrize(
    ("to", "by_value", "said"),
    [
        ("100%", 0, "100%"),
        ("best", 0, "the best of all agencies"),
        ("100%", 2, "the best value that an agency has"),
        ("median", 2, "the median value of all agencies"),
        ("100%", 1, "100%, or where a rule compares agencies at the best value that an agency has"),
    ],
)
def test_aim__of_two_criteria__a_value_where_a_rule_compares_agencies(to, by_value, said):
    assert _aim(to, by_value, 2) == said


@pytest.mark.parametrize(
    ("to", "found", "said"),
    [
        ("100%", Unmoved(3, 0, 0), "each is already at 100%."),
        ("100%", Unmoved(3, 3, 0), "each is already at the best value that an agency has."),
        (
            "100%",
            Unmoved(3, 1, 0),
            "each is already at 100%, or where a rule compares agencies at the best value that an agency has.",
        ),
        ("60%", Unmoved(3, 0, 0), "each is already at 60% or better."),
        ("median", Unmoved(3, 3, 0), "each is already at the median value of all agencies or better."),
        ("100%", Unmoved(1, 0, 2), "1 is already at 100%, and none of the other 2 raises its share alone."),
        ("100%", Unmoved(2, 0, 1), "2 are already at 100%, and the other one does not raise its share alone."),
        ("best", Unmoved(0, 0, 2), "raised alone, none raises its share."),
        ("best", Unmoved(0, 0, 0), "none has points and a figure to reach."),
    ],
)
def test_why_none__says_what_is_true_of_the_rules(to, found, said):
    assert _why_none(found, to) == f"No criterion would lift it: {said}"
