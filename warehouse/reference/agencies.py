"""The agencies of Viet Nam with their dates: what existed on which day, what it was called, and what became of it.

`agencies.csv` is a slowly changing dimension of type 2: one row per version of an agency. An agency keeps its id while
it remains the same body; a merger ends the old ids and starts a new one, with predecessors and successors on both
sides. Official province codes are reused for other provinces, so nothing is ever keyed on the code alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from warehouse.errors import InputError
from warehouse.reference import tables

FOLDER = Path(__file__).parent
AGENCIES_FILE = FOLDER / "agencies.csv"
ALIASES_FILE = FOLDER / "aliases.csv"
APPS_FILE = FOLDER / "apps.csv"

PROVINCE = "province"
KINDS = (PROVINCE, "ministry", "ministerial_body", "government_agency")
# Resolution of the National Assembly of 12 June 2025: 63 provinces become 34 on 1 July 2025.
PROVINCE_REFORM = date(2025, 7, 1)
PROVINCES_BEFORE, PROVINCES_AFTER = 63, 34


@dataclass(frozen=True)
class Agency:
    """One version of an agency: what it was called, and which code it had, between two days.

    Attributes:
        agency_id: Durable id, the same for all versions of one body.
        valid_from: First day of this version; None where the start lies before the data begin.
        valid_to: Last day of this version; None while it lasts.
        kind: One of `KINDS`.
        name_vi: Short Vietnamese name, e.g. "Thừa Thiên Huế".
        full_name_vi: Full Vietnamese name, e.g. "Tỉnh Thừa Thiên Huế".
        name_en: English name.
        type_vi: Vietnamese term for the type, e.g. "tỉnh".
        code: Official code, empty where there is none.
        code_system: Coding system of the code, e.g. `gso_63`.
        predecessors: Ids of the agencies merged into this one.
        successors: Ids of the agencies that took this one over.
        source: Where the facts of the row were printed.
    """

    agency_id: str
    valid_from: date | None
    valid_to: date | None
    kind: str
    name_vi: str
    full_name_vi: str
    name_en: str
    type_vi: str
    code: str = ""
    code_system: str = ""
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    source: str = ""

    def valid_at(self, day: date) -> bool:
        """Whether this version was in force on a day."""
        return is_within(day, self.valid_from, self.valid_to)


@dataclass(frozen=True)
class Alias:
    """A spelling that folding alone does not lead to its agency.

    Attributes:
        alias: The spelling.
        agency_id: The agency meant; it serves every agency of the same short name, before and after a merger.
        valid_from: First day on which it means this agency, None for any.
        valid_to: Last day on which it means this agency, None for any.
        note: Why it stands here.
    """

    alias: str
    agency_id: str
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""


def load_successors() -> dict[str, tuple[str, ...]]:
    """Return the ids of the agencies that took an agency over, by its id; those that last are left out."""
    return {agency.agency_id: agency.successors for agency in load_agencies() if agency.successors}


def is_within(day: date, first: date | None, last: date | None) -> bool:
    """Whether a day lies between two days, both included; None leaves that side open."""
    return (first is None or first <= day) and (last is None or day <= last)


@lru_cache(maxsize=1)
def load_agencies() -> tuple[Agency, ...]:
    """Return every version of every agency in `agencies.csv`, proved by `check_agencies`.

    Raises:
        InputError: The table has a fault; the message names the agency.
    """
    agencies = tuple(_agency(row, line) for line, row in tables.rows(AGENCIES_FILE))
    check_agencies(agencies)
    return agencies


@lru_cache(maxsize=1)
def load_aliases() -> tuple[Alias, ...]:
    """Return the aliases of `aliases.csv`.

    Raises:
        InputError: An alias names an agency that does not exist, or a date cannot be read.
    """
    return _aliases(ALIASES_FILE)


@lru_cache(maxsize=1)
def load_apps() -> tuple[Alias, ...]:
    """Return the applications, departments and short names of `apps.csv` that stand for an agency in what people write.

    They are no spellings: a return of "VNeID" is a return of nobody.

    Raises:
        InputError: One names an agency that does not exist, or a date cannot be read.
    """
    return _aliases(APPS_FILE)


def _aliases(file: Path) -> tuple[Alias, ...]:
    known = {agency.agency_id for agency in load_agencies()}
    aliases = []
    for line, row in tables.rows(file):
        if row["agency_id"] not in known:
            raise InputError(
                f"Line {line} of {file.name}: {row['alias']!r} names the unknown agency {row['agency_id']!r}.",
                f"Give an agency_id of {AGENCIES_FILE.name}.",
            )
        first, last = (tables.day(row[column], line, file) for column in ("valid_from", "valid_to"))
        aliases.append(Alias(row["alias"], row["agency_id"], first, last, row["note"]))
    return tuple(aliases)


def check_agencies(agencies: Iterable[Agency]) -> None:
    """Prove the table of agencies.

    The versions of an agency follow each other without gap or overlap; predecessors and successors exist and agree; no
    code stands for two agencies on one day; exactly 63 provinces exist on every day to 30 June 2025 and 34 after.

    Raises:
        InputError: The first fault found, naming the agency.
    """
    agencies = tuple(agencies)
    versions: dict[str, list[Agency]] = defaultdict(list)
    for agency in agencies:
        versions[agency.agency_id].append(agency)
    for agency_id, rows in versions.items():
        _check_dates(agency_id, rows)
    _check_family(versions)
    for day in _days_of_change(agencies):
        _check_day(day, [agency for agency in agencies if agency.valid_at(day)])


def _check_dates(agency_id: str, rows: list[Agency]) -> None:
    rows = sorted(rows, key=lambda row: row.valid_from or date.min)
    for row in rows:
        if row.kind not in KINDS:
            raise _fault(agency_id, f"is of the unknown kind {row.kind!r}", f"Kinds are {', '.join(KINDS)}.")
        if (row.valid_from or date.min) > (row.valid_to or date.max):
            raise _fault(agency_id, f"has a version that ends on {row.valid_to}, before it starts", "Mend the dates.")
    for earlier, later in pairwise(rows):
        if earlier.valid_to is None or later.valid_from != earlier.valid_to + timedelta(days=1):
            dates = f"one ends on {earlier.valid_to}, the next starts on {later.valid_from}"
            raise _fault(
                agency_id,
                f"has versions that do not follow each other: {dates}",
                "Each version starts the day after the one before ends.",
            )


def _check_family(versions: dict[str, list[Agency]]) -> None:
    pairs: dict[str, set[tuple[str, str]]] = {"successors": set(), "predecessors": set()}
    for agency_id, rows in versions.items():
        for row in rows:
            pairs["successors"] |= {(agency_id, other) for other in row.successors}
            pairs["predecessors"] |= {(other, agency_id) for other in row.predecessors}
    for before, after in sorted(pairs["successors"] | pairs["predecessors"]):
        for agency_id in (before, after):
            if agency_id not in versions:
                raise _fault(agency_id, "is named as predecessor or successor but has no row", "Add it or mend the id.")
    for before, after in sorted(pairs["successors"] ^ pairs["predecessors"]):
        raise _fault(before, f"and {after} do not name each other", "Successors and predecessors list each other.")


def _days_of_change(agencies: Iterable[Agency]) -> list[date]:
    """The days on which something starts or has just ended: between them nothing changes."""
    days = {date.min, PROVINCE_REFORM - timedelta(days=1), PROVINCE_REFORM}
    for agency in agencies:
        if agency.valid_from:
            days.add(agency.valid_from)
        if agency.valid_to:
            days.add(agency.valid_to + timedelta(days=1))
    return sorted(days)


def _check_day(day: date, valid: list[Agency]) -> None:
    shared = [code for code, count in Counter(agency.code for agency in valid if agency.code).items() if count > 1]
    if shared:
        names = ", ".join(agency.agency_id for agency in valid if agency.code == shared[0])
        raise _fault(names, f"share the code {shared[0]} on {day}", "Mend the code or the dates.")
    expected = PROVINCES_BEFORE if day < PROVINCE_REFORM else PROVINCES_AFTER
    found = sum(agency.kind == PROVINCE for agency in valid)
    if found != expected:
        raise InputError(f"{AGENCIES_FILE.name} has {found} provinces on {day}, not {expected}.", "Mend the dates.")


def _agency(row: dict[str, str], line: int) -> Agency:
    return Agency(
        agency_id=row["agency_id"],
        valid_from=tables.day(row["valid_from"], line, AGENCIES_FILE),
        valid_to=tables.day(row["valid_to"], line, AGENCIES_FILE),
        kind=row["kind"],
        name_vi=row["name_vi"],
        full_name_vi=row["full_name_vi"],
        name_en=row["name_en"],
        type_vi=row["type_vi"],
        code=row["code"],
        code_system=row["code_system"],
        predecessors=tuple(filter(None, row["predecessors"].split("|"))),
        successors=tuple(filter(None, row["successors"].split("|"))),
        source=row["source"],
    )


def _fault(agency_id: str, what: str, hint: str) -> InputError:
    return InputError(f"{AGENCIES_FILE.name}: {agency_id} {what}.", hint)
