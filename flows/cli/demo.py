"""`dti demo`: a synthetic round at full shape, and the tour that `make run` takes."""

from pathlib import Path

from cyclopts import App

from warehouse.settings import get_settings

app = App(name="demo", help="Synthetic rounds, labelled as such everywhere, and a tour of the whole system.")
FRAMEWORKS = ("province_2020", "ministry_2020")


@app.command(name="make-round")
def make_round(folder: Path, *, seed: int = 2020, limit: int | None = None) -> None:
    """Write a synthetic round: a return of every agency, with the dirt of real ones and the truth beside it.

    Args:
        folder: Folder to write; it must be empty or an earlier synthetic round.
        seed: The same seed gives the same bytes.
        limit: Only so many agencies of each framework.
    """
    from tasks.demo.round import make_round as make
    from warehouse.frameworks.loader import load_framework

    made = make(folder, seed=seed, frameworks=[load_framework(name) for name in FRAMEWORKS], limit=limit)
    print(f"{made.files} returns of round {made.round} are in {folder}.")
    print(f"Run it: dti run annual --framework province_2020 --period 2020 --round {folder}")


@app.command
def run(*, seed: int = 2020) -> None:
    """Run the published figures and a synthetic round of both frameworks, and show what came of them.

    Args:
        seed: Seed of the synthetic round.
    """
    from flows.server import import_flows, prefect_server
    from flows.terminal import follow, print_report
    from tasks.demo.round import make_round as make
    from tasks.sources.rounds import load_round
    from warehouse.frameworks.loader import load_framework

    home = get_settings().home
    folder = home / "rounds" / f"synthetic-{seed}"
    reports = []

    def prepare() -> None:
        make(folder, seed=seed, frameworks=[load_framework(name) for name in FRAMEWORKS])
        import_flows()

    with (
        follow("making the synthetic round, starting Prefect") as step,
        prefect_server(get_settings().prefect_home, prepare),
    ):
        from flows.launch import run_annual
        from flows.parameters import AnnualParameters

        synthetic = load_round(folder).round
        for framework, round_folder in (("province_2020", None), *((name, folder) for name in FRAMEWORKS)):
            parameters = AnnualParameters(framework=framework, period="2020", round_folder=round_folder)
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
