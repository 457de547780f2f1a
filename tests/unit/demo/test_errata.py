from datetime import date
from random import Random

import pytest

from tasks.demo.errata import declare_error
from tasks.demo.latent import Figures
from tasks.demo.returns import Return
from tasks.demo.sheet import Habits
from tasks.harmonise.agencies import Registry

HANOI = Registry.bundled().resolve("Hà Nội", date(2020, 12, 31))


@pytest.fixture
def sent(framework):
    """Make a return of the criterion A.6 with some value."""

    def make(value):
        figures = {"A.6": Figures(framework.by_code["A.6"], value=value)}
        made = Return(framework, HANOI.agency_id, "Hà Nội", "2020", figures, Habits(), date(2021, 1, 15))
        made.fill_in(Random(1))
        return made

    return make


def test_declare_error__makes_one_figure_ten_times_too_large_and_declares_it(sent):
    made = sent(12.0)
    (entry,) = declare_error(made, HANOI)
    assert made.rows[0].cells["value"] == 120
    assert (entry["item"], entry["part"], entry["expect"], entry["value"]) == ("A.6", "value", 120.0, 12.0)
    assert [(mark.kind, mark.outcome) for mark in made.marks] == [("declared_error", "corrected")]


@pytest.mark.parametrize("value", [0.0, 0.5, 1.25])
def test_declare_error__leaves_figures_alone_that_are_not_fit_for_it(sent, value):
    made = sent(value)
    assert declare_error(made, HANOI) == []
    assert made.rows[0].cells["value"] == value


def test_declare_error__leaves_dirty_rows_alone(sent):
    made = sent(12.0)
    declare_error(made, HANOI)
    assert declare_error(made, HANOI) == []
