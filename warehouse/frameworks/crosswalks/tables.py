"""Reading crosswalks: one CSV for two editions, named `EARLIER__LATER.csv`.

A series of numbers goes on across a change of edition only where a row says so. `same` means that the node is defined
alike; `comparable` means that it goes on under another definition, which `note` says. Either side may name a sum,
`CQS.1+KTS.1+XHS.1`: its share is the sum of the points of its nodes over the sum of their maximum points.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import FrameworkError
from warehouse.frameworks.faults import Report, nearest, one_of
from warehouse.frameworks.loader import framework_folder, load_framework
from warehouse.frameworks.model import Framework
from warehouse.frameworks.table import Row, read_table
from warehouse.settings import get_settings

logger = logging.getLogger(__name__)

BUNDLED = Path(__file__).parent
KINDS = ("same", "comparable")
PLUS = "+"
_NEEDED = ("from", "to", "kind")
_COLUMNS = (*_NEEDED, "note", "source")


@dataclass(frozen=True)
class Crossing:
    """One node, or a sum of nodes, that goes on in another edition.

    Attributes:
        from_framework: Name of the earlier edition.
        from_node: Code of its node, or the codes of a sum joined by `+`.
        to_framework: Name of the later edition.
        to_node: Code of its node, or the codes of a sum joined by `+`.
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

    @property
    def from_nodes(self) -> tuple[str, ...]:
        """Codes of the earlier edition: one, or those of a sum."""
        return tuple(self.from_node.split(PLUS))

    @property
    def to_nodes(self) -> tuple[str, ...]:
        """Codes of the later edition: one, or those of a sum."""
        return tuple(self.to_node.split(PLUS))


def crosswalk_files(framework: str) -> list[Path]:
    """Files of the crosswalks from or to a framework; an imported one wins over a bundled one of the same name."""
    folders = (BUNDLED, get_settings().frameworks / "crosswalks")
    found = {file.name: file for folder in folders for file in sorted(folder.glob("*__*.csv"))}
    return [file for name, file in sorted(found.items()) if framework in name.removesuffix(".csv").split("__")]


def crosswalks_of(framework: str) -> tuple[Crossing, ...]:
    """All rows of all crosswalks from or to a framework.

    A crosswalk that comes with the project speaks of the trees that come with it: where one of the two was replaced by
    an imported one that it does not fit, it is left out, and the log says so.

    Raises:
        FrameworkError: A crosswalk has faults, or names a framework that is not at hand.
    """
    rows: list[Crossing] = []
    for file in crosswalk_files(framework):
        try:
            rows += read_crosswalk(file)
        except FrameworkError as error:
            if file.parent != BUNDLED or not _is_of_an_imported_tree(file):
                raise
            logger.warning("%s is left out, because a tree was imported since: %s", file.name, error.message)
    return tuple(rows)


def crosswalk_file(earlier: str, later: str) -> Path:
    """File of the crosswalk from an edition to a later one.

    Raises:
        FrameworkError: There is none, and the hint says which there are; it leads the other way; or there is no such
            framework.
    """
    name = f"{earlier}__{later}.csv"
    found = _named(earlier)
    if name in found:
        return found[name]
    if f"{later}__{earlier}.csv" in found:
        raise FrameworkError(
            f"The crosswalk leads from {later} to {earlier}, the later edition.",
            f"Name them in that order: dti framework crosswalk {later} {earlier}.",
        )
    for framework in (earlier, later):
        framework_folder(framework)
    known = [" ".join(one.removesuffix(".csv").split("__")) for one in {**found, **_named(later)}]
    raise FrameworkError(
        f"There is no crosswalk from {earlier} to {later}: nothing of them is known to be comparable.",
        f"There are: {'; '.join(known)}." if known else "docs/frameworks.md shows how to write one.",
    )


def _named(framework: str) -> dict[str, Path]:
    return {file.name: file for file in crosswalk_files(framework)}


def _is_of_an_imported_tree(file: Path) -> bool:
    imported = get_settings().frameworks
    return any((imported / name / "framework.yaml").is_file() for name in file.name.removesuffix(".csv").split("__"))


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
        sides = (PLUS.join(_terms(row[column])) for column in ("from", "to"))
        rows.append(
            Crossing(earlier.name, next(sides), later.name, next(sides), row["kind"], row["note"], row["source"])
        )
    if report.faults:
        more = f" ({len(report.faults) - 1} more)" if report.faults[1:] else ""
        raise FrameworkError(f"The crosswalk is at fault: {report.faults[0]}{more}", f"Correct {file}.")
    return tuple(rows)


def _terms(text: str) -> list[str]:
    """Codes of a cell.

    >>> _terms("CQS.1 + KTS.1")
    ['CQS.1', 'KTS.1']
    """
    return [term.strip() for term in text.split(PLUS)]


def _prove(row: Row, earlier: Framework, later: Framework, seen: dict[tuple[str, str], int], report: Report) -> None:
    for column, framework in (("from", earlier), ("to", later)):
        codes = _terms(row[column])
        for code in codes:
            if code not in framework.by_code:
                near = nearest(code, framework.by_code)
                remedy = f"did you mean {near}?" if near else "write a code of its nodes.csv."
                report.add(row.line, f"{code!r} is not a node of {framework.name}; {remedy}")
            elif (column, code) in seen:
                # Two nodes that go on as one would give the series two values for a month.
                line = seen[column, code]
                report.add(row.line, f"{code} of {framework.name} stands already on line {line}; keep one.")
            seen.setdefault((column, code), row.line)
        _prove_sum(row, codes, framework, report)
    if row["kind"] not in KINDS:
        report.add(row.line, f"the kind {row['kind']!r} is not known; {one_of(row['kind'], KINDS)}.")
    if row["kind"] == "comparable" and not row["note"]:
        report.add(row.line, "a comparable node needs a note that says what differs.")


def _prove_sum(row: Row, codes: list[str], framework: Framework, report: Report) -> None:
    """A sum counts nothing twice, and has points of which it is a share."""
    if len(codes) == 1 or not all(code in framework.by_code for code in codes):
        return
    for code in codes:
        node = framework.by_code[code]
        while node.parent:
            if node.parent in codes:
                report.add(row.line, f"{code} stands below {node.parent}, so the sum counts it twice; leave it out.")
            node = framework.by_code[node.parent]
    if not sum(framework.by_code[code].max_points for code in codes) > 0:
        report.add(row.line, f"the nodes {PLUS.join(codes)} have no points, so their sum is no share; name one node.")
