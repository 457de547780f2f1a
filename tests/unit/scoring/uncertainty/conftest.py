"""Rounds with errors for the tests of the draws."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from tasks.scoring.engine import score
from tasks.scoring.uncertainty.intervals import RankUncertainty, rank_uncertainty
from tasks.scoring.uncertainty.sampler import Sampler
from warehouse.frames import ERROR_FACTOR
from warehouse.frameworks.model import Framework
from warehouse.frameworks.uncertainty import Uncertainty


def _erring(cells: Mapping[str, Mapping[str, tuple[float, float]]], period: str = "2020") -> pd.DataFrame:
    rows = [(agency, node, value, error, period) for agency, of in cells.items() for node, (value, error) in of.items()]
    return pd.DataFrame(rows, columns=["agency", "node", "value", "standard_error", "period"])


def _factors(*rows: tuple[object, ...], period: str = "2020") -> pd.DataFrame:
    columns = ("agency", "node", "factor", "loading", "block", "degrees_of_freedom")
    named = [dict(zip(columns, row, strict=False)) | {"period": period} for row in rows]
    return ERROR_FACTOR.conform(pd.DataFrame(named)) if named else ERROR_FACTOR.empty()


def _sampler(
    framework: Framework,
    measurements: pd.DataFrame,
    factors: pd.DataFrame | None = None,
    *,
    seed: int = 1,
    families: Mapping[str, Sequence[str]] | None = None,
    **declared: object,
) -> Sampler:
    of = _factors() if factors is None else factors
    uncertainty = Uncertainty.model_validate(declared)
    return Sampler.of(framework, measurements, of, uncertainty, seed, None, families or {})


def _draws(sampler: Sampler, code: str, drawn: Sequence[str] | None = None, blocks: int = 1) -> np.ndarray:
    node, names = sampler.tree.codes.index(code), sampler.drawn if drawn is None else drawn
    return np.concatenate([sampler.draw(block, [node], names)[0] for block in range(blocks)], axis=1)


def _certainty(
    framework: Framework,
    measurements: pd.DataFrame,
    factors: pd.DataFrame | None = None,
    *,
    draws: int = 64,
    seed: int = 1,
    groups: Mapping[str, str] | None = None,
    families: Mapping[str, Sequence[str]] | None = None,
    **declared: object,
) -> RankUncertainty:
    scores = score(framework, measurements, groups=groups, families=families)
    of = _factors() if factors is None else factors
    uncertainty = Uncertainty.model_validate(declared)
    return rank_uncertainty(
        framework, measurements, of, scores, uncertainty, families=families or {}, draws=draws, seed=seed
    )


@pytest.fixture(scope="session")
def erring() -> Callable[..., pd.DataFrame]:
    """Make measurements with standard errors: `erring({"Hà Nội": {"a": (0.5, 0.1)}})`."""
    return _erring


@pytest.fixture(scope="session")
def factors() -> Callable[..., pd.DataFrame]:
    """Make ERROR_FACTOR rows: `factors(("Hà Nội", "a", "team 1", 0.1))`, or with block and degrees of freedom."""
    return _factors


@pytest.fixture(scope="session")
def sampler() -> Callable[..., Sampler]:
    """Prepare draws: `sampler(framework, measurements, factors, perturb=("survey",))`."""
    return _sampler


@pytest.fixture(scope="session")
def draws() -> Callable[..., np.ndarray]:
    """Shares of one node in some blocks of draws, shape (units, draws): `draws(sampler, "T", blocks=4)`."""
    return _draws


@pytest.fixture(scope="session")
def certainty() -> Callable[..., RankUncertainty]:
    """Score a round and say how sure its ranks are: `certainty(framework, measurements, draws=64, nodes=("T",))`."""
    return _certainty
