"""What earlier runs brought, and in which role each page came."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tasks.sources.base import Page, Receipt

DECLARATION, ROBOTS, LIST, ARTICLE, FINISHED = "declaration", "robots", "list", "article", "finished"
PORTAL_HEADER, ROLE_HEADER = "dti-portal", "dti-role"  # of ours, beside the headers that the portal sent


def place_of(page: Page) -> str:
    """Address of a page, without the mark of what came again from there."""
    return page.origin.partition("#again=")[0]


def portal_of(page: Page) -> str:
    """Name of the portal that a page was asked for."""
    return page.headers.get(PORTAL_HEADER, "")


def role_of(page: Page) -> str:
    """What a page was asked for."""
    return page.headers.get(ROLE_HEADER, "")


@dataclass(frozen=True)
class Known:
    """Pages of earlier runs.

    Attributes:
        latest: An address to the page that came from there last.
        finished: Portal to when it was last asked to the end; only those with a period note it.
        declaration: The declaration that counted last.
    """

    latest: Mapping[str, Page] = field(default_factory=dict)
    finished: Mapping[str, datetime] = field(default_factory=dict)
    declaration: bytes = b""

    @classmethod
    def of(cls, pages: Iterable[Page]) -> "Known":
        """Sort earlier pages; they stand in the order in which they came."""
        latest: dict[str, Page] = {}
        finished: dict[str, datetime] = {}
        declaration = b""
        for page in pages:
            role = role_of(page)
            if role == DECLARATION:
                declaration = page.content
            elif role == FINISHED and page.fetched_at is not None:
                finished[portal_of(page)] = page.fetched_at
            else:
                latest[place_of(page)] = page
        return cls(latest, finished, declaration)


def receipt(
    content: bytes, origin: str, portal: str, role: str, at: datetime, headers: Mapping[str, str], status: int | None
) -> Receipt:
    """A receipt that says for which portal and in which role it came."""
    said = {**headers, PORTAL_HEADER: portal, ROLE_HEADER: role}
    media = headers.get("content-type", "").partition(";")[0].strip().lower() or "application/octet-stream"
    return Receipt(content, origin, media, at, status, said)


def finished_receipt(file: str, portal: str, at: datetime) -> Receipt:
    """The note that a portal was asked to the end, by which its period is counted."""
    note = json.dumps({"portal": portal, "finished": at.isoformat()}).encode()
    return receipt(note, f"{file}#portal={portal}", portal, FINISHED, at, {"content-type": "application/json"}, None)
