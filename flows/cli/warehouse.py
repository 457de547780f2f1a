"""`dti warehouse`: bring the schema up to date, take it back, say where it stands."""

from cyclopts import App

from warehouse.settings import get_settings

app = App(name="warehouse", help="The warehouse's schema: upgrade, downgrade, status.")


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
