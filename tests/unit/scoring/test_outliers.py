"""Outliers: when a column has them, and what is done about it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.arrays import Panels
from tasks.scoring.engine import evaluated, score
from tasks.scoring.outliers import LOG, NO_TREATMENT, WINSORISE, WINSORISE_LOG, Limits, moments, treat

# The example of COINr's documentation of winsorise(): ten numbers and two far out.
EXAMPLE = [*range(1, 11), 30, 100]


def limits(method, points=5, both=False, skewness=2.0, kurtosis=3.5):
    return Limits(*(np.array([one]) for one in (method, skewness, kurtosis, points, both)))


def treated(values, method=WINSORISE, panels=None, counted=None, **more):
    column = np.array([values], dtype=float)
    seen = ~np.isnan(column) if counted is None else np.array([counted])
    return treat(column, seen, panels or Panels.by(np.zeros(len(values), dtype=int)), limits(method, **more))


def test_winsorise__the_published_example():
    found = treated(EXAMPLE)
    assert found.values[0].tolist() == [*range(1, 11), 30, 30]
    assert found.is_moved[0].tolist() == [False] * 11 + [True]
    assert found.passes.all()


def test_moments__are_those_of_excel():
    # SKEW and KURT of the help pages of Microsoft Excel: 0.359543 and -0.151799637 for this sample.
    sample = np.array([[3.0, 4, 5, 2, 3, 4, 5, 6, 4, 7]])
    skewness, kurtosis = moments(sample)
    assert skewness[0] == pytest.approx(0.359543, abs=1e-6)
    assert kurtosis[0] == pytest.approx(-0.151799637, abs=1e-9)


def test_winsorise__a_low_tail_is_moved_up():
    assert treated([-value for value in EXAMPLE]).values[0].tolist() == [-value for value in [*range(1, 11), 30, 30]]


def test_winsorise__moves_no_more_points_than_allowed():
    values = [*range(1, 41), 1000, 2000, 4000]
    found = treated(values, points=1)
    assert found.values[0, -3:].tolist() == [1000, 2000, 2000]
    assert not found.passes.any()


def test_winsorise__points_that_tie_are_moved_together_or_not_at_all():
    values = [*range(1, 41), 5000, 5000]
    assert treated(values, points=1).values[0].tolist() == values
    assert treated(values, points=2).values[0, -2:].tolist() == [40, 40]


def test_winsorise__until_both_limits_are_kept():
    values = [*range(1, 11), 25, 40]
    assert treated(values, kurtosis=1.0, skewness=2.5).values[0].tolist() == values  # the skewness, 2.1, passes
    assert treated(values, kurtosis=1.0, skewness=2.5, both=True).values[0, -1] < 40


def test_log__of_the_distance_from_the_lowest():
    found = treated([0.0, *[1.0] * 20, 100.0], LOG)
    assert found.values[0, [0, 1, -1]] == pytest.approx(np.log([1.0, 2.0, 101.0]))
    assert found.is_logged.all()
    assert not found.is_moved.any()


def test_log__a_low_tail_is_turned_round():
    upwards = treated([0.0, *[1.0] * 20, 100.0], LOG).values[0]
    assert treated([0.0, *[-1.0] * 20, -100.0], LOG).values[0] == pytest.approx(-upwards)


def test_winsorise_log__the_log_is_of_the_values_as_they_were():
    values = [*range(1, 41), 1000, 2000, 4000]
    found = treated(values, WINSORISE_LOG, points=1)
    assert found.is_logged.all()
    assert found.values[0].tolist() == treated(values, LOG).values[0].tolist()


def test_winsorise_log__no_log_where_moving_is_enough():
    assert treated(EXAMPLE, WINSORISE_LOG).values[0].tolist() == [*range(1, 11), 30, 30]


@pytest.mark.parametrize("values", [[5.0] * 12, [1.0, 2.0, 500.0], [np.nan] * 6], ids=["flat", "few", "missing"])
def test_treat__nothing_to_treat(values):
    found = treated(values, WINSORISE_LOG)
    np.testing.assert_array_equal(found.values[0], values)
    assert found.passes.all()


def test_treat__none_is_left_alone():
    assert treated(EXAMPLE, NO_TREATMENT).values[0].tolist() == EXAMPLE


def test_treat__periods_for_themselves():
    values = [*EXAMPLE, *range(1, 13)]
    found = treated(values, panels=Panels.by(np.repeat([0, 1], 12)))
    assert found.values[0, 11] == 30
    assert found.values[0, 12:].tolist() == values[12:]


def test_treat__imputed_values_do_not_decide():
    found = treated([*range(1, 11), 100], counted=[True] * 10 + [False])
    assert found.values[0].tolist() == [*range(1, 11), 100]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.sampled_from([WINSORISE, LOG, WINSORISE_LOG]))
@settings(max_examples=60, deadline=None)
def test_treat__keeps_the_order_of_the_units(values, method):
    found = treated(values, method).values[0]
    assert (np.diff(found[np.argsort(values, kind="stable")]) >= -1e-9).all()


@given(st.lists(st.floats(-1e3, 1e3), min_size=8, max_size=20), st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_treat__a_draw_is_treated_the_same_alone(values, draws):
    column = np.array(values)[None, :, None] * np.linspace(1, 3, draws) ** np.arange(len(values))[None, :, None]
    panels, counted = Panels.by(np.zeros(len(values), dtype=int)), np.ones((1, len(values)), dtype=bool)
    together = treat(column, counted, panels, limits(WINSORISE_LOG)).values
    for draw in range(draws):
        alone = treat(column[:, :, draw : draw + 1], counted, panels, limits(WINSORISE_LOG)).values
        np.testing.assert_array_equal(together[:, :, draw : draw + 1], alone)


@pytest.fixture
def far_out(build, measured):
    def compute(parameters, rule="minmax", **description):
        framework = build("code,parent,rule,parameters", "T,,,", f"a,T,{rule},{parameters}", **description)
        return framework, measured({f"U{place:02}": {"a": float(value)} for place, value in enumerate(EXAMPLE)})

    return compute


def test_score__outliers_are_moved_before_the_rule_and_the_value_stays(far_out, column):
    scores = score(*far_out("outliers=winsorise"))
    assert column(scores, "a", "share")["U11"] == 1.0
    assert column(scores, "a", "share")["U10"] == 1.0
    assert column(scores, "a", "share")["U09"] == pytest.approx(9 / 29)
    assert column(scores, "a", "value")["U11"] == 100.0
    assert column(scores, "a", "status")["U11"] == "measured"


def test_score__outliers_of_all_comparing_leaves(far_out, column):
    scores = score(*far_out("", outliers="winsorise_log"))
    assert column(scores, "a", "share")["U10"] == 1.0
    untouched = score(*far_out("outliers=none", outliers="winsorise_log"))
    assert column(untouched, "a", "share")["U10"] == pytest.approx(29 / 99)


def test_account__names_each_value_that_was_moved(far_out):
    found = evaluated(*far_out("outliers=winsorise")).account()
    entry = found["outliers"][0]
    assert found.keys() == {"outliers"}
    assert entry["moved"] == [{"period": "2020", "agency": "U11", "from": 100.0, "to": 30.0}]
    assert (entry["node"], entry["method"], entry["passes"]) == ("a", "winsorise", True)
    assert entry["skewness"][0] > 2 > entry["skewness"][1]


def test_account__of_a_transformed_column_is_in_the_unit_of_the_node(build, measured):
    framework = build("code,parent,rule,parameters", "T,,,", "a,T,minmax,transform=log10; outliers=winsorise")
    values = {f"U{place:02}": {"a": 10.0**value} for place, value in enumerate(EXAMPLE)}
    moved = evaluated(framework, measured(values)).account()["outliers"][0]["moved"]
    assert [(one["agency"], one["from"]) for one in moved] == [("U11", 1e100)]
    assert moved[0]["to"] == pytest.approx(1e30)


def test_account__is_empty_where_nothing_was_done(far_out):
    assert evaluated(*far_out("")).account() == {}


def test_moments__of_a_column_that_only_rounding_moves__are_none():
    noise = np.array([[0.0, 1e-16, 1e-16, 1e-16, 9e-16]])
    assert not np.isnan(moments(noise)).any()  # of values as small as these they would be true
    assert np.isnan(moments(noise, least=1e-12)).all()
