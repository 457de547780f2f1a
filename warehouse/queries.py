"""What is asked of the warehouse: league tables, the way behind a score, the quarantine. Frames out, parameters in.

Every function raises WarehouseError when the warehouse cannot be read or has another schema than this code.
"""

from collections.abc import Collection, Iterable
from typing import Any

import pandas as pd
import sqlalchemy as sa

from warehouse.engine import place, reading
from warehouse.errors import WarehouseError
from warehouse.frames import OBSERVATION, SNAPSHOT, Frame
from warehouse.frameworks.rules import STAGES
from warehouse.read import read
from warehouse.schema import BATCHES, DIM_NODE, MEASUREMENTS, OBSERVATIONS, RUN, SCORES, SNAPSHOTS
from warehouse.views import (
    MART_MOVEMENT,
    MART_ONLINE_SERVICES,
    MART_QUARANTINE,
    MART_SCORE,
    MART_VINTAGE,
    MART_WARNING,
)
from warehouse.vintages import Vintage

KINDS = ("official", "press", "synthetic")  # best first: what is shown when no round is named
_MANY = 1_000  # values in one list of a statement; both databases take more


def rounds(engine: sa.Engine, framework: str, period: str) -> list[str]:
    """Names of the rounds that have a vintage: official before press before synthetic, the newest first."""
    found = vintages(engine, framework, period)
    return list(dict.fromkeys(found["round"]))


def vintages(engine: sa.Engine, framework: str, period: str, round_name: str | None = None) -> pd.DataFrame:
    """All vintages of a framework and period.

    Returns:
        Columns of `mart_vintage`, one row a vintage: the best round first, in each the newest vintage first.
    """
    return read(engine, _vintages(framework, period, round_name))


def choose_vintage(
    engine: sa.Engine, framework: str, period: str, round_name: str | None = None, number: int | None = None
) -> Vintage:
    """Choose what is shown of a framework and period.

    Args:
        engine: The warehouse.
        framework: Name of the framework.
        period: Period that was measured.
        round_name: Name of the round; None: official before press before synthetic, then the newest.
        number: Number of the vintage; None: the newest of the round.

    Raises:
        WarehouseError: There is none; the hint says what there is.
    """
    query = _vintages(framework, period, round_name)
    if number is not None:
        query = query.where(MART_VINTAGE.c.vintage == number)
    with reading(engine) as connection:
        row = connection.execute(query).mappings().first()
        if row is None:
            known = connection.execute(_at_hand()).all()
            own = [item for item in known if item.framework == framework] or known
            there = "; ".join(
                f"{item.framework} {item.period}, round {item.round}"
                + (f", newest vintage {item.vintage}" if number else "")
                for item in own
            )
            which = "".join((f", round {round_name}" if round_name else "", f", vintage {number}" if number else ""))
            raise WarehouseError(
                f"The warehouse {place(engine)} has no scores of {framework} {period}{which}.",
                f"It has: {there}." if there else "`dti run annual` makes some.",
            )
    names = {name: row[name] for name in Vintage.__dataclass_fields__ if name in row}
    return Vintage(kind=row["round_kind"], **names)


def league_table(
    engine: sa.Engine, chosen: Vintage, node: str, group: str | None = None, within: Collection[str] = ()
) -> pd.DataFrame:
    """Rank the agencies by a node.

    Args:
        engine: The warehouse.
        chosen: The vintage, as `choose_vintage` gives it.
        node: Code of the node; the root ranks the whole index.
        group: Only this ranking group; the rows are then in the order of its own ranks.
        within: The groups that lie within it, itself among them, where there are any; the rows are then in the order of
            the ranks among all, which is their order among each other too.

    Returns:
        Columns of `mart_score`, one row an agency with a score of the node, best first; unranked agencies last.

    Raises:
        WarehouseError: No agency of the vintage (and group) has a score of the node.
    """
    view = MART_SCORE.c
    query = sa.select(MART_SCORE).where(*_of_vintage(MART_SCORE, chosen), view.node == node)
    rows = read(engine, query if group is None else query.where(view.group.in_(within or (group,))))
    if rows.empty:
        among = f" in the group {group!r}" if group is not None else ""
        raise WarehouseError(
            f"No agency{among} has a score of {node!r} in round {chosen.round} of {chosen.framework} {chosen.period}.",
            "Check the codes of node and group; figures that were entered above a node leave it without a score.",
        )
    order = ["rank" if group is None or within else "group_rank", "agency"]
    return rows.sort_values(order, na_position="last", ignore_index=True)


def movement(engine: sa.Engine, chosen: Vintage, node: str) -> pd.DataFrame:
    """How the agencies moved on a node since the period before.

    Args:
        engine: The warehouse.
        chosen: The newest vintage of its round and period, as `choose_vintage` gives it; others have no rows.
        node: Code of the node.

    Returns:
        Columns of `mart_movement`, one row an agency, best first; unranked agencies last.
    """
    view = MART_MOVEMENT.c
    rows = read(engine, sa.select(MART_MOVEMENT).where(*_of_vintage(MART_MOVEMENT, chosen), view.node == node))
    return rows.sort_values(["rank", "agency"], na_position="last", ignore_index=True)


def ranked_counts(engine: sa.Engine, chosen: Vintage) -> dict[str, int]:
    """Number of agencies that have a rank, by node code: the N of "rank 8 of N"."""
    counted = sa.func.count(SCORES.c.rank)
    query = sa.select(SCORES.c.node, counted).where(*_of_vintage(SCORES, chosen)).group_by(SCORES.c.node)
    with reading(engine) as connection:
        return {str(node): int(number) for node, number in connection.execute(query)}


def score_tree(engine: sa.Engine, chosen: Vintage, agency: str) -> pd.DataFrame:
    """All scores of an agency.

    Args:
        engine: The warehouse.
        chosen: The vintage.
        agency: Id of the agency.

    Returns:
        SCORE columns with the node's `parent`, `position`, names, `unit`, `rule` and `node_status`; one row a node that
        was scored, in tree order.
    """
    of_node = sa.and_(
        DIM_NODE.c.framework == SCORES.c.framework,
        DIM_NODE.c.framework_digest == chosen.framework_digest,
        DIM_NODE.c.code == SCORES.c.node,
    )
    named = [DIM_NODE.c[name] for name in ("parent", "position", "name_vi", "name_en", "unit", "rule")]
    query = (
        sa.select(SCORES, *named, DIM_NODE.c.status.label("node_status"))
        .join_from(SCORES, DIM_NODE, of_node, isouter=True)
        .where(*_of_vintage(SCORES, chosen), SCORES.c.agency == agency)
        .order_by(DIM_NODE.c.position)
    )
    return read(engine, query)


def measurements(
    engine: sa.Engine, chosen: Vintage, agency: str | None = None, *, all_stages: bool = False
) -> pd.DataFrame:
    """Measurements of a vintage.

    Args:
        engine: The warehouse.
        chosen: The vintage.
        agency: Id of the agency; None: all.
        all_stages: Every stage; otherwise only the one that counts: final before appraised before self-reported.

    Returns:
        MEASUREMENT rows.
    """
    query = sa.select(MEASUREMENTS).where(*_of_vintage(MEASUREMENTS, chosen))
    rows = read(engine, query if agency is None else query.where(MEASUREMENTS.c.agency == agency))
    if all_stages:
        return rows
    latest_last = rows.assign(order=rows["stage"].map({stage: order for order, stage in enumerate(STAGES)}))
    counted = latest_last.sort_values("order").drop_duplicates(["agency", "node"], keep="last")
    return rows.loc[counted.index].sort_values(["agency", "node"], ignore_index=True)


def observations_by_id(engine: sa.Engine, ids: Iterable[str]) -> pd.DataFrame:
    """OBSERVATION rows of the given ids; ids that are not in the warehouse are left out."""
    return _by_values(engine, OBSERVATIONS.c.observation_id, ids, OBSERVATION)


def snapshot_cards(engine: sa.Engine, sha256s: Iterable[str]) -> pd.DataFrame:
    """SNAPSHOT rows of the given digests: one for each origin, round and period that the bytes came from."""
    return _by_values(engine, SNAPSHOTS.c.sha256, sha256s, SNAPSHOT)


def quarantine(
    engine: sa.Engine, framework: str, period: str, round_name: str | None = None, *, warnings: bool = False
) -> pd.DataFrame:
    """Rows that validation refused.

    Args:
        engine: The warehouse.
        framework: Name of the framework.
        period: Period that was measured.
        round_name: Name of the round; None: the one that was run last.
        warnings: The rows that it accepted with a warning instead.

    Returns:
        Columns of `mart_quarantine` or `mart_warning`, by file and place in it.
    """
    return _of_round(
        engine,
        MART_WARNING if warnings else MART_QUARANTINE,
        framework,
        period,
        round_name,
        ["origin", "locator", "rule"],
    )


def batches(engine: sa.Engine, framework: str, period: str, round_name: str | None = None) -> pd.DataFrame:
    """Files and responses of a round with what became of them.

    Args:
        engine: The warehouse.
        framework: Name of the framework.
        period: Period that was measured.
        round_name: Name of the round; None: the one that was run last.

    Returns:
        BATCH rows, by source and origin.
    """
    return _of_round(engine, BATCHES, framework, period, round_name, ["source", "origin"])


def runs(engine: sa.Engine, framework: str | None = None, period: str | None = None) -> pd.DataFrame:
    """The ledger of runs, the newest first; only of a framework and period where these are given.

    Returns:
        Columns of `run`, one row a run.
    """
    asked = {"framework": framework, "period": period}
    query = sa.select(RUN).where(*(RUN.c[name] == value for name, value in asked.items() if value is not None))
    return read(engine, query.order_by(RUN.c.started_at.desc(), RUN.c.run_id))


def online_services(engine: sa.Engine, round_name: str, period: str | None = None) -> pd.DataFrame:
    """The monthly online services of a round, from the newest vintage of each month.

    Args:
        engine: The warehouse.
        round_name: Name of the round.
        period: Only this month; None: all.

    Returns:
        Columns of `mart_online_services`, grain agency x share x month, by month, share and agency.
    """
    view = MART_ONLINE_SERVICES.c
    query = sa.select(MART_ONLINE_SERVICES).where(view.round == round_name)
    rows = read(engine, query if period is None else query.where(view.period == period))
    return rows.sort_values(["period", "node", "agency"], ignore_index=True)


def values(engine: sa.Engine, chosen: Vintage) -> pd.DataFrame:
    """What a vintage says: its values, measured or computed, for `tasks.scoring.revision.changes`.

    Args:
        engine: The warehouse.
        chosen: The vintage.

    Returns:
        Columns agency, node and value, one row an agency and node that has a value.
    """
    columns = (SCORES.c.agency, SCORES.c.node, SCORES.c.value)
    query = sa.select(*columns).where(*_of_vintage(SCORES, chosen), SCORES.c.value.is_not(None))
    return read(engine, query.order_by(SCORES.c.agency, SCORES.c.node))


def _vintages(framework: str, period: str, round_name: str | None) -> sa.Select[Any]:
    view = MART_VINTAGE.c
    query = sa.select(MART_VINTAGE).where(view.framework == framework, view.period == period)
    if round_name is not None:
        query = query.where(view.round == round_name)
    newest = sa.func.max(view.created_at).over(partition_by=view.round)
    preference = sa.case({kind: order for order, kind in enumerate(KINDS)}, value=view.round_kind, else_=len(KINDS))
    return query.order_by(preference, newest.desc(), view.round, view.vintage.desc())


def _at_hand() -> sa.Select[Any]:
    view = MART_VINTAGE.c
    names = (view.framework, view.period, view.round)
    return sa.select(*names, view.vintage).where(view.is_latest).order_by(*names)


def _of_vintage(table: sa.FromClause, chosen: Vintage) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in chosen.scope.items()]


def _of_round(
    engine: sa.Engine, table: sa.FromClause, framework: str, period: str, round_name: str | None, order: list[str]
) -> pd.DataFrame:
    known = list(dict.fromkeys(runs(engine, framework, period)["round"]))
    wanted = round_name or (known[0] if known else None)
    if wanted not in known:
        asked = f"round {round_name} of " if round_name else "round of "
        raise WarehouseError(
            f"The warehouse {place(engine)} knows no {asked}{framework} {period}.",
            f"It knows: {', '.join(known)}." if known else "`dti run annual` makes one.",
        )
    query = sa.select(table).where(table.c.framework == framework, table.c.period == period)
    rows = read(engine, query.where(table.c.round == wanted))
    return rows.sort_values(["round", *order], ignore_index=True)


def _by_values(engine: sa.Engine, column: sa.Column[Any], values: Iterable[str], kind: Frame) -> pd.DataFrame:
    wanted = sorted(set(values))
    parts = [wanted[start : start + _MANY] for start in range(0, len(wanted), _MANY)]
    found = [read(engine, sa.select(column.table).where(column.in_(part))) for part in parts]
    rows = pd.concat(found, ignore_index=True) if found else kind.empty()
    return rows.sort_values(list(kind.key), ignore_index=True)
