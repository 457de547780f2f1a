import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tasks.evidence.experts.estimates import cells_of, estimate, feedback, statistic_of
from warehouse.frameworks.experts import Estimate

MARKS = [3.0, 5.0, 6.0, 6.0, 9.0, 4.0, 8.0, 7.0]


def rows_of(marks, *, first=None, confidence=None, agency="a", experts=None):
    """Counted ratings of one cell; with `first`, those of the round before too."""
    size = len(marks)
    names = experts or [f"e{number}" for number in range(size)]
    plain = {"expert": names, "agency": agency, "criterion": "X.1"}
    plain["confidence"] = confidence or [1.0] * size
    plain["first"] = list(first or marks)
    last = pd.DataFrame(plain | {"round": 2 if first else 1, "rating": marks, "last_round": True})
    if not first:
        return last
    return pd.concat([pd.DataFrame(plain | {"round": 1, "rating": first, "last_round": False}), last])


def one(rows, declaration):
    return estimate(rows, declaration).iloc[0]


def test_statistic_of__equals_the_textbook_under_equal_weights():
    values, ones = np.array(MARKS), np.ones((1, len(MARKS)))
    assert statistic_of(Estimate(), values, ones)[0] == pytest.approx(np.mean(MARKS))
    assert statistic_of(Estimate(statistic="median"), values, ones)[0] == np.median(MARKS)
    assert statistic_of(Estimate(statistic="median"), values[:7], ones[:, :7])[0] == np.median(MARKS[:7])
    trimmed = statistic_of(Estimate(statistic="trimmed_mean", trim=0.25), values, ones)[0]
    assert trimmed == pytest.approx(stats.trim_mean(MARKS, 0.25))


def test_statistic_of__a_weight_of_two_is_like_rating_twice():
    values, weights = np.array(MARKS), np.array([[1.0, 2, 1, 1, 2, 1, 1, 1]])
    twice = np.repeat(MARKS, weights[0].astype(int))
    for said in (Estimate(), Estimate(statistic="median"), Estimate(statistic="trimmed_mean", trim=0.2)):
        again = statistic_of(said, twice, np.ones((1, len(twice))))
        assert statistic_of(said, values, weights)[0] == pytest.approx(again[0])


def test_estimate__weighs_by_confidence(declare):
    found = one(rows_of([2.0, 8.0, 8.0, 8.0], confidence=[1.0, 0.2, 0.2, 0.2]), declare())
    assert found["estimate"] == pytest.approx((2 + 8 * 0.6) / 1.6)


def test_estimate__the_standard_error_of_a_mean_is_s_over_the_root_of_n(declare):
    found = one(rows_of(MARKS), declare(bootstrap={"replicates": 20_000, "seed": 3}))
    textbook = np.std(MARKS, ddof=1) / len(MARKS) ** 0.5
    assert found["standard_error"] == pytest.approx(textbook, rel=0.02)
    reach = stats.t.ppf(0.975, len(MARKS) - 1) * found["standard_error"]
    assert (found["low"], found["high"]) == pytest.approx((6 - reach, 6 + reach))


def test_estimate__does_not_depend_on_rows_or_pseudonyms(declare):
    parts = [rows_of(MARKS), rows_of([5.0, 6, 7, 9], agency="b", experts=["e3", "e1", "e7", "e0"])]
    rows = pd.concat(parts, ignore_index=True)
    first = estimate(rows, declare())
    shuffled = rows.sample(frac=1, random_state=4)
    renamed = shuffled.assign(expert=shuffled["expert"].map(lambda name: f"x{9 - int(name[1:])}"))
    pd.testing.assert_frame_equal(estimate(renamed, declare()), first, check_exact=True)


def test_estimate__another_seed_gives_other_standard_errors_only(declare):
    first, second = (one(rows_of(MARKS), declare(bootstrap={"seed": seed})) for seed in (1, 2))
    assert first["estimate"] == second["estimate"]
    assert first["standard_error"] != second["standard_error"]
    assert first["standard_error"] == pytest.approx(second["standard_error"], rel=0.1)


@pytest.mark.parametrize(
    "said", [{}, {"statistic": "median"}, {"statistic": "trimmed_mean", "trim": 0.1}], ids=["mean", "median", "trimmed"]
)
def test_estimate__raters_who_all_agree_have_no_standard_error(declare, said):
    found = one(rows_of([7.0] * 6), declare(estimate=said))
    assert (found["estimate"], found["standard_error"], found["iqr"]) == (7.0, 0.0, 0.0)
    assert (found["low"], found["high"]) == (7.0, 7.0)


def test_estimate__one_rater_has_an_undefined_standard_error(declare):
    found = one(rows_of([7.0]), declare())
    assert (found["n"], found["estimate"]) == (1, 7.0)
    assert np.isnan([found["standard_error"], found["low"], found["high"]]).all()


def test_estimate__the_interval_stays_on_the_scale(declare):
    found = one(rows_of([10.0, 10, 10, 10, 6]), declare())
    assert found["high"] == 10.0


def test_estimate__experts_who_follow_one_median_are_not_more_certain(declare):
    """All went the whole way: no spread is left, and the standard error is that of the first round's median."""
    median = float(np.median(MARKS))
    together = one(rows_of([median] * len(MARKS), first=MARKS), declare())
    alone = one(rows_of(MARKS), declare(estimate={"statistic": "median"}))
    assert together["iqr"] == 0.0
    # The median has no correction for few raters, a mean has: here it is applied to the median.
    assert together["standard_error"] == pytest.approx(alone["standard_error"] * (9 / 7) ** 0.5)


def test_feedback__is_the_part_of_the_way_to_the_median():
    median = np.median(MARKS)
    cells, _ = cells_of(rows_of([mark + 0.25 * (median - mark) for mark in MARKS], first=MARKS))
    assert feedback(list(cells.values())) == pytest.approx(0.25)


@pytest.mark.parametrize("last", [MARKS, [mark + (mark - 6) for mark in MARKS]], ids=["nobody moved", "apart"])
def test_feedback__is_nothing_where_nobody_follows(last):
    assert feedback(list(cells_of(rows_of(last, first=MARKS))[0].values())) == 0.0
