"""Units that merged go through every draw like the others: by the plan that was drawn for it."""

import numpy as np
import pandas as pd
import pytest

from tasks.scoring.uncertainty.sampler import Sampler
from warehouse.frames import ERROR_FACTOR
from warehouse.frameworks.alternatives import Alternative
from warehouse.frameworks.uncertainty import Uncertainty

FAMILIES = {"new": ("p", "q")}
CELLS = {"p": {"A1": 0.2, "B1": 0.6}, "q": {"A1": 0.4, "B1": 1.0}, "r": {"A1": 0.5, "B1": 0.5}}


@pytest.fixture(scope="module")
def framework(build):
    rows = ("D,,", "A,D,", "A1,A,ratio", "B,D,", "B1,B,ratio")
    return build("code,parent,rule", *rows, mergers={"as_of": "2025-07-01", "level": "l1"}, population=["province"])


def sampler(framework, measured, uncertainty):
    frame = measured(CELLS).assign(standard_error=0.0)
    return Sampler.of(framework, frame, ERROR_FACTOR.empty(), uncertainty, 1, families=FAMILIES)


def test_draws__another_aggregation__holds_for_merged_units_too(framework, measured):
    other = Alternative(switch="aggregation", of="sum", level="l0", to=("geometric_mean",))
    found = sampler(framework, measured, Uncertainty(alternatives=(other,)))
    (drawn,) = found.draw(0, [0], ["aggregation"])
    new = found.ranked.agencies.index("new")
    arithmetic, geometric = (0.3 + 0.8) / 2, np.sqrt(0.3 * 0.8)
    shares = np.unique(drawn[new].round(12))
    np.testing.assert_allclose(shares, sorted((arithmetic, geometric)), atol=1e-9)


def test_draws__weights__are_those_of_the_draw(framework, measured):
    found = sampler(framework, measured, Uncertainty())
    total, a, b = found.draw(0, [0, 1, 3], ["weights"])
    r, new = (found.ranked.agencies.index(name) for name in ("r", "new"))
    np.testing.assert_allclose(total[r], 0.5, atol=1e-12)
    np.testing.assert_allclose((a[new], b[new]), np.broadcast_to([[0.3], [0.8]], a[[new, new]].shape), atol=1e-12)
    weight = (total[new] - 0.8) / (0.3 - 0.8)
    assert weight.std() > 0.01
    p, q = (found.ranked.agencies.index(name) for name in ("p", "q"))
    np.testing.assert_allclose(total[new], (total[p] + total[q]) / 2, atol=1e-12)


def test_published__is_that_of_the_engine(framework, measured):
    found = sampler(framework, measured, Uncertainty())
    assert pd.Series(found.shares[0], index=found.ranked.agencies)["new"] == pytest.approx(0.55)
