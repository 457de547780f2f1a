"""`dti framework audit`: what correlations say of a framework, on a file of measurements or on a vintage."""

from pathlib import Path
from typing import Any, Literal

from cyclopts import App

from flows.cli.output import Format, console, show
from warehouse.errors import InputError
from warehouse.frames import is_missing, records
from warehouse.settings import get_settings

app = App(name="audit", help="Correlations, Cronbach's alpha, influence, redundant and silent indicators.")

_SHORT = {
    "part_of_variance": "of variance",
    "weight_in_total": "in total",
    "r_parent": "r parent",
    "r_total": "r total",
    "r_inside": "r inside",
    "r_across": "r across",
}
# Columns that a narrow screen can do without, the least telling first.
_SPARE = ("r_inside", "r_across", "importance", "alpha", "r_parent", "weight_in_total", "units")


@app.default
def audit(
    framework: str,
    *,
    inputs: Path | None = None,
    period: str | None = None,
    round: str | None = None,
    table: Literal["nodes", "pairs"] = "nodes",
    redundant: float = 0.9,
    silent: float = 0.3,
    format: Format = "table",
) -> None:
    """Audit a framework: do its indicators agree, does each of them tell, does any of them tell twice?

    Args:
        framework: Name of a framework, or the path of a framework folder.
        inputs: CSV or Parquet of measurements, as for `dti score`.
        period: Without --inputs: the period whose latest vintage is audited.
        round: Name of its round; left out: the official one, else the press figures, else a synthetic one.
        table: One row a node (weights, influence, correlations, alpha, findings), or one a pair of nodes.
        redundant: Absolute correlation above which two criteria are redundant.
        silent: Correlation with the total below which a criterion is silent.
        format: table, csv or json.
    """
    from tasks.harmonise.groups import agency_groups
    from tasks.scoring.audit import audit as audited
    from tasks.scoring.engine import evaluated
    from warehouse.frameworks.loader import load_framework

    for name, limit in (("redundant", redundant), ("silent", silent)):
        if not 0 <= limit <= 1:
            raise InputError(f"--{name} is {limit:g}.", "Write a correlation, from 0 to 1.")
    loaded = load_framework(framework)
    groups = agency_groups(loaded, period) if period is not None else loaded.groups
    measurements, origin = _measurements(loaded.name, inputs, period, round)
    scoring = evaluated(loaded, measurements, groups=groups, origin=origin)
    found = audited(scoring.tree, scoring.result.shares, redundant, silent)
    rows = [_blank(row) for row in records(found.nodes if table == "nodes" else found.pairs)]
    if format != "table":
        show(rows, format)
        return
    findings = sum(bool(row["finding"]) for row in rows)
    show([_for_people(row) for row in rows], format, f"{loaded.name} on {origin}", _SHORT, _SPARE)
    over = _units(scoring.result.shares)
    console().print(f"{len(rows)} {table}, {findings} with a finding; correlations of shares over {over}.")


def _measurements(framework: str, inputs: Path | None, period: str | None, round_name: str | None) -> tuple[Any, str]:
    """The measurements and what to call them."""
    if (inputs is None) == (period is None):
        raise InputError(
            "An audit needs measurements of one origin.",
            "Give --inputs FILE, or --period of a vintage in the warehouse.",
        )
    if inputs is not None:
        from tasks.scoring.files import read_inputs

        return read_inputs(inputs), str(inputs)
    from warehouse.engine import connect
    from warehouse.queries import choose_vintage, measurements

    engine = connect(get_settings().url)
    chosen = choose_vintage(engine, framework, str(period), round_name)
    return measurements(engine, chosen), f"vintage {chosen.vintage} of {chosen.round}"


def _units(shares: Any) -> str:
    return f"{shares.shape[1]} units" if shares.shape[1] != 1 else "1 unit"


def _blank(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if is_missing(value) else value for name, value in row.items()}


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("parent", "level")}
