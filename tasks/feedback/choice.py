"""Which files are an agency's, and which of its returns is in force."""

from collections.abc import Callable, Collection, Mapping
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.standardise import standardise, supersede
from tasks.harmonise.text import clean_cell
from tasks.sources.form import read_block
from tasks.sources.registry import all_sources, sources
from tasks.sources.return_file import read_return
from warehouse.errors import BatchRefused
from warehouse.frames import records
from warehouse.frameworks.model import Framework

REFUSED, NEVER_CAME = "refused", "unavailable"
_AFTER_THE_ID = "-_ .("

# Gives the bytes of a snapshot.
Bytes = Callable[[str], bytes]
# Gives the id of the agency that a spelling stands for, or empty text.
Finder = Callable[[str], str]


def returns_of(batches: pd.DataFrame, refused: pd.DataFrame) -> pd.DataFrame:
    """Return the files of a round that are returns and could be read.

    Args:
        batches: BATCH rows of the round.
        refused: QUARANTINE rows of the round.

    Returns:
        The BATCH rows, each snapshot once. Where a file has rows of unknown agencies, `agency` is the only known one.
    """
    read = _returns(batches)
    read = read[~read["outcome"].isin([REFUSED, NEVER_CAME])].drop_duplicates("snapshot_sha256")
    known = refused[refused["agency"] != ""].groupby("snapshot_sha256")["agency"].unique()
    only = {str(sha256): str(found[0]) for sha256, found in known.items() if len(found) == 1}
    found = [row["agency"] or only.get(row["snapshot_sha256"], "") for row in records(read)]
    return read.assign(agency=pd.Series(found, index=read.index, dtype="str"))


def refused_files(batches: pd.DataFrame) -> pd.DataFrame:
    """Return the BATCH rows of returns that were refused as a whole."""
    found = _returns(batches)
    return found[found["outcome"] == REFUSED]


def sender(content: bytes, origin: str, find: Finder, ids: Collection[str]) -> str:
    """Return the id of the agency that sent a refused file: as it says itself, else as it is named; empty if neither.

    Args:
        content: Bytes of the file; empty where they are lost.
        origin: Its url or path.
        find: Gives the id of the agency that a spelling stands for.
        ids: Ids of all agencies.
    """
    said = find(_named_agency(content))
    stem = PurePosixPath(origin.partition("?")[0]).stem
    named = [known for known in ids if stem == known or (stem.startswith(known) and stem[len(known)] in _AFTER_THE_ID)]
    return said or max(named, key=len, default="") or find(clean_cell(stem.replace("-", " ").replace("_", " ")))


def in_force(returns: pd.DataFrame, read: Bytes, framework: Framework, period: str) -> pd.DataFrame:
    """Return the returns of one agency that no later one replaces, as the round itself decides.

    Args:
        returns: BATCH rows of the agency's returns.
        read: Gives the bytes of a snapshot.
        framework: The framework whose criteria are reported.
        period: Period of the round.
    """
    kept = []
    for name, files in returns.groupby("source", sort=False):
        kept.append(files if len(files) < 2 else files[_latest(str(name), files, read, framework, period)])
    return pd.concat(kept) if kept else returns


def agency_finder(framework: Framework, period: str) -> Finder:
    """Return what understands names of agencies as the round does."""
    kinds, at = framework.description.population, period_end(period)
    if not kinds:
        return clean_cell

    def find(text: str) -> str:
        agency = Registry.bundled().find(text, at, kinds) if text else None
        return agency.agency_id if agency else ""

    return find


def _returns(batches: pd.DataFrame) -> pd.DataFrame:
    """The files of sources whose files are each the whole return of one agency."""
    known = all_sources()
    are_returns = [name for name in batches["source"].unique() if getattr(known.get(name), "later_replaces", False)]
    return batches[batches["source"].isin(are_returns)]


def _latest(source: str, files: pd.DataFrame, read: Bytes, framework: Framework, period: str) -> list[bool]:
    """Whether each return of one source counts: read again, and weighed as the round weighs them."""
    frames = [_candidates(source, row, read, framework, period) for row in records(files)]
    origins = dict(zip(files["snapshot_sha256"], files["origin"], strict=True))
    weighed = supersede(pd.concat(frames, ignore_index=True), origins)
    is_replaced = (weighed["superseded_by"] != "") & (weighed["agency"] != "")
    replaced = set(weighed.loc[is_replaced, "snapshot_sha256"])
    return [sha256 not in replaced for sha256 in files["snapshot_sha256"]]


def _candidates(source: str, row: Mapping[str, Any], read: Bytes, framework: Framework, period: str) -> pd.DataFrame:
    kinds = framework.description.population
    return standardise(
        sources()[source].read(read(row["snapshot_sha256"]), framework),
        framework=framework,
        round_name=row["round"],
        period=period,
        source=source,
        snapshot_sha256=row["snapshot_sha256"],
        registry=Registry.bundled() if kinds else None,
        kinds=kinds,
    )


def _named_agency(content: bytes) -> str:
    """The agency that a file names above its table, as far as it can be read at all."""
    try:
        sheets = read_return(content)
    except BatchRefused:
        return ""
    return next((name for sheet in sheets if (name := read_block(sheet, len(sheet.rows)).agency)), "")
