"""Beside all that is drawn, the errors of what was measured alone: both are what each gives by itself."""

import numpy as np
import pytest

from tasks.scoring.uncertainty.simulate import simulate

HEADER = "code,parent,aggregation,rule,evidence,missing,parameters"
PLAIN = (
    "T,,mean,,,,",
    "A,T,geometric_mean,,,exclude_and_reweight,",
    "a,A,,published,survey,exclude_and_reweight,",
    "b,A,,minmax,published,impute,clip=yes",
    "B,T,mean,,,,",
    "c,B,,linear,expert,impute,target=9",
    "d,B,,zscore,report,,clip=yes",
)
DIVIDED = (*PLAIN, "e,B,,linear,report,,target=3; per=f", "f,B,,fraction,report,,")
SWITCHED = [
    {"switch": "aggregation", "to": ["harmonic_mean"], "of": "geometric_mean"},
    {"switch": "missing", "to": ["zero"], "of": "impute"},
]


@pytest.fixture(scope="module")
def rows(erring):
    """Every way in which a cell comes about: drawn, known, imputed, excluded, entered above."""
    found = {f"U{at}": {"a": (0.1 * at, 0.1), "c": (at + 1.0, 0.5), "d": (at, 0)} for at in range(5)}
    found["U0"]["b"] = found["U3"]["b"] = (2.0, 0.2)
    found["U1"]["b"] = (1.0, 0.0)
    del found["U2"]["a"], found["U2"]["c"], found["U4"]["c"], found["U4"]["d"]
    found["U4"]["B"] = (0.6, 0.1)
    found["U1"] = {"A": (0.3, 0.0), "c": (2.0, 0.5), "d": (1.0, 0.0)}
    return found


@pytest.mark.parametrize("alternatives", [[], SWITCHED])
@pytest.mark.parametrize("tree", [PLAIN, DIVIDED])
def test_alone__is_what_the_errors_give_by_themselves(build, rows, erring, sampler, tree, alternatives):
    if tree is DIVIDED:
        rows = {name: of | {"e": (2.0, 0.1), "f": (1.5, 0.1)} for name, of in rows.items() if name != "U4"}
    names = ("survey", "expert", "report", "published", "weights", *(one["switch"] for one in alternatives))
    prepared = sampler(build(HEADER, *tree), erring(rows), perturb=names, alternatives=alternatives)
    nodes, draws = list(range(len(prepared.tree.codes))), 3 * prepared.size - 5
    half = prepared.size // 2  # the other half mirrors it
    found = simulate(prepared, nodes, draws, [], drawn=prepared.drawn, kept=draws, measured=half + 3)
    assert found.measured.shape[2] == half + 3
    for name, figures, width in (("drawn", found.shares, prepared.size), ("measured", found.measured, half)):
        blocks = [prepared.draw(block, nodes, getattr(prepared, name))[..., :width] for block in range(3)]
        expected = np.concatenate(blocks, axis=2)[..., : figures.shape[2]]
        missing = np.isnan(prepared.shares)
        assert np.isnan(figures[missing]).all()
        np.testing.assert_array_equal(figures[~missing], expected[~missing])


def test_alone__where_less_is_drawn_than_was_measured(build, rows, erring, sampler):
    prepared = sampler(build(HEADER, *PLAIN), erring(rows), perturb=("survey",))
    size, half = prepared.size, prepared.size // 2
    found = simulate(prepared, [0], size, [], drawn=prepared.drawn, kept=size, measured=half)
    np.testing.assert_array_equal(found.shares, prepared.draw(0, [0], ("survey",)))
    np.testing.assert_array_equal(found.measured, prepared.draw(0, [0], ("survey", "expert", "published"))[..., :half])
