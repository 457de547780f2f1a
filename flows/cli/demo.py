"""`dti demo`: a synthetic round at full shape, and the tour that `make run` takes."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter, validators

from warehouse.errors import InputError
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from tasks.demo.round import DemoRound

app = App(name="demo", help="Synthetic rounds, labelled as such everywhere, and a tour of the whole system.")
FRAMEWORKS = ("province_2020", "ministry_2020")
# What a run needs to ask the servers of a synthetic survey; their answers are made up, so none of it is a secret.
ACCESS = {
    "DTI_ALLOW_PRIVATE_ADDRESSES": "true",
    "DTI_SYNTHETIC_TOKEN": "synthetic",
    "DTI_SYNTHETIC_USER": "synthetic",
    "DTI_SYNTHETIC_PASSWORD": "synthetic",
}
Port = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=65535))]
_START_SECONDS = 30.0
SURVEY_PORT = 8790  # in the addresses of the survey tools: the same seed and port give the same bytes


@app.command(name="make-round")
def make_round(
    folder: Path, *, seed: int = 2020, limit: int | None = None, survey_port: Port = SURVEY_PORT, survey: bool = True
) -> None:
    """Write a synthetic round with the dirt of real ones and the truth beside it.

    It holds returns, appraisals, a panel of experts, a survey, posts of news sites and elsewhere, and portals.

    Args:
        folder: Folder to write; it must be empty or an earlier synthetic round.
        seed: The same seed gives the same bytes.
        limit: Only so many agencies of each framework.
        survey_port: Port at which `dti demo serve` will serve the survey tools and the portals.
        survey: Whether there are a survey and portals; with --no-survey the round needs no server.
    """
    made = _make(folder, seed, survey_port if survey else None, limit)
    print(f"{made.files} returns of round {made.round} are in {folder}.")
    if survey:
        print(f"Serve its survey and portals in another terminal: dti demo serve {folder}")
        print(f"and let the run ask there: export {' '.join(f'{name}={value}' for name, value in ACCESS.items())}")
    print(f"Run it: dti run annual --framework province_2020 --period 2020 --round {folder}")


@app.command(name="make-months")
def make_months(
    folder: Path,
    *,
    first: Annotated[str, Parameter(name="--from")],
    last: Annotated[str, Parameter(name="--to")],
    seed: int = 2020,
    limit: int | None = None,
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

    from tasks.demo.months import make_months as make

    console = Console(stderr=True)
    with console.status("making synthetic months") as status:
        made = make(
            folder,
            seed=seed,
            first=first,
            last=last,
            limit=limit,
            server_url=monitoring_url if monitoring else "",
            told=lambda period: status.update(f"made {period}"),
        )
    print(f"{made.files} returns of {len(made.periods)} months of round {made.round} are in {folder}.")
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
def run(*, seed: int = 2020, survey_port: Port = SURVEY_PORT) -> None:
    """Run the published figures and a synthetic round of both frameworks, and show what came of them.

    Args:
        seed: Seed of the synthetic round.
        survey_port: Port on the loopback address for the survey tools of the synthetic round.
    """
    import os

    from flows.server import import_flows, prefect_server
    from flows.terminal import follow, print_report
    from tasks.demo.servers.survey import Tools, serve_tools
    from tasks.sources.rounds import load_round

    os.environ.update(ACCESS)
    get_settings.cache_clear()
    home = get_settings().home
    folder = home / "rounds" / f"synthetic-{seed}"
    reports = []

    with serve_tools(Tools([]), survey_port):  # before the long part: whether the port can be used
        pass

    def prepare() -> None:
        _make(folder, seed, survey_port)
        import_flows()

    with (
        follow("making the synthetic round, starting Prefect") as step,
        prefect_server(get_settings().prefect_home, prepare),
        _served(folder, survey_port),
    ):
        from flows.launch import run_annual
        from flows.parameters import AnnualParameters, Publication

        synthetic = load_round(folder).round
        for framework, round_folder in (("province_2020", None), *((name, folder) for name in FRAMEWORKS)):
            parameters = AnnualParameters(
                framework=framework, period="2020", round_folder=round_folder, publication=Publication.NOW
            )
            reports.append(run_annual(parameters, step))
    for report in reports:
        print_report(report)
    _show_results(folder, synthetic)


@contextmanager
def _served(folder: Path, port: int) -> Iterator[None]:
    """Serve a round from a process of its own, so that it does not take turns with those who ask."""
    command = [sys.executable, "-m", "flows.cli", "demo", "serve", str(folder), "--port", str(port)]
    command.append("--while-stdin")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not _answers(port):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise InputError(
                        f"The demo server did not start on port {port}.", "Give another one: --survey-port N."
                    )
                time.sleep(0.05)
            yield
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    from tasks.demo.servers.survey import HOST

    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _make(folder: Path, seed: int, survey_port: int | None, limit: int | None = None) -> "DemoRound":
    from tasks.demo.round import make_round as make
    from tasks.demo.servers.survey import HOST
    from warehouse.frameworks.loader import load_framework

    url = f"http://{HOST}:{survey_port}" if survey_port else ""
    frameworks = [load_framework(name) for name in FRAMEWORKS]
    return make(folder, seed=seed, frameworks=frameworks, limit=limit, survey_url=url, portals_url=url)


def _show_results(folder: Path, synthetic: str) -> None:
    from flows.cli.quarantine import summary
    from flows.cli.rank import rank

    print()
    rank(framework="province_2020", period="2020")
    print()
    summary(framework="province_2020", period="2020", round=synthetic)
    print(f"""
Where everything is
  warehouse          {get_settings().url if not get_settings().warehouse_url else "DTI_WAREHOUSE_URL"}
  bytes as received  {get_settings().snapshots}
  frames of a round  {get_settings().lake / "rounds"}
  validation         {get_settings().data_docs / "index.html"}
  synthetic round    {folder}

Next, ask why a province stands where it stands:
  .venv/bin/dti explain --framework province_2020 --period 2020 --agency "Đà Nẵng"
  .venv/bin/dti rank --framework province_2020 --period 2020 --round {synthetic}
  .venv/bin/dti serve""")
