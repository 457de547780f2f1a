"""What `dti whatif --best` says that each criterion would reach."""

import pytest

from flows.cli.supposed import _aim


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
