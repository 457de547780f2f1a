"""Imputation within the ranking group and along the agency's own course."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.scoring.engine import score
from tasks.scoring.imputation import interpolate
from tasks.scoring.inputs import Cells

HEADER = "code,parent,rule,parameters,missing"
GROUPS = {"A": "big", "B": "big", "C": "big", "D": "small", "E": "small", "F": "small"}


def leaf(impute):
    return ("T,,,,", f"a,T,published,impute={impute},impute", "b,T,published,,")


@pytest.fixture
def groups(build, measured, column):
    def compute(impute, values, groups=GROUPS):
        framework = build(HEADER, *leaf(impute))
        cells = {agency: {"b": 1.0} | ({} if value is None else {"a": value}) for agency, value in values.items()}
        scores = score(framework, measured(cells), groups=groups)
        return column(scores, "a", "value"), column(scores, "a", "status")

    return compute


def test_impute__median_of_the_ranking_group(groups):
    values, status = groups("group_median", {"A": 0.1, "B": 0.2, "C": None, "D": 0.8, "E": 0.6, "F": None})
    assert (values["C"], values["F"]) == (pytest.approx(0.15), pytest.approx(0.7))
    assert (status["A"], status["C"]) == ("published", "imputed")


def test_impute__mean_of_the_ranking_group(groups):
    values, _ = groups("group_mean", {"A": 0.1, "B": 0.4, "C": None, "D": 0.9, "E": None, "F": None})
    assert (values["C"], values["E"]) == (pytest.approx(0.25), 0.9)


def test_impute__a_group_without_figures_takes_those_of_all(groups):
    values, _ = groups("group_median", {"A": 0.1, "B": 0.2, "C": 0.9, "D": None, "E": None})
    assert values["D"] == 0.2


def test_impute__who_is_in_no_group_takes_the_figure_of_all(groups):
    values, _ = groups("group_mean", {"A": 0.1, "B": 0.3, "X": None}, {"A": "big", "B": "small"})
    assert values["X"] == pytest.approx(0.2)


def test_impute__nobody_has_a_figure(groups):
    _, status = groups("group_median", {"A": None, "B": None})
    assert set(status.values()) == {"missing_zero"}


@pytest.fixture
def course(build, measured, column):
    """Values of one leaf of agency A along periods; the others measure in every period."""

    def compute(values):
        framework = build(HEADER, *leaf("interpolate"))
        rows = [
            measured({"A": {"b": 1.0} | ({} if value is None else {"a": value}), "B": {"a": 0.5, "b": 0.5}}, period)
            for period, value in values.items()
        ]
        scores = score(framework, pd.concat(rows, ignore_index=True))
        return {period: column(scores, "a", "value", period)["A"] for period in values}

    return compute


def test_interpolate__on_the_straight_line_between_two_years(course):
    assert course({"2018": 0.2, "2019": None, "2020": None, "2021": 0.8}) == pytest.approx(
        {"2018": 0.2, "2019": 0.4, "2020": 0.6, "2021": 0.8}
    )


def test_interpolate__by_the_months_that_lie_between(course):
    found = course({"2020-01": 0.1, "2020-02": None, "2020-05": 0.5})
    assert found["2020-02"] == pytest.approx(0.2)


def test_interpolate__before_the_first_and_after_the_last_the_nearest(course):
    assert course({"2018": None, "2019": 0.3, "2020": 0.4, "2021": None}) == {
        "2018": 0.3,
        "2019": 0.3,
        "2020": 0.4,
        "2021": 0.4,
    }


def test_interpolate__an_agency_without_figures_gets_no_points(build, measured, column):
    framework = build(HEADER, *leaf("interpolate"))
    rows = [measured({"A": {"b": 1.0}, "B": {"a": 0.5}}, period) for period in ("2019", "2020")]
    scores = score(framework, pd.concat(rows, ignore_index=True))
    assert column(scores, "a", "status")["A"] == "missing_zero"


def test_interpolate__periods_that_are_no_dates_follow_each_other(course):
    assert course({"autumn": 0.2, "spring": None, "winter": 0.4})["spring"] == pytest.approx(0.3)


def test_interpolate__the_share_of_an_inner_node(build, measured, column):
    framework = build(
        HEADER,
        *("T,,,,", "p,T,,impute=interpolate,impute", "a,p,published,,exclude_and_reweight", "b,T,published,,"),
    )
    values = {"2018": {"a": 0.2}, "2019": {}, "2020": {"a": 0.4}}
    rows = [measured({"A": {"b": 1.0} | cells}, period) for period, cells in values.items()]
    scores = score(framework, pd.concat(rows, ignore_index=True))
    assert column(scores, "p", "share", "2019")["A"] == pytest.approx(0.3)
    assert column(scores, "p", "status", "2019")["A"] == "imputed"


@given(st.lists(st.one_of(st.none(), st.floats(-100, 100)), min_size=1, max_size=8), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_interpolate__agrees_with_numpy_in_every_draw(values, draws):
    figures = np.array([[np.nan if value is None else value for value in values]])
    cells = Cells(
        periods=tuple(str(2000 + year) for year in range(len(values))),
        agencies=("A",),
        unit_period=np.arange(len(values)),
        unit_agency=np.zeros(len(values), dtype=int),
        values=figures,
        points=np.full(figures.shape, np.nan),
    )
    counted = ~np.isnan(figures)
    found = interpolate(figures[..., None] * np.arange(1, draws + 1), counted, cells)
    if not counted.any():
        assert np.isnan(found).all()
        return
    known = np.flatnonzero(counted[0])
    expected = np.interp(np.arange(len(values)), known, figures[0, known])
    for draw in range(draws):
        np.testing.assert_allclose(found[0, :, draw], expected * (draw + 1), rtol=1e-9, atol=1e-9)
