"""`dti demo run --framework F`: a synthetic round of one framework through the whole path, ranking at the end."""

import os
from contextlib import nullcontext
from pathlib import Path

from flows.cli.demo_round import last_period, make
from flows.cli.demo_server import ACCESS, served
from warehouse.frameworks.editions import refuse_period
from warehouse.frameworks.loader import load_framework
from warehouse.settings import get_settings


def run_framework(name: str, period: str | None, *, seed: int, port: int, limit: int | None = None) -> None:
    """Make a synthetic round under the state folder, run it, and show its ranking.

    Args:
        name: Name or folder of the framework.
        period: Period of the round; None: the last one that the framework is for.
        seed: Seed of the round.
        port: Port on the loopback address for the survey tools, where the framework has a survey or an inspection.
        limit: Only so many agencies.

    Raises:
        DtiError: The framework is not for the period, or there is nothing to make: nobody reports anything to it, and
            it takes no published figures.
    """
    from flows.jobs import job_of
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow, print_league, print_report
    from tasks.demo.published import make_published
    from tasks.demo.round import asks_a_server, refuse_unreported
    from tasks.harmonise.periods import parse_period
    from tasks.returns.layout import reported_leaves

    framework = load_framework(name)
    of = parse_period(period) if period else last_period(framework)
    refuse_period(framework.description, of)
    folder = get_settings().home / "rounds" / f"synthetic-{framework.name}-{of}-{seed}"
    is_reported = bool(reported_leaves(framework))
    if is_reported:  # before the long part: whether there is anything to make
        refuse_unreported(framework)
    else:
        make_published(folder, framework, of, seed, limit)
    is_asked = is_reported and asks_a_server(framework)
    if is_asked:
        os.environ.update(ACCESS)
        get_settings.cache_clear()

    def prepare() -> None:
        if is_reported:
            make(folder, [framework], of, seed, port if is_asked else None, limit)
        import_flows()

    with (
        follow("making the synthetic round, starting Prefect") as step,
        prefect_server(get_settings().prefect_home, prepare),
        served(folder, port) if is_asked else nullcontext(),
    ):
        from flows.launch import run_annual
        from flows.parameters import AnnualParameters, Publication

        parameters = AnnualParameters(framework=name, period=of, round_folder=folder, publication=Publication.NOW)
        report = run_annual(parameters, step)
    print_report(report)
    print_league(job_of(parameters))
    _say_more(name, of, report.round, folder)


def _say_more(name: str, period: str, round_name: str, folder: Path) -> None:
    which = f"--framework {name} --period {period} --round {round_name}"
    print(f"""
The synthetic round is in {folder}. Next:
  .venv/bin/dti explain {which} --agency NAME
  .venv/bin/dti quarantine list {which}""")
