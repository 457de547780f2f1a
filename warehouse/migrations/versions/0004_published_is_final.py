"""The database itself refuses to change a published vintage, whoever asks."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MESSAGE = "a published vintage is never changed"
FACTS = ("measurement", "score")
OF_VINTAGE = """v.framework = {row}.framework AND v."round" = {row}."round" AND v.period = {row}.period
    AND v.vintage = {row}.vintage AND v.state = 'published'"""

# Statement triggers look at all changed rows at once: a trigger per row would double the time of a vintage.
POSTGRES_FUNCTIONS = f"""
CREATE FUNCTION dti_refuse_published_vintage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION dti_refuse_published_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM changed AS c JOIN vintage AS v ON {OF_VINTAGE.format(row="c")}) THEN
        RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""
POSTGRES_CHANGES = {
    "insert": "INSERT ON {table} REFERENCING NEW",
    "update_from": "UPDATE ON {table} REFERENCING OLD",
    "update_to": "UPDATE ON {table} REFERENCING NEW",
    "delete": "DELETE ON {table} REFERENCING OLD",
}
SQLITE_TRIGGER = """
CREATE TRIGGER published_{table}_{change} BEFORE {event} ON {table}
WHEN EXISTS (SELECT 1 FROM vintage AS v WHERE {condition}) BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
SQLITE_CHANGES = {
    "insert": ("INSERT", "NEW"),
    "update_from": ("UPDATE", "OLD"),
    "update_to": ("UPDATE", "NEW"),
    "delete": ("DELETE", "OLD"),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgres()
    else:
        _guard_sqlite()


def downgrade() -> None:
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for table in FACTS:
        for change in SQLITE_CHANGES:
            op.execute(f"DROP TRIGGER published_{table}_{change}" + (f" ON {table}" if is_postgres else ""))
    for change in ("update", "delete"):
        op.execute(f"DROP TRIGGER published_vintage_{change}" + (" ON vintage" if is_postgres else ""))
    if is_postgres:
        op.execute("DROP FUNCTION dti_refuse_published_vintage()")
        op.execute("DROP FUNCTION dti_refuse_published_facts()")


def _guard_postgres() -> None:
    op.execute(POSTGRES_FUNCTIONS)
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER published_vintage_{change} BEFORE {change.upper()} ON vintage FOR EACH ROW "
            "WHEN (OLD.state = 'published') EXECUTE FUNCTION dti_refuse_published_vintage()"
        )
    for table in FACTS:
        for change, event in POSTGRES_CHANGES.items():
            op.execute(
                f"CREATE TRIGGER published_{table}_{change} AFTER {event.format(table=table)} TABLE AS changed "
                "FOR EACH STATEMENT EXECUTE FUNCTION dti_refuse_published_facts()"
            )


def _guard_sqlite() -> None:
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER published_vintage_{change} BEFORE {change.upper()} ON vintage "
            f"WHEN OLD.state = 'published' BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
    for table in FACTS:
        for change, (event, row) in SQLITE_CHANGES.items():
            names = {"table": table, "change": change, "event": event}
            op.execute(SQLITE_TRIGGER.format(**names, condition=OF_VINTAGE.format(row=row), message=MESSAGE))
