"""What is known about a synthetic round: the true figures, and every piece of dirt with what should become of it."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Truth:
    """One true value.

    Attributes:
        framework: Name of the framework.
        agency: Id of the agency.
        node: Code of the criterion.
        value: True value, in the unit of the node.
        outcome: `measured` where the round should bring it to light, `quarantined` where its row should be refused,
            `missing` where it was never reported or its file cannot be used.
    """

    framework: str
    agency: str
    node: str
    value: float
    outcome: str


@dataclass(frozen=True)
class Dirt:
    """One piece of dirt.

    Attributes:
        framework: Name of the framework.
        file: Path of the return, relative to the round's folder; empty for an agency that sent none.
        locator: Cell or line; empty where the whole file is meant.
        kind: Kind of dirt.
        agency: Id of the agency.
        node: Code as written; empty for a whole file.
        outcome: `accepted`, `corrected`, `quarantined`, `superseded`, `refused` or `missing`.
        rule: Rule that should refuse the row, where there is one only.
    """

    framework: str
    file: str
    locator: str
    kind: str
    agency: str
    node: str
    outcome: str
    rule: str


@dataclass(frozen=True)
class Decision:
    """One decision of the appraisal council.

    Attributes:
        framework: Name of the framework.
        agency: Id of the agency.
        node: Code of the criterion.
        decision: The decision as written.
        value: Value that counts from now on, in the unit of the node; None where points were given.
        points: Points given outright; None where a value counts.
        reason: The reason as written.
    """

    framework: str
    agency: str
    node: str
    decision: str
    value: float | None
    points: float | None
    reason: str


@dataclass(frozen=True)
class MonthTruth:
    """One true count of a month.

    Attributes:
        period: The month.
        agency: Id of the agency.
        node: Code of the count.
        value: True count.
        outcome: `measured` where the round should bring it to light, `wrong` where a figure at fault is accepted with a
            warning, `quarantined` where its row should be refused and no other source gives it, `missing` where no
            source gives it.
    """

    period: str
    agency: str
    node: str
    value: int
    outcome: str


@dataclass(frozen=True)
class MonthDirt:
    """One thing that is wrong on purpose in a month.

    Attributes:
        period: The month.
        agency: Id of the agency.
        kind: Kind of dirt.
        source: Source that brings it; empty for a return that never came.
        file: Path of the return, relative to the round's folder; empty where no file has it.
        node: Code of the count; empty for a whole return.
        written: The figure as given, empty for a whole return.
        outcome: `late`, `missing`, `quarantined`, `superseded`, `accepted`, or `warning`: accepted and pointed out.
    """

    period: str
    agency: str
    kind: str
    source: str
    file: str
    node: str
    written: str
    outcome: str


Record = Truth | Dirt | Decision | MonthTruth | MonthDirt


def write_records(file: Path, kind: type[Record], records: Iterable[Record]) -> None:
    """Write records as CSV, columns as the fields of their kind, exact numbers."""
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        columns = [field.name for field in fields(kind)]
        writer.writerow(columns)
        writer.writerows([getattr(record, column) for column in columns] for record in records)
