"""Confidence sets for ranks cover the true ranks as often as they promise; `make evaluate` shows every world.

A test fails where so few covered rounds would be seen less than once in a thousand times if the promise held. Worlds
without ties cover more than promised by the nature of the sets; where all are alike the promise is met with equality,
so that world is the one in which a fault shows.
"""

import pytest

from tasks.scoring.uncertainty.coverage_study import UNITS, WORLDS, floor, study
from tests.bench import panels

BY_NAME = {world.name: world for world in WORLDS}


@pytest.fixture(scope="module")
def alike():
    return study(BY_NAME["all alike"], 500, seed=2020)


@pytest.mark.slow
def test_marginal__covers_each_unit_in_500_rounds(alike):
    assert alike["marginal"].covered.min() / 500 >= floor(500, studies=UNITS)


@pytest.mark.slow
def test_simultaneous__covers_all_units_at_once_in_500_rounds(alike):
    assert alike["simultaneous"].all_covered / 500 >= floor(500)


@pytest.mark.slow
def test_simultaneous__promises_no_more_than_is_needed(alike):
    # Where all are alike, 95 % would be too wide: seen once in a thousand times if 90 % were true.
    assert alike["simultaneous"].all_covered / 500 < 0.95


@pytest.mark.slow
def test_naive_interval__promises_nothing(alike):
    assert alike["naive"].covered.mean() / 500 < floor(500) / 2


@pytest.mark.parametrize("name", ["spread", "four clusters", "exact ties, 20 known", "all alike, 20 answers, Student"])
def test_sets__cover_in_every_world(name):
    found = study(BY_NAME[name], 60, seed=7, draws=199)
    assert found["marginal"].covered.min() / 60 >= floor(60, studies=UNITS)
    assert found["simultaneous"].all_covered / 60 >= floor(60)


@pytest.mark.slow
def test_panel__of_seven_experts_who_judge_everybody__covers_as_promised():
    # Covered in one panel of ten as long as errors were drawn in the six directions that seven experts span.
    found = panels.study(7, 7, 100, seed=2027)
    assert found["marginal"].covered.min() / 100 >= floor(100, studies=UNITS)
    assert found["simultaneous"].all_covered / 100 >= floor(100)


def test_wider__where_less_can_be_told():
    spread, near = (study(BY_NAME[name], 5, seed=7, draws=199) for name in ("spread", "near ties"))
    assert spread["marginal"].width < spread["simultaneous"].width < near["simultaneous"].width
