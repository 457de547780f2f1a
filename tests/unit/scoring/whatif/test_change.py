"""What may be supposed, and what a refusal says."""

import numpy as np
import pytest

from tasks.scoring.whatif.change import parse_changes
from warehouse.errors import FrameworkError, InputError


@pytest.fixture(scope="module")
def framework(build):
    header = "code,parent,rule,parameters,unit,aggregation,max_points,evidence"
    return build(
        *(header, "T,,,,,none,,", "S,T,,,,sum,10,", "a,S,ratio,,%,,4,report", "b,S,binary,,,,6,report"),
        *("n,T,count,,,,,report", "m,T,count,,,,,report", "free,T,count,,,,,report"),
        "d,T,ratio,numerator=n; denominator=m,%,,1,derived",
    )


@pytest.mark.parametrize(
    ("text", "node", "value", "points"),
    [("a=85", "a", 85, None), ("a = 85%", "a", 85, None), ("b=points:2.5", "b", None, 2.5), ("S=0.5", "S", 0.5, None)],
)
def test_parse__value_in_the_unit_or_points(framework, text, node, value, points):
    (found,) = parse_changes([text], framework)
    assert found.node == node
    assert (None if np.isnan(found.value) else found.value, None if np.isnan(found.points) else found.points) == (
        value,
        points,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "not of the form NODE=VALUE"),
        ("=3", "not of the form NODE=VALUE"),
        ("a=", "not of the form NODE=VALUE"),
        ("a=101", "a is between 0 and 100 %, so it cannot be 101"),
        ("a=-1", "a is between 0 and 100"),
        ("a=8,5", "'8,5' is not a number"),
        ("a=1_0", "'1_0' is not a number"),
        ("a=nan", "'nan' is not a number"),
        ("a=inf", "'inf' is not a number"),
        ("b=0.5", "b is binary, so it cannot be 0.5"),
        ("b=points:7", "b has 6 points at the most, so it cannot have 7"),
        ("b=points:-1", "so it cannot have -1"),
        ("n=1.5", "n is a count, so it cannot be 1.5"),
        ("T=0.5", "T has no value of its own"),
        ("free=3", "free is counted and shown only"),
    ],
)
def test_parse__impossible__is_refused(framework, text, said):
    with pytest.raises(InputError, match=said.replace(".", r"\.")):
        parse_changes([text], framework)


def test_parse__unknown_node__names_the_nearest(framework):
    with pytest.raises(FrameworkError, match="no node 'aa'") as caught:
        parse_changes(["aa=1"], framework)
    assert "a" in caught.value.hint


def test_parse__count_behind_a_derived_share__may_be_supposed(framework):
    (found,) = parse_changes(["n=3"], framework)
    assert (found.node, found.value) == ("n", 3.0)


@pytest.mark.parametrize(("texts", "said"), [(["a=1", "a=2"], "a is set twice"), (["S=0.5", "a=1"], "a lies below S")])
def test_parse__one_hides_the_other__is_refused(framework, texts, said):
    with pytest.raises(InputError, match=said):
        parse_changes(texts, framework)
