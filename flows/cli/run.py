"""`dti run`: a round from its sources to a published vintage, with a Prefect server for the time of the command."""

from pathlib import Path

from cyclopts import App

from warehouse.settings import get_settings

app = App(name="run", help="Run a round: gather, standardise, validate, load, measure, score, publish.")


@app.command
def annual(
    *, framework: str = "province_2020", period: str = "2020", round: Path | None = None, publish: bool | None = None
) -> None:
    """Run the annual round of an index.

    Args:
        framework: Name of the framework, or the path of a framework folder.
        period: The year that is measured.
        round: Folder of the round's inputs; left out: the figures that the press published.
        publish: Publish the vintage at once, or keep it provisional. Left out: an official round stays provisional
            until somebody decides (`dti approve`), other figures are published.
    """
    from flows.jobs import job_of
    from flows.parameters import AnnualParameters, Publication
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow, print_report
    from tasks.harmonise.periods import parse_period

    parameters = AnnualParameters(framework=framework, period=parse_period(period), round_folder=round)
    official = job_of(parameters).round.kind == "official"
    final = not official if publish is None else publish
    parameters.publication = Publication.NOW if final else Publication.NO
    with follow("starting Prefect") as progress, prefect_server(get_settings().prefect_home, import_flows):
        from flows.launch import run_annual

        report = run_annual(parameters, progress)
    print_report(report)
