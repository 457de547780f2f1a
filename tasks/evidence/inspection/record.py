"""The record of one inspected portal: what is no response of it, and which responses there were."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from tasks.evidence.inspection.page import Page
from warehouse.errors import BatchRefused

PREFIX = "inspection/"  # of the origin of a record; a response has a web address as its origin
VERSION = 1


@dataclass(frozen=True)
class Response:
    """What came of asking for one page.

    Attributes:
        name: Name of the page; one of `warehouse.reference.checks.PAGES`.
        url: Address that was asked for; empty where none was known.
        final_url: Address that answered.
        status: Status; 0 where nobody answered.
        headers: Response headers that matter, names in lower case.
        sha256: The snapshot of the body; empty where there is none.
        error: Why there is no page, in a few words; empty where there is one.
        kind: Empty where there is a page. `absent`: the portal has none. `dead`: the portal itself does not answer.
            `unseen`: nobody knows, because it could not or must not be asked for.
        content: The body.
    """

    name: str
    url: str = ""
    final_url: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""
    error: str = ""
    kind: str = ""
    content: bytes = b""

    @cached_property
    def page(self) -> Page:
        """The page as a tree."""
        return Page(self.content, self.final_url or self.url, self.headers.get("content-type", ""))


@dataclass(frozen=True)
class Inspected:
    """One portal as it was found.

    Attributes:
        agency: Id of the agency.
        url: Address of the portal.
        inspected_at: When it was asked, in UTC.
        facts: The record as it was kept: `tls`, `dns`, `redirect`, `times_ms`, `search`.
        sha256: Snapshot of the record.
        responses: Responses by page name.
    """

    agency: str
    url: str
    inspected_at: datetime
    facts: Mapping[str, Any]
    sha256: str
    responses: Mapping[str, Response]

    def response(self, name: str) -> Response:
        """The response of a page; one that was never asked for says so."""
        return self.responses.get(name) or Response(name, error="it was not asked for", kind="unseen")


def record_bytes(content: Mapping[str, Any]) -> bytes:
    """The record as it is kept."""
    return json.dumps({"version": VERSION, **content}, ensure_ascii=False, indent=1, sort_keys=True).encode()


def record_origin(agency: str) -> str:
    """Origin of the record of an agency."""
    return f"{PREFIX}{agency}.json"


def is_record(origin: str) -> bool:
    """Whether the origin of a snapshot is that of a record."""
    return origin.startswith(PREFIX)


def read_record(content: bytes) -> dict[str, Any]:
    """Read a record.

    Raises:
        BatchRefused: It is none.
    """
    try:
        found = json.loads(content)
        if found["version"] != VERSION or not isinstance(found["pages"], dict):
            raise ValueError
        datetime.fromisoformat(found["inspected_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BatchRefused("It is no record of an inspection.", "Gather the round again.") from None
    return dict(found)


def bodies_of(record: Mapping[str, Any]) -> set[str]:
    """The snapshots that a record speaks of."""
    return {page["sha256"] for page in record["pages"].values() if page.get("sha256")}


def inspected(snapshots: Iterable[tuple[str, bytes]]) -> list[Inspected]:
    """Put records and bodies together.

    Args:
        snapshots: Origin and bytes of everything that an inspection brought.

    Returns:
        One portal per record, in the order of the records; the last record of an agency counts.

    Raises:
        BatchRefused: A record cannot be read.
    """
    bodies: dict[str, bytes] = {}
    records: dict[str, tuple[str, dict[str, Any]]] = {}
    for origin, content in snapshots:
        sha256 = hashlib.sha256(content).hexdigest()
        if is_record(origin):
            found = read_record(content)
            records[found["agency"]] = sha256, found
        else:
            bodies[sha256] = content
    return [_inspected(sha256, found, bodies) for sha256, found in records.values()]


def _inspected(sha256: str, found: dict[str, Any], bodies: Mapping[str, bytes]) -> Inspected:
    return Inspected(
        agency=found["agency"],
        url=found["url"],
        inspected_at=datetime.fromisoformat(found["inspected_at"]).astimezone(UTC),
        facts=found,
        sha256=sha256,
        responses={
            name: Response(**{**said, "name": name, "content": bodies.get(said.get("sha256", ""), b"")})
            for name, said in found["pages"].items()
        },
    )
