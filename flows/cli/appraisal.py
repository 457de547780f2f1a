"""`dti appraisal`: how far self-report exceeds appraisal."""

from typing import Literal

from cyclopts import App

from flows.cli.output import Format, show
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.scoring.claims import claims, total
from warehouse.errors import WarehouseError
from warehouse.frames import records
from warehouse.frameworks.loader import load_framework
from warehouse.settings import get_settings

app = App(name="appraisal", help="Show how far self-report exceeds appraisal, by agency or by criterion.")


@app.default
def appraisal(
    *,
    framework: str,
    period: str,
    by: Literal["agency", "criterion"] = "agency",
    round: str | None = None,
    format: Format = "table",
) -> None:
    """Show the points that were claimed and granted, the largest excess first.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        by: Sum over each agency, or over each criterion.
        round: Name of the round; left out: as `dti rank` chooses.
        format: table, csv or json.
    """
    from warehouse.engine import connect
    from warehouse.queries import choose_vintage, measurements

    loaded = load_framework(framework)
    engine = connect(get_settings().url)
    chosen = choose_vintage(engine, loaded.name, period, round)
    found = claims(loaded, measurements(engine, chosen, all_stages=True))
    if found.empty:
        raise WarehouseError(
            f"The round {chosen.round} of {loaded.name} {period} has not been appraised.",
            "Add the council's file to round.yaml with `source: appraisal` and run the round again.",
        )
    key = "agency" if by == "agency" else "node"
    rows = records(total(found, key))
    if format == "table":
        at = period_end(period)
        for row in rows:
            code = row[key]
            row[key] = Registry.bundled().name_of(code, at) if by == "agency" else f"{code} {loaded.node(code).name}"
    title = f"{loaded.description.title_vi or loaded.name}, {period}: round {chosen.round}, points claimed and granted"
    show(rows, format, title)
