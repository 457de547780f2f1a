"""`dti demo`: synthetic rounds and months at full shape, their servers, and the tour that `make run` takes."""

import sys
import time
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from flows.cli.demo_round import FRAMEWORKS, last_period, make
from flows.cli.demo_server import ACCESS, SURVEY_PORT
from flows.cli.numbers import number
from flows.labels import counted
from warehouse.errors import InputError

app = App(name="demo", help="Synthetic rounds, labelled as such everywhere, and a tour of the whole system.")
Port = Annotated[int, number(1, 65535)]


@app.command(name="make-round")
def make_round(
    folder: Path,
    *,
    framework: Annotated[list[str] | None, Parameter(negative="")] = None,
    period: str | None = None,
    seed: Annotated[int, number()] = 2020,
    limit: Annotated[int | None, number()] = None,
    survey_port: Port = SURVEY_PORT,
    survey: bool = True,
) -> None:
    """Write a synthetic round with the dirt of real ones and the truth beside it.

    It holds returns, appraisals, a panel of experts, a survey, posts of news sites and elsewhere, and portals.

    Args:
        folder: Folder to write; it must be empty or an earlier synthetic round.
        framework: Framework to report for; may stand several times. Left out: provinces and ministries of 2020.
        period: Period of the round; left out: the last one of the first framework.
        seed: The same seed gives the same bytes.
        limit: Only so many agencies of each framework.
        survey_port: Port at which `dti demo serve` will serve the survey tools and the portals.
        survey: Whether there are a survey and portals; with --no-survey the round needs no server.
    """
    from tasks.demo.round import asks_a_server
    from warehouse.frameworks.loader import load_framework

    frameworks = [load_framework(name) for name in framework or FRAMEWORKS]
    of = period or last_period(frameworks[0])
    survey = survey and any(asks_a_server(one) for one in frameworks)
    made = make(folder, frameworks, of, seed, survey_port if survey else None, limit)
    print(f"{made.files} returns of round {made.round} are in {folder}.")
    if survey:
        print(f"Serve its survey and portals in another terminal: dti demo serve {folder}")
        print(f"and let the run ask there: export {' '.join(f'{name}={value}' for name, value in ACCESS.items())}")
    print(f"Run it: dti run annual --framework {frameworks[0].name} --period {of} --round {folder}")


@app.command(name="make-months")
def make_months(
    folder: Path,
    *,
    first: Annotated[str, Parameter(name="--from")],
    last: Annotated[str, Parameter(name="--to")],
    seed: Annotated[int, number()] = 2020,
    limit: Annotated[int | None, number()] = None,
    monitoring_url: str = f"http://127.0.0.1:{SURVEY_PORT}",
    monitoring: bool = True,
) -> None:
    """Write synthetic months of online public services: returns, a monitoring system, their dirt, and the truth.

    Args:
        folder: Folder to write; it must be empty or an earlier synthetic round.
        first: First month, from 2019-01 on.
        last: Last month.
        seed: The same seed gives the same bytes.
        limit: Only so many agencies.
        monitoring_url: Address at which `dti demo serve` will serve the monitoring system and some of the returns.
        monitoring: Whether there is a monitoring system; with --no-monitoring the months need no server.
    """
    from rich.console import Console

    from tasks.demo.months import make_months as make_all

    console = Console(stderr=True)
    with console.status("making synthetic months") as status:
        made = make_all(
            folder,
            seed=seed,
            first=first,
            last=last,
            limit=limit,
            server_url=monitoring_url if monitoring else "",
            told=lambda period: status.update(f"made {period}"),
        )
    print(
        f"{counted(made.files, 'return')} of {counted(len(made.periods), 'month')} are in {folder}, round {made.round}."
    )
    print(f"What is true stands in {folder / 'truth.csv'}, what is wrong on purpose in {folder / 'dirt.csv'}.")
    if monitoring:
        print(f"Serve its monitoring system in another terminal: dti demo serve {folder}")
        print(f"and let the run ask there: export {' '.join(f'{name}={value}' for name, value in ACCESS.items())}")


@app.command
def serve(
    folder: Path, *, port: Port = SURVEY_PORT, while_stdin: Annotated[bool, Parameter(show=False, negative="")] = False
) -> None:
    """Serve what a synthetic round asks for: survey tools, portals, and the monitoring system of months.

    Ctrl-C ends it.

    Args:
        folder: Folder of the synthetic round.
        port: Port on the loopback address; the one that the round was made for.
        while_stdin: End when the standard input ends: when whoever started this is gone.
    """
    from tasks.demo.servers.monitoring import FIGURES_PATH, read_monitoring
    from tasks.demo.servers.survey import FOLDER, serve_surveys

    has_survey, has_months = any((folder / FOLDER).rglob("*.jsonl")), read_monitoring(folder) is not None
    if not (has_survey or has_months):
        hint = "Make them first: dti demo make-round FOLDER, or dti demo make-months FOLDER."
        raise InputError(f"{folder} holds no synthetic survey and no monitoring system.", hint)
    with serve_surveys(folder, port) as url:
        if has_survey:
            print(f"The survey tools are at {url}/kobo, {url}/odk and {url}/limesurvey, the news sites below {url}/web")
            print(f"and the agencies' portals below {url}/agency.")
        if has_months:
            print(f"The monitoring system is at {url}{FIGURES_PATH}?month=2020-08, with the token `synthetic`.")
        print("Ctrl-C ends it.", flush=True)
        if while_stdin:
            sys.stdin.buffer.read()
            return
        while True:
            time.sleep(3600)


@app.command
def run(
    *,
    framework: str | None = None,
    period: str | None = None,
    limit: Annotated[int | None, number()] = None,
    seed: Annotated[int, number()] = 2020,
    survey_port: Port = SURVEY_PORT,
) -> None:
    """Run the published figures and a synthetic round of both frameworks of 2020, and show what came of them.

    Args:
        framework: Only a synthetic round of this framework, a name or a folder: any whose agencies report something.
        period: Period of that round; left out: the last one that the framework is for.
        limit: Only so many agencies of that framework.
        seed: Seed of the synthetic round.
        survey_port: Port on the loopback address for the survey tools of the synthetic round.
    """
    if framework is not None:
        from flows.cli.demo_framework import run_framework

        run_framework(framework, period, seed=seed, port=survey_port, limit=limit)
        return
    if period is not None or limit is not None:
        raise InputError("The tour has its own period and agencies.", "Name a framework: --framework NAME.")
    from flows.cli.demo_tour import run_both

    run_both(seed, survey_port)
