import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tasks.scoring.movement.means import MEANS, mean_of, parts

SHARES = arrays(float, (3, 4), elements=st.floats(0, 1).map(lambda value: 0.0 if value < 0.01 else value))
WEIGHTS = arrays(float, (3, 1), elements=st.floats(0.1, 5))


@given(kind=st.sampled_from(sorted(MEANS)), before=SHARES, after=SHARES, weights=WEIGHTS)
def test_parts__times_the_changes__sum_to_the_change_of_the_mean(kind, before, after, weights):
    mean, weights = MEANS[kind], np.broadcast_to(weights / weights.sum(), (3, 4))
    whole = tuple(mean_of(mean, members, weights) for members in (before, after))
    made = (parts(mean, whole, (before, after), weights) * (after - before)).sum(axis=0)
    np.testing.assert_allclose(made, whole[1] - whole[0], rtol=1e-9, atol=1e-12)


def test_mean_of__harmonic__weighted():
    found = mean_of(MEANS["harmonic_mean"], np.array([[0.5], [0.25]]), np.array([[0.5], [0.5]]))
    assert found[0] == pytest.approx(1 / 3)


def test_parts__harmonic__by_hand():
    members = np.array([[0.5], [0.5]]), np.array([[1.0], [0.5]])
    whole = np.array([0.5]), np.array([2 / 3])
    found = parts(MEANS["harmonic_mean"], whole, members, np.full((2, 1), 0.5))
    assert found[0, 0] * 0.5 == pytest.approx(2 / 3 - 0.5)


def test_parts__geometric_mean_two_members_leave_zero__share_by_weight():
    members = np.array([[0.0], [0.0], [0.5]]), np.array([[0.5], [0.25], [0.5]])
    weights = np.array([[0.5], [0.25], [0.25]])
    whole = np.array([0.0]), mean_of(MEANS["geometric_mean"], members[1], weights)
    made = parts(MEANS["geometric_mean"], whole, members, weights)[:, 0] * (members[1] - members[0])[:, 0]
    assert made == pytest.approx([whole[1][0] * 2 / 3, whole[1][0] / 3, 0.0])
