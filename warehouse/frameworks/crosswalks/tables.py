"""Reading crosswalks: one CSV for two editions, named `EARLIER__LATER.csv`.

A series of numbers goes on across a change of edition only where a row says so. `same` means that the node is defined
alike; `comparable` means that it goes on under another definition, which `note` says.
"""

from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import FrameworkError
from warehouse.frameworks.faults import Report, nearest, one_of
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework
from warehouse.frameworks.table import Row, read_table
from warehouse.settings import get_settings

BUNDLED = Path(__file__).parent
KINDS = ("same", "comparable")
_NEEDED = ("from", "to", "kind")
_COLUMNS = (*_NEEDED, "note", "source")


@dataclass(frozen=True)
class Crossing:
    """One node that goes on in another edition.

    Attributes:
        from_framework: Name of the earlier edition.
        from_node: Code of its node.
        to_framework: Name of the later edition.
        to_node: Code of its node.
        kind: `same` or `comparable`.
        note: What differs.
        source: Who says so.
    """

    from_framework: str
    from_node: str
    to_framework: str
    to_node: str
    kind: str
    note: str = ""
    source: str = ""


def crosswalk_files(framework: str) -> list[Path]:
    """Files of the crosswalks from or to a framework; an imported one wins over a bundled one of the same name."""
    folders = (BUNDLED, get_settings().frameworks / "crosswalks")
    found = {file.name: file for folder in folders for file in sorted(folder.glob("*__*.csv"))}
    return [file for name, file in sorted(found.items()) if framework in name.removesuffix(".csv").split("__")]


def crosswalks_of(framework: str) -> tuple[Crossing, ...]:
    """All rows of all crosswalks from or to a framework.

    Raises:
        FrameworkError: A crosswalk has faults, or names a framework that is not at hand.
    """
    return tuple(row for file in crosswalk_files(framework) for row in read_crosswalk(file))


def read_crosswalk(file: Path) -> tuple[Crossing, ...]:
    """Read one crosswalk and prove it against both editions.

    Args:
        file: `EARLIER__LATER.csv` with the columns from, to, kind and optionally note and source.

    Raises:
        FrameworkError: An edition is not at hand, a node is unknown or stands twice, or the table breaks its format.
    """
    names = file.name.removesuffix(".csv").split("__")
    if len(names) != 2 or names[0] == names[1]:
        raise FrameworkError(f"{file} does not name two editions.", "Call it EARLIER__LATER.csv.")
    earlier, later = (load_framework(name) for name in names)
    report = Report(file.name)
    seen: dict[tuple[str, str], int] = {}
    rows = []
    for row in read_table(file, _COLUMNS, _NEEDED, report):
        _prove(row, earlier, later, seen, report)
        rows.append(Crossing(earlier.name, row["from"], later.name, row["to"], row["kind"], row["note"], row["source"]))
    if report.faults:
        more = f" ({len(report.faults) - 1} more)" if report.faults[1:] else ""
        raise FrameworkError(f"The crosswalk is at fault: {report.faults[0]}{more}", f"Correct {file}.")
    return tuple(rows)


def _prove(row: Row, earlier: Framework, later: Framework, seen: dict[tuple[str, str], int], report: Report) -> None:
    for column, framework in (("from", earlier), ("to", later)):
        code = row[column]
        if code not in framework.by_code:
            near = nearest(code, framework.by_code)
            remedy = f"did you mean {near}?" if near else "write a code of its nodes.csv."
            report.add(row.line, f"{code!r} is not a node of {framework.name}; {remedy}")
        elif (column, code) in seen:
            # Two nodes that go on as one would give the series two values for a month.
            report.add(row.line, f"{code} of {framework.name} stands already on line {seen[column, code]}; keep one.")
        seen.setdefault((column, code), row.line)
    if row["kind"] not in KINDS:
        report.add(row.line, f"the kind {row['kind']!r} is not known; {one_of(row['kind'], KINDS)}.")
    if row["kind"] == "comparable" and not row["note"]:
        report.add(row.line, "a comparable node needs a note that says what differs.")
