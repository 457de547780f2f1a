"""`dti run`: a round from its sources to a published vintage, with a Prefect server for the time of the command."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App

from flows.cli.numbers import number
from flows.cli.output import console
from warehouse.errors import InputError
from warehouse.frameworks.uncertainty import MOST_DRAWS, MOST_SEED, known_perturbations
from warehouse.settings import get_settings

app = App(name="run", help="Run a round: gather, standardise, validate, load, measure, score, publish.")


@app.command
def annual(
    *,
    framework: str = "province_2020",
    period: str | None = None,
    round: Path | None = None,
    publish: bool | None = None,
    draws: Annotated[int, number(0, MOST_DRAWS)] = 10_000,
    seed: Annotated[int, number(0, MOST_SEED)] = 1,
    perturb: Sequence[str] = (),
) -> None:
    """Run the annual round of an index.

    Args:
        framework: Name of the framework, or the path of a framework folder.
        period: The year that is measured; left out: that of the round, or the newest of which there are inputs.
        round: Folder of the round's inputs; left out: the folder of the year below the rounds (DTI_ROUNDS), and where
            there is none, the published figures of the framework that come with the project.
        publish: Publish the vintage at once, or keep it provisional. Left out: an official round stays provisional
            until somebody decides (`dti approve`), other figures are published.
        draws: How often inputs and method are drawn again to learn how sure the ranks are; 0: not at all.
        seed: Seed of the draws: the same seed gives the same intervals.
        perturb: What is drawn, e.g. `--perturb survey --perturb weights`; left out: what the framework's
            uncertainty.yaml says.
    """
    from flows.inputs import described_inputs, newest_period
    from flows.jobs import job_of
    from flows.parameters import AnnualParameters, Publication
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow, print_league, print_report
    from tasks.harmonise.periods import parse_period
    from tasks.sources.rounds import load_round

    measured = period or (round and load_round(round).period) or newest_period(framework)
    parameters = AnnualParameters(
        framework=framework,
        period=parse_period(measured),
        round_folder=round,
        draws=draws,
        seed=seed,
        perturb=_drawable(perturb),
    )
    job = job_of(parameters)
    if round is None:
        console().print(described_inputs(job.framework, Path(job.round_folder)), markup=False)
    official = job.round.kind == "official"
    final = not official if publish is None else publish
    parameters.publication = Publication.NOW if final else Publication.NO
    with follow("starting Prefect") as progress, prefect_server(get_settings().prefect_home, import_flows):
        from flows.launch import run_annual

        report = run_annual(parameters, progress)
    print_report(report)
    print_league(job)


def _drawable(perturb: Sequence[str]) -> list[str]:
    try:
        return list(known_perturbations(perturb))
    except ValueError as error:
        hint = "Leave --perturb out to draw what the framework's uncertainty.yaml says."
        raise InputError(f"This cannot be drawn: {error}.", hint) from error


@app.command
def monthly(
    *,
    period: str | None = None,
    framework: str = "online_services",
    round: Path | None = None,
    publish: bool = True,
) -> None:
    """Run the monthly statistics of online public services.

    Args:
        period: The month that is measured, e.g. 2020-08; left out: the month before this one.
        framework: Kind of the framework, whose edition the month decides; or the name or folder of one framework.
        round: Folder of the round's inputs; left out: `monthly` below the rounds (DTI_ROUNDS).
        publish: Publish the vintage; with --no-publish it stays provisional.
    """
    from flows.months import month_due, month_job
    from flows.parameters import Publication
    from flows.parameters_of.months import MonthlyParameters
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow, print_report
    from tasks.harmonise.periods import parse_period

    month = parse_period(period) if period else month_due()
    month_job(framework, month, round)
    parameters = MonthlyParameters(
        period=month,
        framework=framework,
        round_folder=round,
        publication=Publication.NOW if publish else Publication.NO,
    )
    with follow("starting Prefect") as progress, prefect_server(get_settings().prefect_home, import_flows):
        from flows.launch import finished, run_here
        from flows.monthly import monthly as flow
        from flows.report import Report

        report = Report.model_validate(finished(run_here(flow, parameters, progress)).result())
    print_report(report)


@app.command
def ingest(source: str, *, framework: str = "province_2020", period: str = "2020", round: Path | None = None) -> None:
    """Bring in what one source of a round offers now; nothing is scored.

    Args:
        source: Name of the source as round.yaml has it, e.g. agency_report.
        framework: Name or folder of the framework; of monthly statistics the kind.
        period: The year or the month that is measured.
        round: Folder of the round's inputs; left out: `monthly` or the year, below the rounds.
    """
    from flows.parameters_of.upkeep import IngestParameters
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow
    from tasks.harmonise.periods import parse_period

    parameters = IngestParameters(source=source, framework=framework, period=parse_period(period), round_folder=round)
    with follow("starting Prefect") as progress, prefect_server(get_settings().prefect_home, import_flows):
        from flows.ingest import ingest as flow
        from flows.launch import finished, run_here

        state = finished(run_here(flow, parameters, progress))
    print(state.message)
