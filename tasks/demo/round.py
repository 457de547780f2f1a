"""Making a synthetic round: a folder like a real one, with its truth beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.demo.agencies import taking_part_in
from tasks.demo.agency_portals import CheckTruth, write_agency_portals, write_truth
from tasks.demo.appraisal import appraisal_file, draw_decisions
from tasks.demo.cyberspace import ToneTruth, declare_web, write_web
from tasks.demo.cyberspace_files import EXPORTS
from tasks.demo.expert_files import FOLDER as EXPERTS
from tasks.demo.expert_files import write_experts
from tasks.demo.folder import prepare, write_yaml
from tasks.demo.maker import RETURNS, ReturnMaker
from tasks.demo.records import Decision, Dirt, Truth, write_records
from tasks.demo.servers.agency_portals import FOLDER as PORTALS
from tasks.demo.servers.portals import FOLDER as WEB
from tasks.demo.servers.survey import FOLDER as SURVEY
from tasks.demo.sheet import SYNTHETIC
from tasks.demo.tools import write_survey
from tasks.returns.layout import reported_leaves
from tasks.sources.rounds import FILE
from warehouse.errors import InputError
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency

APPRAISALS = "appraisals"


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
        tone_truth: The true tone of what is written about the agencies.
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
    tone_truth: tuple[ToneTruth, ...] = ()


def make_round(
    folder: Path,
    *,
    seed: int,
    frameworks: Sequence[Framework],
    agencies: Mapping[str, Sequence[Agency]] | None = None,
    period: str = "2020",
    limit: int | None = None,
    survey_url: str = "",
    portals_url: str = "",
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
        portals_url: Address at which it serves news sites, reviews and the agencies' portals; left out: there are none.

    Returns:
        What was made, with the truth.

    Raises:
        InputError: The folder holds something else, or nobody reports anything to a framework.
    """
    for framework in frameworks:
        refuse_unreported(framework)
    prepare(folder, (RETURNS, APPRAISALS, SURVEY, EXPERTS, PORTALS, WEB, EXPORTS))
    truth: list[Truth] = []
    dirt: list[Dirt] = []
    corrections: list[dict[str, Any]] = []
    decisions: list[Decision] = []
    survey_truth: list[Truth] = []
    expert_truth: list[Truth] = []
    portal_truth: list[CheckTruth] = []
    sources: list[dict[str, Any]] = []
    judged_by: dict[str, Sequence[Agency]] = {}
    tone_truth: tuple[ToneTruth, ...] = ()
    taking_part = 0
    for number, framework in enumerate(frameworks):
        chosen = list((agencies or {}).get(framework.name) or taking_part_in(framework, period))[:limit]
        judged_by[framework.name] = chosen
        taking_part += len(chosen)
        maker = ReturnMaker(folder, seed, framework, chosen, period, with_losses=number == 0)
        maker.make()
        truth += maker.truth
        dirt += maker.dirt
        corrections += maker.corrections
        decisions += _appraise(folder, framework, maker.truth, seed, chosen)
        if survey_url:
            surveyed, entries = write_survey(folder, framework, chosen, seed, period, survey_url)
            survey_truth += surveyed
            sources += entries
        if portals_url:
            inspected, entries = write_agency_portals(folder, framework, chosen, seed, portals_url)
            portal_truth += inspected
            sources += entries
        judged, entries = write_experts(folder, framework, chosen, seed)
        expert_truth += judged
        sources += entries
    if portals_url:
        tone_truth = write_web(folder, judged_by, seed, period)
        sources += declare_web(folder, portals_url)
    name = round_name(frameworks, period, seed)
    write_yaml(folder / "corrections.yaml", {"corrections": corrections})
    write_records(folder / "truth.csv", Truth, truth)
    write_records(folder / "dirt.csv", Dirt, dirt)
    write_records(folder / "decisions.csv", Decision, decisions)
    write_records(folder / "truth_of_survey.csv", Truth, survey_truth)
    write_records(folder / "truth_of_experts.csv", Truth, expert_truth)
    write_truth(folder, portal_truth)
    appraised = {decision.framework for decision in decisions}
    reports = [entry for framework in frameworks for entry in _reports(framework, framework.name in appraised)]
    write_yaml(folder / FILE, _round_yaml(name, period, seed, [*reports, *sources]))
    files = sum(file.is_file() for file in (folder / RETURNS).rglob("*"))
    made = (tuple(dirt), tuple(truth), tuple(decisions), tuple(survey_truth), tuple(expert_truth), tone_truth)
    return DemoRound(folder, name, files, taking_part, *made)


def round_name(frameworks: Sequence[Framework], period: str, seed: int) -> str:
    """Name of a synthetic round: that of one framework names it, for its inputs are others than those of several.

    Args:
        frameworks: Frameworks that are reported to.
        period: Period of the round.
        seed: Seed of every draw.
    """
    of = f"{frameworks[0].name}-" if len(frameworks) == 1 else ""
    return f"synthetic-{of}{period}-seed{seed}"


def refuse_unreported(framework: Framework) -> None:
    """Refuse a framework for which there is nothing to make: nobody reports to it, or it is reported to by month.

    Raises:
        InputError: No criterion has the evidence `report`, or shares follow from counts of months.
    """
    if framework.is_dashboard:
        raise InputError(
            f"{framework.name} is a statistic of months, and this round is of a year.", months_instead(framework)
        )
    if not reported_leaves(framework):
        raise InputError(
            f"Nobody reports anything to the framework {framework.name}, so there is no return to make.",
            "A synthetic round needs criteria with the evidence `report` in nodes.csv.",
        )


def months_instead(framework: Framework) -> str:
    """How synthetic months of a framework are made and run, in a sentence."""
    month = framework.description.first_period or "2020-08"
    return (
        f"Make up months with `dti demo make-months FOLDER --from {month} --to {month} --no-monitoring`, and run one "
        f"with `dti run monthly --period {month} --round FOLDER`."
    )


def asks_a_server(framework: Framework) -> bool:
    """Whether a synthetic round of the framework has something that a server must serve: a survey, posts, portals."""
    return any((framework.folder / name).is_file() for name in ("survey.yaml", "tone.yaml", "inspection.yaml"))


def _appraise(
    folder: Path, framework: Framework, truth: Sequence[Truth], seed: int, agencies: Sequence[Agency]
) -> list[Decision]:
    """Write the council's file, if it decided anything."""
    decisions = draw_decisions(framework, truth, seed)
    if not decisions:
        return []
    file = folder / APPRAISALS / f"{framework.name}.xlsx"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(appraisal_file(decisions, {agency.agency_id: agency.full_name_vi for agency in agencies}))
    return decisions


def _reports(framework: Framework, is_appraised: bool) -> list[dict[str, Any]]:
    """Entries of round.yaml for the returns and what the council said of them."""
    entries = [{"source": "agency_report", "framework": framework.name, "path": f"{RETURNS}/{framework.name}"}]
    if is_appraised:
        place = f"{APPRAISALS}/{framework.name}.xlsx"
        entries.append({"source": "appraisal", "framework": framework.name, "path": place})
    return entries


def _round_yaml(name: str, period: str, seed: int, sources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "round": name,
        "kind": "synthetic",
        "title_vi": f"Đợt mô phỏng {period}: {SYNTHETIC}",
        "title_en": f"SYNTHETIC round {period}: made up figures for trying things out, not real ones",
        "period": period,
        "seed": seed,
        "sources": list(sources),
        "corrections": "corrections.yaml",
    }
