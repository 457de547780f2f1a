"""Making a synthetic round: a folder like a real one, with its truth beside it."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tasks.demo.agencies import ABSENT, AS_CSV, BROKEN, EMPTY, RESENT, assign_roles, spelling
from tasks.demo.appraisal import appraisal_file, draw_decisions
from tasks.demo.errata import declare_error
from tasks.demo.expert_files import FOLDER as EXPERTS
from tasks.demo.expert_files import write_experts
from tasks.demo.latent import draw_figures, seeded
from tasks.demo.records import Decision, Dirt, Truth, write_records
from tasks.demo.returns import Return, as_csv, as_xlsx, draw_habits
from tasks.demo.servers.survey import FOLDER as SURVEY
from tasks.demo.sheet import SYNTHETIC
from tasks.demo.tools import write_survey
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.returns.layout import branches_of
from tasks.returns.recipients import ranked_agencies
from tasks.sources.rounds import FILE
from warehouse.errors import InputError
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency

RETURNS, APPRAISALS = "returns", "appraisals"
_MARK = "SYNTHETIC.txt"
_WRITTEN_ON_TOP = f"# {SYNTHETIC}.\n"
_KEPT_OF_A_BROKEN_FILE = 0.6


@dataclass(frozen=True)
class DemoRound:
    """What was made.

    Attributes:
        folder: The round's folder.
        round: Name of the round.
        files: Number of returns written.
        agencies: Number of agencies, with those that sent nothing.
        dirt: Everything that is wrong on purpose.
        truth: The true values.
        decisions: What the appraisal council decided on the reported ones.
        survey_truth: The true values of what was asked in the survey.
        expert_truth: The true values of what the experts judged.
    """

    folder: Path
    round: str
    files: int
    agencies: int
    dirt: tuple[Dirt, ...]
    truth: tuple[Truth, ...]
    decisions: tuple[Decision, ...]
    survey_truth: tuple[Truth, ...] = ()
    expert_truth: tuple[Truth, ...] = ()


def make_round(
    folder: Path,
    *,
    seed: int,
    frameworks: Sequence[Framework],
    agencies: Mapping[str, Sequence[Agency]] | None = None,
    period: str = "2020",
    limit: int | None = None,
    survey_url: str = "",
) -> DemoRound:
    """Write a synthetic round: returns, round.yaml, corrections.yaml, with truth.csv, decisions.csv and dirt.csv.

    The same arguments give the same bytes.

    Args:
        folder: Where to write; empty, new, or an earlier synthetic round, which is replaced.
        seed: Seed of every draw.
        frameworks: Frameworks to report for; whole returns get lost only for the first one.
        agencies: Name of a framework to its agencies; left out: those that it ranks at the period.
        period: Period of the round.
        limit: Number of agencies of each framework; None for all.
        survey_url: Address at which `dti demo serve` serves the survey tools; left out: there is no survey.

    Returns:
        What was made, with the truth.

    Raises:
        InputError: The folder holds something else, or a framework names no population.
    """
    _prepare(folder)
    truth: list[Truth] = []
    dirt: list[Dirt] = []
    corrections: list[dict[str, Any]] = []
    decisions: list[Decision] = []
    survey_truth: list[Truth] = []
    expert_truth: list[Truth] = []
    sources: list[dict[str, Any]] = []
    taking_part = 0
    for number, framework in enumerate(frameworks):
        chosen = list((agencies or {}).get(framework.name) or ranked_agencies(framework, period))[:limit]
        taking_part += len(chosen)
        maker = _Maker(folder, seed, framework, chosen, period, with_losses=number == 0)
        maker.make()
        truth += maker.truth
        dirt += maker.dirt
        corrections += maker.corrections
        decisions += _appraise(folder, framework, maker.truth, seed, chosen)
        if survey_url:
            surveyed, entries = write_survey(folder, framework, chosen, seed, period, survey_url)
            survey_truth += surveyed
            sources += entries
        judged, entries = write_experts(folder, framework, chosen, seed)
        expert_truth += judged
        sources += entries
    name = f"synthetic-{period}-seed{seed}"
    _write_yaml(folder / "corrections.yaml", {"corrections": corrections})
    write_records(folder / "truth.csv", Truth, truth)
    write_records(folder / "dirt.csv", Dirt, dirt)
    write_records(folder / "decisions.csv", Decision, decisions)
    write_records(folder / "truth_of_survey.csv", Truth, survey_truth)
    write_records(folder / "truth_of_experts.csv", Truth, expert_truth)
    _write_yaml(folder / FILE, _round_yaml(name, period, seed, frameworks, sources))
    files = sum(file.is_file() for file in (folder / RETURNS).rglob("*"))
    made = (tuple(dirt), tuple(truth), tuple(decisions), tuple(survey_truth), tuple(expert_truth))
    return DemoRound(folder, name, files, taking_part, *made)


def _appraise(
    folder: Path, framework: Framework, truth: Sequence[Truth], seed: int, agencies: Sequence[Agency]
) -> list[Decision]:
    """Write the council's file."""
    decisions = draw_decisions(framework, truth, seed)
    file = folder / APPRAISALS / f"{framework.name}.xlsx"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(appraisal_file(decisions, {agency.agency_id: agency.full_name_vi for agency in agencies}))
    return decisions


class _Maker:
    """Makes the returns of one framework."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        framework: Framework,
        agencies: Sequence[Agency],
        period: str,
        *,
        with_losses: bool,
    ) -> None:
        self.truth: list[Truth] = []
        self.dirt: list[Dirt] = []
        self.corrections: list[dict[str, Any]] = []
        self._folder = folder
        self._seed = seed
        self._framework = framework
        self._agencies = agencies
        self._period = period
        self._at = period_end(period)
        self._registry = Registry(agencies)
        self._branches = branches_of(framework)
        self._roles = assign_roles(agencies, seeded(seed, framework.name, "roles"), with_losses=with_losses)

    def make(self) -> None:
        for turn, agency in enumerate(self._agencies):
            rng = seeded(self._seed, self._framework.name, agency.agency_id, "return")
            sent = self._new_return(agency, rng)
            role = self._roles.get(agency.agency_id, "")
            if role == "":
                sent.soil(turn, rng)
                if not self.corrections:
                    self.corrections += declare_error(sent, agency)
            self._send(sent, role, rng)
            self.truth += sent.truth(arrives=role not in (BROKEN, EMPTY, ABSENT))

    def _new_return(self, agency: Agency, rng: Random) -> Return:
        sent = Return(
            framework=self._framework,
            agency_id=agency.agency_id,
            agency_text=spelling(agency, self._registry, self._at, rng),
            period=self._period,
            figures=draw_figures(self._framework, agency.agency_id, self._branches, self._seed),
            habits=draw_habits(rng),
            submitted=self._at + timedelta(days=rng.randint(5, 25)),
        )
        sent.fill_in(rng)
        return sent

    def _send(self, sent: Return, role: str, rng: Random) -> None:
        name = sent.agency_id
        if role == ABSENT:
            self._note("", sent, "no_return", "missing")
        elif role == AS_CSV:
            content, grids = as_csv(sent)
            self._write(f"{name}.csv", content, sent, grids)
            self._note(self._place(f"{name}.csv"), sent, "csv_return", "accepted")
        elif role == BROKEN:
            content, _ = as_xlsx(sent, self._branches)
            self._write(f"{name}.xlsx", content[: int(len(content) * _KEPT_OF_A_BROKEN_FILE)], sent, [])
            self._note(self._place(f"{name}.xlsx"), sent, "truncated_file", "refused")
        elif role == EMPTY:
            sent.blank_out()
            self._write(f"{name}.xlsx", *self._without_marks(sent))
            self._note(self._place(f"{name}.xlsx"), sent, "empty_return", "refused")
        elif role == RESENT:
            self._write(f"{name}.xlsx", *self._without_marks(sent.earlier(rng)))
            self._note(self._place(f"{name}.xlsx"), sent, "earlier_return", "superseded")
            sent.revision = 2
            self._write(f"{name}-lan-2.xlsx", *self._without_marks(sent))
            self._note(self._place(f"{name}-lan-2.xlsx"), sent, "later_return", "accepted")
        else:
            content, grids = as_xlsx(sent, self._branches)
            self._write(f"{name}.xlsx", content, sent, grids)
            for habit in sent.oddities:
                self._note(self._place(f"{name}.xlsx"), sent, habit, "accepted")

    def _without_marks(self, sent: Return) -> tuple[bytes, Return, list[Any]]:
        return as_xlsx(sent, self._branches)[0], sent, []

    def _write(self, name: str, content: bytes, sent: Return, grids: Sequence[Any]) -> None:
        file = self._folder / self._place(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if grids:
            self.dirt += sent.dirt(self._place(name), grids)

    def _place(self, name: str) -> str:
        return f"{RETURNS}/{self._framework.name}/{name}"

    def _note(self, file: str, sent: Return, kind: str, outcome: str) -> None:
        self.dirt.append(Dirt(self._framework.name, file, "", kind, sent.agency_id, "", outcome, ""))


def _prepare(folder: Path) -> None:
    """Make the folder ready; nothing but an earlier synthetic round is ever replaced."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _MARK).is_file():
            raise InputError(f"The folder {folder} is not empty.", "Give a new folder for the synthetic round.")
        # The mark comes first and round.yaml last: a round that was killed half-way is replaced, but never run.
        (folder / _MARK).write_text(f"{SYNTHETIC}.\n", encoding="utf-8")
        (folder / FILE).unlink(missing_ok=True)
        for made in (RETURNS, APPRAISALS, SURVEY, EXPERTS):
            shutil.rmtree(folder / made, ignore_errors=True)
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be used: {error}.", "Give a new folder.") from None


def _round_yaml(
    name: str, period: str, seed: int, frameworks: Sequence[Framework], more: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    sources = [
        entry
        for framework in frameworks
        for entry in (
            {"source": "agency_report", "framework": framework.name, "path": f"{RETURNS}/{framework.name}"},
            {"source": "appraisal", "framework": framework.name, "path": f"{APPRAISALS}/{framework.name}.xlsx"},
        )
    ]
    return {
        "round": name,
        "kind": "synthetic",
        "title_vi": f"Đợt mô phỏng {period}: {SYNTHETIC}",
        "title_en": f"SYNTHETIC round {period}: made up figures for trying things out, not real ones",
        "period": period,
        "seed": seed,
        "sources": [*sources, *more],
        "corrections": "corrections.yaml",
    }


def _write_yaml(file: Path, content: dict[str, Any]) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
    file.write_text(_WRITTEN_ON_TOP + text, encoding="utf-8")
