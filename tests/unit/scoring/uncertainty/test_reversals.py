"""Decisions of the council that another council might have made the other way."""

import numpy as np
import pandas as pd
import pytest

HEADER = "code,parent,rule,max_points,parameters"
ROWS = ("T,,,,", "a,T,ratio,10,target=10", "b,T,points,10,", "c,T,ratio,10,target=10")


@pytest.fixture(scope="module")
def framework(build):
    return build(HEADER, *ROWS)


def staged(*rows):
    """Rows of agency, node, stage, value and perhaps points."""
    filled = [(*row, np.nan) if len(row) == 4 else row for row in rows]
    return pd.DataFrame(filled, columns=["agency", "node", "stage", "value", "points"]).assign(period="2020")


def changed(prepared):
    """Node, agency and claimed share of what may be reversed."""
    found = prepared.reversals
    if found is None:
        return []
    agencies = [prepared.cells.agencies[at] for at in prepared.cells.unit_agency[found.units]]
    return sorted(zip((prepared.tree.codes[at] for at in found.nodes), agencies, found.claimed.tolist(), strict=True))


def test_reversals__are_of_what_was_changed_only(framework, sampler):
    rows = staged(
        ("X", "a", "self_reported", 8.0),
        ("X", "a", "final", 5.0),
        ("X", "b", "self_reported", 6.0),
        ("X", "b", "final", 6.0),
        ("Y", "a", "self_reported", 3.0),
        ("Y", "a", "final", 4.0),
        ("Y", "c", "self_reported", 2.0),
        ("Z", "c", "final", 2.0),
    )
    assert changed(sampler(framework, rows)) == [("a", "X", pytest.approx(0.8)), ("a", "Y", pytest.approx(0.3))]


def test_reversals__points_that_were_given_in_place_of_a_value(framework, sampler):
    rows = staged(
        ("X", "a", "self_reported", 8.0), ("X", "a", "final", np.nan, 2.0), ("Y", "a", "self_reported", 8.0),
        ("Y", "a", "final", np.nan, 8.0),
    )  # fmt: skip
    assert changed(sampler(framework, rows)) == [("a", "X", pytest.approx(0.8))]


def test_reversals__points_that_were_claimed(framework, sampler):
    rows = staged(("X", "a", "self_reported", np.nan, 9.0), ("X", "a", "final", np.nan, 4.0))
    assert changed(sampler(framework, rows)) == [("a", "X", pytest.approx(0.9))]


def test_reversals__a_change_without_effect__is_none(framework, sampler):
    rows = staged(("X", "a", "self_reported", 15.0), ("X", "a", "final", 12.0))  # both above the target
    assert changed(sampler(framework, rows)) == []


def test_reversals__nothing_was_changed__the_appraisal_is_not_drawn(framework, sampler):
    rows = staged(("X", "a", "self_reported", 5.0), ("X", "a", "final", 5.0))
    assert "appraisal" not in sampler(framework, rows).drawn


def test_reversals__where_units_are_compared__who_was_not_changed_is_not_reversed(build, sampler):
    framework = build("code,parent,rule", "T,,", "a,T,minmax")
    figures = {"V": (1.0, 1.0), "W": (3.0, 3.0), "X": (5.0, 4.0), "Y": (10.0, 8.0)}
    rows = staged(
        *(
            (agency, "a", stage, value)
            for agency, pair in figures.items()
            for stage, value in zip(("self_reported", "final"), pair, strict=True)
        )
    )
    assert [agency for _, agency, _ in changed(sampler(framework, rows))] == ["X"]


def appraised():
    return staged(
        *(
            (f"U{at}", "a", stage, value)
            for at in range(40)
            for stage, value in (("self_reported", 9.0), ("final", 4.0))
        )
    )


@pytest.mark.parametrize(("probability", "share"), [(0.0, 0.4), (1.0, 0.9)])
def test_probability__zero_and_one(framework, sampler, draws, probability, share):
    prepared = sampler(framework, appraised(), perturb=("appraisal",), appraisal={"reversal": probability})
    assert draws(prepared, "a", ("appraisal",)) == pytest.approx(share)


def test_probability__is_how_often_each_figure_is_reversed_by_itself(framework, sampler, draws):
    prepared = sampler(framework, appraised(), perturb=("appraisal",), appraisal={"reversal": 0.25})
    is_reversed = draws(prepared, "a", blocks=40) > 0.5
    assert is_reversed.mean() == pytest.approx(0.25, abs=5 * np.sqrt(0.25 * 0.75 / is_reversed.size))
    assert is_reversed.mean(axis=1) == pytest.approx(0.25, abs=0.08)
    assert np.abs(np.corrcoef(is_reversed)[np.triu_indices(40, 1)]).max() < 0.2


def test_reversal__moves_the_total_by_the_points_of_the_figure(framework, sampler, draws):
    rows = staged(
        ("X", "a", "self_reported", 9.0), ("X", "a", "final", 4.0), ("X", "b", "final", 5.0), ("X", "c", "final", 0.0)
    )
    found = draws(sampler(framework, rows, perturb=("appraisal",), appraisal={"reversal": 0.5}), "T")
    assert sorted(set(found[0].round(9))) == pytest.approx([0.3, (0.9 + 0.5) / 3])


def test_reversal__not_drawn__the_decision_stands(framework, sampler, draws):
    prepared = sampler(framework, appraised(), perturb=("weights",), appraisal={"reversal": 1.0})
    assert draws(prepared, "a") == pytest.approx(0.4)


def test_reversal__of_a_predecessor__moves_the_merged_unit(build, sampler, draws):
    merger = {"as_of": "2025-07-01", "level": "l1"}
    framework = build("code,parent,rule", "T,,", "A,T,", "a,A,published", mergers=merger, population=["province"])
    rows = staged(("p", "a", "self_reported", 0.8), ("p", "a", "final", 0.4), ("q", "a", "final", 0.2))
    prepared = sampler(framework, rows, families={"N": ("p", "q")}, perturb=("appraisal",), appraisal={"reversal": 1.0})
    found = dict(zip(prepared.ranked.agencies, draws(prepared, "T")[:, 0], strict=True))
    assert found == pytest.approx({"N": 0.5, "p": 0.8, "q": 0.2})
