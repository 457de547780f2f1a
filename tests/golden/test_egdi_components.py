"""The formulas below EGDI's sub-indices: z-scores with the population's deviation, a mean, min-max over all countries.

No table of the components is at hand, so the formulas are held to an example that can be computed by hand.
"""

import math

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tasks.scoring.engine import score
from warehouse.frameworks.loader import load_framework

EDITIONS = ("2018", "2020")
FRAMEWORKS = {edition: load_framework(f"egdi_components_{edition}") for edition in EDITIONS}
COUNTRIES = ("Cambodia", "Thailand", "Viet Nam")
NOTHING = (1.0, 1.0, 1.0)  # no variation: every z-score is 0
EXAMPLE = {
    # The points that the annex of the Survey shows the formula with: (114 - 0) / (153 - 0) = 0.7451.
    "OSI.Q": (0.0, 114.0, 153.0),
    "TII.NET": (0.0, 50.0, 100.0),  # mean 50, deviation sqrt(5000 / 3): z = -sqrt(6)/2, 0, sqrt(6)/2
    "TII.MOB": (0.0, 0.0, 3.0),  # mean 1, deviation sqrt(2): z = -sqrt(2)/2, -sqrt(2)/2, sqrt(2)
    "TII.MBB": NOTHING,
    "TII.FBB": (3.0, 0.0, 0.0),
    "HCI.LIT": (0.0, 50.0, 100.0),
    "HCI.GER": NOTHING,
    "HCI.EYS": (0.0, 0.0, 3.0),
    "HCI.MYS": NOTHING,
}


def scored(framework, figures):
    rows = [
        (country, node, value)
        for node, values in figures.items()
        for country, value in zip(COUNTRIES, values, strict=True)
    ]
    return score(framework, pd.DataFrame(rows, columns=["agency", "node", "value"]))


def shares(scores, node):
    return scores[scores["node"] == node].set_index("agency")["share"].reindex(COUNTRIES).tolist()


@pytest.fixture(scope="module")
def example():
    return scored(FRAMEWORKS["2020"], EXAMPLE)


def test_z_score__divides_by_the_deviation_of_the_population(example):
    half = math.sqrt(6) / 2
    assert shares(example, "TII.NET") == pytest.approx([-half, 0, half])


def test_osi__example_of_the_survey(example):
    assert [round(share, 4) for share in shares(example, "OSI")] == [0, 0.7451, 1]


def test_tii__mean_of_z_scores_rescaled__by_hand(example):
    # Sums of z: (sqrt(2) - sqrt(6)) / 2, -sqrt(2), (sqrt(2) + sqrt(6)) / 2; the first lies 2 - sqrt(3) of the way up.
    assert shares(example, "TII") == pytest.approx([2 - math.sqrt(3), 0, 1])


def test_hci__literacy_weighs_a_third_and_the_others_two_ninths__by_hand(example):
    # Nine times the composite: -3 sqrt(6)/2 - sqrt(2), -sqrt(2), 3 sqrt(6)/2 + 2 sqrt(2).
    assert shares(example, "HCI") == pytest.approx([0, (3 - math.sqrt(3)) / 4, 1])


def test_egdi__is_the_mean_of_the_three(example):
    assert shares(example, "EGDI")[1] == pytest.approx((114 / 153 + 0 + (3 - math.sqrt(3)) / 4) / 3)


@pytest.mark.parametrize(("edition", "components"), [("2018", 5), ("2020", 4)])
def test_tii__components_of_the_edition(edition, components):
    framework = FRAMEWORKS[edition]
    assert len(framework.children["TII"]) == components
    assert {node.status for node in framework.leaves} == {"reconstructed"}


FIGURES = st.lists(st.integers(0, 1000), min_size=3, max_size=3).map(lambda values: [value / 10 for value in values])


@st.composite
def tables(draw):
    edition = draw(st.sampled_from(EDITIONS))
    leaves = [leaf.code for leaf in FRAMEWORKS[edition].leaves]
    return FRAMEWORKS[edition], {code: draw(FIGURES) for code in leaves}


def distinct(scores):
    """Whether the composites differ by more than the rounding of their sums, where min-max would blow that up."""
    values = scores[scores["node"].isin(["OSI", "TII", "HCI"])].groupby("node")["value"]
    width = values.max() - values.min()
    return bool(((width == 0) | (width > 1e-9)).all())


@given(tables())
def test_sub_indices__whatever_the_figures__span_0_to_1_or_stand_in_the_middle(drawn):
    framework, figures = drawn
    found = scored(framework, figures)
    assume(distinct(found))
    for node in ("OSI", "TII", "HCI"):
        values = shares(found, node)
        spans = [min(values), max(values)] == pytest.approx([0, 1], abs=1e-9)
        assert spans or values == pytest.approx([0.5] * 3)


@given(tables(), st.sampled_from(["TII.NET", "HCI.MYS", "OSI.Q"]), st.floats(0.01, 100), st.floats(0, 50))
def test_sub_indices__a_component_in_another_unit__changes_nothing(drawn, code, factor, shift):
    framework, figures = drawn
    before = scored(framework, figures)
    after = scored(framework, figures | {code: [factor * value + shift for value in figures[code]]})
    assume(distinct(before) and distinct(after))
    for node in ("EGDI", "OSI", "TII", "HCI"):
        assert shares(after, node) == pytest.approx(shares(before, node), abs=1e-6)


@given(tables())
def test_osi__standardised_first__is_the_min_max_of_the_points(drawn):
    framework, figures = drawn
    points = figures["OSI.Q"]
    width = max(points) - min(points)
    expected = [(value - min(points)) / width for value in points] if width else [0.5] * 3
    assert shares(scored(framework, figures), "OSI") == pytest.approx(expected, abs=1e-9)
