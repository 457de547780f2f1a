"""The tour that `make run` takes: three rounds, their ranking, what was refused, and where everything is."""

import os
from pathlib import Path

from flows.cli.demo_round import FRAMEWORKS, make
from flows.cli.demo_server import ACCESS, served
from warehouse.settings import get_settings


def run_both(seed: int, survey_port: int) -> None:
    """Run what `make run` runs: the published figures, then provinces and ministries of a synthetic round.

    Args:
        seed: Seed of the synthetic round.
        survey_port: Port of its survey tools.
    """
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow, print_report
    from tasks.demo.servers.survey import Tools, serve_tools
    from tasks.sources.rounds import load_round
    from warehouse.frameworks.loader import load_framework

    os.environ.update(ACCESS)
    get_settings.cache_clear()
    home = get_settings().home
    folder = home / "rounds" / f"synthetic-{seed}"
    reports = []

    with serve_tools(Tools([]), survey_port):  # before the long part: whether the port can be used
        pass

    def prepare() -> None:
        make(folder, [load_framework(name) for name in FRAMEWORKS], "2020", seed, survey_port)
        import_flows()

    with (
        follow("making the synthetic round, starting Prefect") as step,
        prefect_server(get_settings().prefect_home, prepare),
        served(folder, survey_port),
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
