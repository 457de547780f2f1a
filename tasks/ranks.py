"""How sure the ranks of a round are, from the frames that its stages wrote."""

from importlib.metadata import version

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from tasks.harmonise.mergers import families_of
from tasks.scoring.uncertainty.intervals import Told, rank_uncertainty
from tasks.workspace import Workspace
from warehouse.frames import ERROR_FACTOR, MEASUREMENT, RANK_EFFECT, RANK_INTERVAL, SIMULATION
from warehouse.frameworks.model import Framework
from warehouse.frameworks.uncertainty import load_uncertainty
from warehouse.simulations import RankFrames

SEED = 1


class Draws(BaseModel):
    """How often and what is drawn.

    Attributes:
        draws: Number of draws; 0: none, ranks get no intervals.
        seed: Seed of the random numbers.
        perturb: What is drawn; empty: what uncertainty.yaml of the framework says.
    """

    model_config = ConfigDict(frozen=True)

    draws: int = Field(default=0, ge=0)
    seed: int = Field(default=SEED, ge=0)
    perturb: tuple[str, ...] = ()


def ranks_of(
    framework: Framework,
    period: str,
    work: Workspace,
    scores: pd.DataFrame,
    drawn: Draws,
    told: Told = lambda _: None,
) -> RankFrames:
    """How sure the ranks of a round are.

    Args:
        framework: The framework.
        period: Period that was measured.
        work: The round's frames.
        scores: SCORE rows; who has no rank takes no place in the draws.
        drawn: How often and what is drawn.
        told: Called with what is being computed.
    """
    found = rank_uncertainty(
        framework,
        work.read(MEASUREMENT),
        work.read(ERROR_FACTOR),
        scores,
        load_uncertainty(framework.folder, drawn.perturb),
        families=families_of(framework, period),
        draws=drawn.draws,
        seed=drawn.seed,
        told=told,
    )
    about = pd.DataFrame([{**found.about, "code_version": version("dti-warehouse")}])
    return RankFrames(about, found.intervals, found.effects)


def read_ranks(work: Workspace) -> RankFrames:
    """What the stage wrote."""
    return RankFrames(work.read(SIMULATION), work.read(RANK_INTERVAL), work.read(RANK_EFFECT))


def write_ranks(work: Workspace, frames: RankFrames) -> None:
    """Write how sure the ranks are, for the stages that follow.

    Args:
        work: The round's frames.
        frames: What is known, as rows of the round.
    """
    for kind, rows in zip((SIMULATION, RANK_INTERVAL, RANK_EFFECT), frames.parts, strict=True):
        work.write(kind, rows)
