"""Rows of targets, of the parts of derived shares and of crosswalks: what the monthly views join."""

import pandas as pd
import sqlalchemy as sa

from warehouse.frameworks.crosswalks.tables import Crossing, crosswalk_files, crosswalks_of
from warehouse.frameworks.model import Framework
from warehouse.periods import month_number
from warehouse.schema import CROSSWALK, SHARE_PART, TARGET
from warehouse.upsert import Counts, synchronise


def store_derivations(connection: sa.Connection, framework: Framework) -> dict[str, Counts]:
    """Store what a content of a framework says of targets and derived shares, and the crosswalks of its name.

    Args:
        connection: A connection in a transaction.
        framework: The framework; its row of `dim_framework` is there.

    Returns:
        Counts by table; only of tables that the framework has rows for.

    Raises:
        FrameworkError: A crosswalk from or to the framework has faults.
    """
    content = {"framework": framework.name, "framework_digest": framework.digest}
    counts = {}
    for table, rows in ((TARGET, target_rows(framework)), (SHARE_PART, part_rows(framework))):
        if not rows.empty:
            counts[table.name] = synchronise(connection, table, rows.assign(**content), content)
    if crosswalk_files(framework.name):
        counts[CROSSWALK.name] = _store_crosswalks(connection, crosswalks_of(framework.name))
    return counts


def target_rows(framework: Framework) -> pd.DataFrame:
    """Rows of `target`, without the framework they belong to."""
    rows = [
        {
            **{column: getattr(target, column) for column in _TARGET},
            "due_month": month_number(f"{target.due:%Y-%m}"),
            "position": position,
        }
        for position, target in enumerate(framework.targets)
    ]
    return pd.DataFrame(rows)


def part_rows(framework: Framework) -> pd.DataFrame:
    """Rows of `share_part`, without the framework they belong to."""
    rows = [
        {"node": node.code, "part": part, "code": code, "position": position}
        for node in framework.leaves
        for part, codes in (("numerator", node.numerator_codes), ("denominator", node.denominator_codes))
        for position, code in enumerate(codes)
    ]
    return pd.DataFrame(rows)


_TARGET = ("node", "applies_to", "due", "value", "legal_basis", "status", "source", "address")


def _store_crosswalks(connection: sa.Connection, crossings: tuple[Crossing, ...]) -> Counts:
    """Make the rows of each pair of editions equal to their crosswalk."""
    total = Counts()
    pairs = dict.fromkeys((row.from_framework, row.to_framework) for row in crossings)
    for pair in pairs:
        rows = [vars(row) for row in crossings if (row.from_framework, row.to_framework) == pair]
        scope = {"from_framework": pair[0], "to_framework": pair[1]}
        done = synchronise(connection, CROSSWALK, pd.DataFrame(rows), scope)
        total = Counts(
            total.inserted + done.inserted,
            total.updated + done.updated,
            total.unchanged + done.unchanged,
            total.removed + done.removed,
        )
    return total
