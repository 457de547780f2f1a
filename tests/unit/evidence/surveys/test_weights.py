import pandas as pd
import pytest

from tasks.evidence.surveys.weights import fit_weights


def rows(*cells, weight=1.0):
    frame = pd.DataFrame(cells, columns=["agency", "stratum", "margin:sex"])
    return frame.assign(weight=weight)


POPULATION = pd.DataFrame(
    [("a", "x", 60.0), ("a", "y", 40.0), ("b", "x", 10.0)], columns=["agency", "stratum", "units"]
)
MARGINS = pd.DataFrame(
    [("a", "sex", "m", 50.0), ("a", "sex", "f", 50.0), ("b", "sex", "m", 4.0), ("b", "sex", "f", 6.0)],
    columns=["agency", "margin", "category", "units"],
)
SAMPLE = [("a", "x", "m"), ("a", "x", "m"), ("a", "y", "f"), ("a", "x", "f"), ("b", "x", "m"), ("b", "x", "m")]


def test_fit_weights__keeps_base_weights_where_nothing_is_known(make_survey):
    weights, report = fit_weights(rows(*SAMPLE, weight=7.0), make_survey(), POPULATION.iloc[:0], MARGINS)
    assert weights.to_list() == [7.0] * 6
    assert report.weighting_effect == 1.0


def test_fit_weights__fits_the_strata(make_survey):
    weights, _ = fit_weights(rows(*SAMPLE), make_survey(), POPULATION, MARGINS)
    assert weights.to_list() == pytest.approx([20, 20, 40, 20, 5, 5])


def test_fit_weights__lets_the_other_strata_stand_for_an_empty_one(make_survey):
    weights, report = fit_weights(rows(("a", "x", "m"), ("a", "x", "f")), make_survey(), POPULATION, MARGINS)
    assert weights.to_list() == pytest.approx([50, 50])
    assert report.empty_strata == ("a: y",)


def test_fit_weights__rakes_within_each_agency(make_survey):
    weights, report = fit_weights(rows(*SAMPLE), make_survey(rake=["sex"]), POPULATION, MARGINS)
    sums = weights.groupby([pd.Series([cell[0] + cell[2] for cell in SAMPLE])]).sum()
    assert sums["am"] == pytest.approx(50)
    assert sums["af"] == pytest.approx(50)
    assert report.misfit < 1e-6


def test_fit_weights__leaves_a_margin_out_where_a_category_has_no_respondent(make_survey):
    weights, report = fit_weights(rows(*SAMPLE), make_survey(rake=["sex"]), POPULATION, MARGINS)
    assert report.margins_left_out == ("b: sex",)
    assert weights[4:].to_list() == pytest.approx([5, 5])


def test_fit_weights__lets_who_did_not_say_keep_their_share(make_survey):
    cells = [("a", "x", "m"), ("a", "x", "f"), ("a", "y", "m"), ("a", "y", "")]
    weights, _ = fit_weights(rows(*cells), make_survey(rake=["sex"]), POPULATION, MARGINS)
    assert weights[3] == pytest.approx(20)
    assert weights.sum() == pytest.approx(100)
    assert weights[1] == pytest.approx(40)


def test_fit_weights__trims_to_multiples_of_the_median(make_survey):
    survey = make_survey(trimming={"lower": 0.5, "upper": 2}, poststratify=False)
    base = rows(*SAMPLE[:4]).assign(weight=[1.0, 1.0, 1.0, 9.0])
    weights, report = fit_weights(base, survey, POPULATION, MARGINS)
    assert weights.to_list() == pytest.approx([2.4, 2.4, 2.4, 4.8])
    assert report.trimmed == 1
