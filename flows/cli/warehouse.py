"""`dti warehouse`: the schema up and down, who may do what, the views as files, a move to another database."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from cyclopts import App

from warehouse.settings import get_settings

app = App(name="warehouse", help="The warehouse: upgrade, downgrade, status, grant, export, copy.")


@app.command
def upgrade() -> None:
    """Bring the schema to the version of this code; makes the tables of a new warehouse."""
    from warehouse.engine import connect, status, upgrade

    engine = connect(get_settings().url)
    upgrade(engine)
    print(status(engine))


@app.command
def downgrade(revision: str) -> None:
    """Take the schema back to an earlier revision, or to `base` for none.

    Args:
        revision: Revision as `dti warehouse status` shows it, or `base`.
    """
    from warehouse.engine import connect, downgrade, status

    engine = connect(get_settings().url)
    downgrade(engine, revision)
    print(status(engine))


@app.command
def status() -> None:
    """Say which warehouse is used and which schema it has."""
    from warehouse.engine import connect, status

    print(status(connect(get_settings().url)))


@app.command
def grant() -> None:
    """Make the roles dti_loader and dti_reader on PostgreSQL where they are missing, and grant what they may do."""
    from warehouse.engine import connect
    from warehouse.grants import grant_roles

    print(grant_roles(connect(get_settings().url)))


@app.command
def export(folder: Path, *, view: str | None = None, format: Literal["parquet", "csv"] = "parquet") -> None:
    """Write the views for statisticians as files, with a data dictionary beside them.

    Args:
        folder: Where the files go.
        view: Only this view, e.g. mart_league_table.
        format: parquet or csv.
    """
    from flows.labels import spreadsheet_safe
    from flows.terminal import follow
    from warehouse.engine import connect
    from warehouse.export import DICTIONARY, export_views

    engine = connect(get_settings().url)
    with follow("reading the warehouse") as step:
        counts = export_views(
            engine, folder, names=[view] if view else [], form=format, safe=spreadsheet_safe, told=_steps(step)
        )
    for name, rows in counts.items():
        print(f"{folder / name}.{format}: {rows} rows")
    print(f"{folder / DICTIONARY}: what every column means")


@app.command
def copy(*, to: str) -> None:
    """Copy the whole warehouse into an empty database, in one transaction, and verify every table row by row.

    Args:
        to: URL of the other warehouse, as in DTI_WAREHOUSE_URL. Leave the password out: libpq takes it from PGPASSWORD
            or from ~/.pgpass.
    """
    from flows.cli.output import show
    from flows.terminal import follow
    from warehouse.copying import copy_warehouse
    from warehouse.engine import connect, place

    source, target = connect(get_settings().url), connect(to, named="--to")
    with follow("looking at both warehouses") as step:
        copied = copy_warehouse(source, target, told=_steps(step))
    rows = [{"table": one.table, "rows": one.rows, "digest": one.digest} for one in copied]
    show(rows, "table", f"Copied and found equal: {place(source)} to {place(target)}")


def _steps(step: Callable[[str, float | None], None]) -> Callable[[str, float], None]:
    """Tell the bar, and a file or pipe only when something else begins."""
    last = ""

    def told(text: str, percent: float) -> None:
        nonlocal last
        if text != last:
            last = text
            step(text, percent)

    return told
