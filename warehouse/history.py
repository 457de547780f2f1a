"""Figures of earlier months that are in force: what a month is held against."""

import json
from collections.abc import Iterable

import pandas as pd
import sqlalchemy as sa

from warehouse.frames import HISTORY
from warehouse.frameworks.checks import MOST_MONTHS
from warehouse.periods import months_before
from warehouse.read import read
from warehouse.schema import BATCHES, MEASUREMENTS, OBSERVATIONS, QUARANTINED
from warehouse.views import MART_VINTAGE

_SCOPE = ("framework", "round", "period")
_FILE = ("framework", "period", "source", "snapshot_sha256")
_PLACE = ("snapshot_sha256", "locator")


def earlier_figures(engine: sa.Engine, framework: str, round_name: str, period: str) -> pd.DataFrame:
    """Figures that a round accepted in the twelve months before a month and that are in force.

    In force is what the newest run of the earlier month had before it and did not refuse. Where it had a figure in two
    versions, as before and after a correction, the one that the newest vintage was made of counts.

    Args:
        engine: The warehouse.
        framework: Name of the framework; other editions of its kind count too, where they have the same codes.
        round_name: Name of the round.
        period: The month; for any other period there is no history.

    Returns:
        HISTORY rows, one a cell; a cell with several different figures of which none was used is left out.

    Raises:
        WarehouseError: The warehouse cannot be read or has another schema than this code.
    """
    months = months_before(period, MOST_MONTHS)
    if not months:
        return HISTORY.empty()
    found = _in_force(engine, framework_kind(framework), round_name, months)
    cell = ["framework", *HISTORY.key]
    found = found.drop_duplicates([*cell, "value"])
    doubled = found.duplicated(cell, keep=False)
    if doubled.any():
        used = _used(engine, found[doubled], round_name)
        found = found[~doubled | found["observation_id"].isin(used)]
    return HISTORY.conform(found.drop_duplicates(list(HISTORY.key), keep=False))


def framework_kind(name: str) -> str:
    """Return the kind of a framework: its name without the edition.

    >>> framework_kind("online_services_2019"), framework_kind("egdi")
    ('online_services', 'egdi')
    """
    kind, _, edition = name.rpartition("_")
    return kind if kind and edition.isdigit() else name


def _in_force(engine: sa.Engine, kind: str, round_name: str, months: list[str]) -> pd.DataFrame:
    """Observations of the files that the newest runs had, without what these runs refused."""

    def rows_of(table: sa.Table, names: Iterable[str], *conditions: sa.ColumnElement[bool]) -> pd.DataFrame:
        own = table.c
        of_months = (own.framework.startswith(kind, autoescape=True), own.round == round_name, own.period.in_(months))
        return read(engine, sa.select(*(own[name] for name in names)).where(*of_months, *conditions))

    seen = OBSERVATIONS.c
    counted = (seen.part == "value", seen.superseded_by == "", seen.value.is_not(None))
    found = rows_of(OBSERVATIONS, ("framework", "observation_id", *HISTORY.columns, *_PLACE), *counted)
    names = [name for name in found["framework"].unique() if framework_kind(name) == kind]
    # Joined here and not in the database, which takes rows of equal columns for rare and looks up each by itself.
    files = rows_of(BATCHES, _FILE).drop_duplicates()
    refused = rows_of(QUARANTINED, (*_FILE, "locator")).drop_duplicates()
    of_files = found[found["framework"].isin(names)].merge(files, on=list(_FILE))
    marked = of_files.merge(refused, on=[*_FILE, "locator"], how="left", indicator="refused")
    return marked[marked["refused"] == "left_only"]


def _used(engine: sa.Engine, doubled: pd.DataFrame, round_name: str) -> set[str]:
    """Ids of the observations that the newest vintages of the doubled cells' months were made of."""
    made = MEASUREMENTS.c
    newest = sa.exists().where(
        MART_VINTAGE.c.is_latest, *(MART_VINTAGE.c[name] == made[name] for name in (*_SCOPE, "vintage"))
    )
    query = sa.select(made.observation_ids).where(
        made.framework.in_(_different(doubled["framework"])),
        made.round == round_name,
        made.period.in_(_different(doubled["period"])),
        made.agency.in_(_different(doubled["agency"])),
        newest,
    )
    return {name for text in read(engine, query)["observation_ids"] for name in json.loads(text or "[]")}


def _different(column: Iterable[str]) -> list[str]:
    return sorted(set(column))
