"""Making a synthetic round for the command line: which period it is of, and where its server will be."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.demo.round import DemoRound
    from warehouse.frameworks.model import Framework

FRAMEWORKS = ("province_2020", "ministry_2020")  # reported for where none is named


def make(
    folder: Path,
    frameworks: Sequence["Framework"],
    period: str,
    seed: int,
    survey_port: int | None,
    limit: int | None = None,
) -> "DemoRound":
    """Make a synthetic round; without a port it has nothing that a server must serve.

    Args:
        folder: Folder to write.
        frameworks: Frameworks to report for.
        period: Period of the round.
        seed: Seed of every draw.
        survey_port: Port of the survey tools and the portals.
        limit: Only so many agencies of each framework.
    """
    from tasks.demo.round import make_round
    from tasks.demo.servers.survey import HOST

    url = f"http://{HOST}:{survey_port}" if survey_port else ""
    return make_round(
        folder, seed=seed, frameworks=frameworks, period=period, limit=limit, survey_url=url, portals_url=url
    )


def last_period(framework: "Framework") -> str:
    """The last period that an edition is for; of one that is for any year the one before this."""
    from tasks.harmonise.periods import parse_period
    from warehouse.frameworks.editions import today

    described = framework.description
    return parse_period(max(described.periods, default="") or described.last_period or str(today().year - 1))
