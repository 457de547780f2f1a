"""The portals of the agencies with their dates: where each one publishes, and where it takes dossiers.

`portals.csv` is the registry that inspections ask and that mentions of domains are matched with. An agency without a
row has no known portal; it is then reported as such and never guessed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from urllib.parse import urlsplit

from warehouse.errors import InputError
from warehouse.reference.agencies import FOLDER, is_within, load_agencies
from warehouse.reference.tables import day, rows

PORTALS_FILE = FOLDER / "portals.csv"


@dataclass(frozen=True)
class Portal:
    """The portal of an agency between two days.

    Attributes:
        agency_id: Durable id of the agency.
        valid_from: First day of this address; None where it lies before the data begin.
        valid_to: Last day of this address; None while it lasts.
        url: Address of the portal (cổng thông tin điện tử).
        services_url: Address of the public service portal (cổng dịch vụ công); empty where none is known.
        source: How the address is known.
    """

    agency_id: str
    valid_from: date | None
    valid_to: date | None
    url: str
    services_url: str = ""
    source: str = ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The bare host names, without `www.`: that of the portal, then that of its public services."""
        return tuple(bare_host(url) for url in (self.url, self.services_url) if url)

    def valid_at(self, on: date) -> bool:
        """Whether the address was in force on a day."""
        return is_within(on, self.valid_from, self.valid_to)


def bare_host(url: str) -> str:
    """Return the host of an address in lower case; `www.` and the bare host are one site.

    >>> bare_host("https://www.hanoi.gov.vn/tin-tuc"), bare_host("no address")
    ('hanoi.gov.vn', '')
    """
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.").rstrip(".")
    except ValueError:
        return ""


@lru_cache(maxsize=1)
def load_portals() -> tuple[Portal, ...]:
    """Return every row of `portals.csv`, proved by `check_portals`.

    Raises:
        InputError: The table has a fault; the message names the agency.
    """
    portals = tuple(
        Portal(
            row["agency_id"],
            day(row["valid_from"], line, PORTALS_FILE),
            day(row["valid_to"], line, PORTALS_FILE),
            row["url"],
            row["services_url"],
            row["source"],
        )
        for line, row in rows(PORTALS_FILE)
    )
    check_portals(portals)
    return portals


def portals_at(on: date) -> dict[str, Portal]:
    """Return the portals in force on a day, by agency id."""
    return {portal.agency_id: portal for portal in load_portals() if portal.valid_at(on)}


def check_portals(portals: Iterable[Portal]) -> None:
    """Prove the table of portals.

    Agencies exist on the days of their addresses; addresses are web addresses without a user or password; no agency has
    two portals, and no host stands for two agencies, on one day.

    Raises:
        InputError: The first fault found, naming the agency.
    """
    portals = tuple(portals)
    lives = _lives()
    hosts: dict[str, list[Portal]] = defaultdict(list)
    agencies: dict[str, list[Portal]] = defaultdict(list)
    for portal in portals:
        if portal.agency_id not in lives:
            raise _fault(portal.agency_id, "is no agency of agencies.csv", "Give an agency_id of that table.")
        _check_row(portal, *lives[portal.agency_id])
        agencies[portal.agency_id].append(portal)
        for host in set(portal.hosts):
            hosts[host].append(portal)
    for agency_id, found in agencies.items():
        if _overlapping(found):
            raise _fault(agency_id, "has two portals on one day", "Mend the dates.")
    for host, found in hosts.items():
        if twins := _overlapping(found, of_others=True):
            names = " and ".join(one.agency_id for one in twins)
            raise _fault(names, f"share the host {host} on one day", "Mend the address or the dates.")


def _check_row(portal: Portal, first: date, last: date) -> None:
    start, end = portal.valid_from or date.min, portal.valid_to or date.max
    if start > end:
        raise _fault(portal.agency_id, f"has an address that ends on {end}, before it starts", "Mend the dates.")
    if start < first or end > last:
        raise _fault(portal.agency_id, "has an address on days on which it did not exist", "Mend the dates.")
    for url in filter(None, (portal.url, portal.services_url)):
        _check_address(portal.agency_id, url)
    if not portal.url:
        raise _fault(portal.agency_id, "has a row without an address", "Give the url of its portal, or drop the row.")


def _check_address(agency_id: str, url: str) -> None:
    parts = urlsplit(url) if bare_host(url) else None
    if parts is None or parts.scheme not in ("http", "https") or "." not in bare_host(url):
        raise _fault(agency_id, f"has {url!r}, which is no web address", "It begins with https:// and names a host.")
    if parts.username or parts.password:
        raise _fault(agency_id, "has an address with a user name or password", "Leave them out.")


def _overlapping(portals: list[Portal], *, of_others: bool = False) -> tuple[Portal, Portal] | None:
    """Two rows in force on one day, or None; `of_others`: two rows of different agencies."""
    for one, other in combinations(portals, 2):
        starts = max(one.valid_from or date.min, other.valid_from or date.min)
        ends = min(one.valid_to or date.max, other.valid_to or date.max)
        if starts <= ends and (one.agency_id != other.agency_id or not of_others):
            return one, other
    return None


def _lives() -> dict[str, tuple[date, date]]:
    """First and last day of each agency."""
    lives: dict[str, tuple[date, date]] = {}
    for agency in load_agencies():
        first, last = lives.get(agency.agency_id, (date.max, date.min))
        lives[agency.agency_id] = (
            min(first, agency.valid_from or date.min),
            max(last, agency.valid_to or date.max),
        )
    return lives


def _fault(agency_id: str, what: str, hint: str) -> InputError:
    return InputError(f"{PORTALS_FILE.name}: {agency_id} {what}.", hint)
