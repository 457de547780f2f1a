"""The period belongs to the key of a snapshot: a source that did not change sends the same bytes month after month."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BEFORE = ("sha256", "source", "round", "origin")
KEY = (*BEFORE, "period")
GRAIN_BEFORE = "One row per bytes as received from one origin in one round."
GRAIN = "One row per bytes as received from one origin in one round and period."
EXCLUSION_BEFORE = "One row per agency that a decision left out of the ranking of a vintage."
EXCLUSION = "One row per agency that a decision, or the framework itself, left out of the ranking of a vintage."
# The old key has room for one period of the same bytes.
LATER_PERIODS = """
DELETE FROM {table} AS later WHERE EXISTS (
    SELECT 1 FROM {table} AS first
    WHERE first.sha256 = later.sha256 AND first.source = later.source AND first."round" = later."round"
      AND first.origin = later.origin AND first.period < later.period)
"""


def upgrade() -> None:
    _key(KEY, GRAIN)
    _comment("exclusion", EXCLUSION)


def downgrade() -> None:
    op.execute(LATER_PERIODS.format(table="dti.snapshot" if _is_postgres() else "snapshot"))
    _key(BEFORE, GRAIN_BEFORE)
    _comment("exclusion", EXCLUSION_BEFORE)


def _key(columns: tuple[str, ...], grain: str) -> None:
    if _is_postgres():
        op.drop_constraint("pk_snapshot", "snapshot", schema="dti", type_="primary")
        op.create_primary_key("pk_snapshot", "snapshot", list(columns), schema="dti")
        _comment("snapshot", grain)
        return
    op.execute("PRAGMA legacy_alter_table = ON")  # views that name the table stay as they are
    with op.batch_alter_table("snapshot", recreate="always") as batch:
        batch.drop_constraint("pk_snapshot", type_="primary")
        batch.create_primary_key("pk_snapshot", list(columns))
    op.execute("PRAGMA legacy_alter_table = OFF")


def _comment(table: str, grain: str) -> None:
    if _is_postgres():  # SQLite keeps none
        op.create_table_comment(table, grain, schema="dti")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
