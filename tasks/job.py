"""What a stage needs to know: which framework, period and round, and where state lives."""

from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tasks.harmonise.mergers import families_of
from tasks.harmonise.population import league_units, measured_units
from tasks.snapshots.store import SnapshotStore
from tasks.sources.registry import AnySource, all_sources
from tasks.sources.rounds import FILE, Round, load_round
from tasks.workspace import Workspace
from warehouse.errors import InputError
from warehouse.frameworks.editions import refuse_period
from warehouse.frameworks.loader import framework_digest, framework_folder, load_framework
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings


class Job(BaseModel):
    """One round of one framework and period. Small and plain, so that it reads well as a parameter in the Prefect UI.

    Attributes:
        framework: Name or folder of the framework.
        period: Period that is measured, e.g. `2020`.
        round_folder: Folder of the round's inputs.
        run_id: Identity of the run that does the work.
    """

    model_config = ConfigDict(frozen=True)

    framework: str
    period: str
    round_folder: str
    run_id: str = ""

    @property
    def loaded_framework(self) -> Framework:
        """The framework, proved."""
        folder = framework_folder(self.framework)
        return _framework(folder, framework_digest(folder))

    @property
    def round(self) -> Round:
        """The round's description; of a standing round as it is for the period."""
        folder = Path(self.round_folder)
        try:
            about = (folder / FILE).stat()
        except OSError:
            return load_round(folder)  # it says what is wrong
        return _round(folder, about.st_mtime_ns, about.st_size, self.period)

    @property
    def is_standing(self) -> bool:
        """Whether the round serves every period."""
        return load_round(Path(self.round_folder)).period is None

    @property
    def scope(self) -> dict[str, str]:
        """The columns that every fact of the job shares."""
        return {"framework": self.loaded_framework.name, "round": self.round.round, "period": self.period}

    @property
    def workspace(self) -> Workspace:
        """Where the stages hand frames to each other."""
        return Workspace.of(get_settings().lake, self.loaded_framework.name, self.period, self.round.round)

    @property
    def store(self) -> SnapshotStore:
        """The bytes as received."""
        return SnapshotStore(get_settings().snapshots)

    @property
    def ranked_agencies(self) -> frozenset[str] | None:
        """Ids of the units that the framework measures at the end of the period; None: it ranks any unit."""
        return measured_units(self.loaded_framework, self.period)

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """Agency that is ranked to those that were measured and merged into it; none where nobody merged."""
        return families_of(self.loaded_framework, self.period)

    @property
    def league(self) -> frozenset[str] | None:
        """Ids of the agencies that are ranked in the end: those that are measured, as they are after a merger."""
        return league_units(self.loaded_framework, self.period)


def refuse_period_of(job: Job, at: date | None = None) -> None:
    """Refuse a job whose period cannot be measured, before any work is done.

    Args:
        job: The round at hand.
        at: The day it is; None: today in Viet Nam.

    Raises:
        InputError: The period has not begun, the edition is not for it, or the round is of another one.
    """
    refuse_period(job.loaded_framework.description, job.period, at)
    if job.round.period != job.period:
        raise InputError(
            f"The round in {job.round_folder} is of {job.round.period}, not of {job.period}.",
            f"Run it with --period {job.round.period}, or leave period out of round.yaml: it then serves every period.",
        )


def parts_of(job: Job) -> dict[str, int]:
    """Workspace partition to the position of its entry in round.yaml, for the entries of the job's framework."""
    entries = job.round.entries(job.loaded_framework.name)
    return {f"{number:02d}-{entry.source}": number for number, entry in entries}


def source_of(job: Job, part: str) -> AnySource:
    """The source of a workspace partition that `parts_of` names."""
    return all_sources()[job.round.sources[int(part.split("-")[0])].source]


@lru_cache(maxsize=8)
def _round(folder: Path, changed: int, size: int, period: str) -> Round:  # noqa: ARG001 - another file is another round
    # Asked for with every file that comes, and reading YAML is slow.
    return load_round(folder).for_period(period)


@lru_cache(maxsize=8)
def _framework(folder: Path, digest: str) -> Framework:  # noqa: ARG001 - another digest is another framework
    # Not kept in the job: Prefect walks through everything that a parameter holds.
    return load_framework(folder)
