"""Prefect's own command, with a mend that its server needs under SQLAlchemy 2.1: `python -m flows.prefect_main ...`.

The server writes the runs of a schedule with one bulk INSERT whose rows also name properties that are no columns (the
state of a run). SQLAlchemy 2.0 passes over them; 2.1 refuses the statement unless the property says what to do, so that
no schedule ever made a run. Here each such property says: nothing.
"""

from typing import Any

SETTER = "bulk_dml_setter"  # of a hybrid property of SQLAlchemy 2.1


def mend_schedules() -> None:
    """Let every property of a table of Prefect 3.8 be passed over in a bulk INSERT, as under SQLAlchemy 2.0."""
    from prefect.server.database import orm_models

    for table in vars(orm_models).values():
        for kind in getattr(table, "__mro__", ()):
            for member in vars(kind).values():
                if getattr(member, SETTER, "absent") is None:
                    setattr(member, SETTER, _pass_over)


def _pass_over(*_: Any) -> None:
    return None


if __name__ == "__main__":
    mend_schedules()
    from prefect.cli import app

    app()
