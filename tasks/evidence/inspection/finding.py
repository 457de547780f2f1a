"""The outcome of one check: passed, failed, or not to be checked, with what proves it."""

from dataclasses import dataclass

from tasks.evidence.inspection.record import Inspected, Response
from tasks.evidence.inspection.text import extract

PASS, FAIL, UNCHECKED = "pass", "fail", "unchecked"


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        outcome: `pass`, `fail` or `unchecked`.
        reason: Why it failed or could not be checked.
        value: What was measured, in the unit of the check; None where nothing was.
        sha256: Snapshot that proves it.
        locator: Where in the snapshot: XPath, name of a header, JSON pointer.
        extract: An inert piece of what stands there, at most 160 characters.
    """

    outcome: str
    reason: str = ""
    value: float | None = None
    sha256: str = ""
    locator: str = ""
    extract: str = ""


def decided(
    good: bool,
    response: Response,
    *,
    reason: str = "",
    value: float | None = None,
    locator: str = "",
    text: str = "",
    around: str = "",
) -> Finding:
    """A check that a page decides; the reason is kept where it fails."""
    outcome = PASS if good else FAIL
    return Finding(outcome, "" if good else reason, value, response.sha256, locator or "/html", extract(text, around))


def of_record(
    outcome: str, portal: Inspected, pointer: str, *, reason: str = "", value: float | None = None, text: str = ""
) -> Finding:
    """A check that the record decides; `pointer` is a JSON pointer into it."""
    return Finding(outcome, "" if outcome == PASS else extract(reason), value, portal.sha256, pointer, extract(text))


def without_page(portal: Inspected, response: Response) -> Finding:
    """A check of a page that is not there: it fails where the portal has no such page, else nothing is known."""
    outcome = FAIL if response.kind == "absent" else UNCHECKED
    return of_record(outcome, portal, f"/pages/{response.name}", reason=response.error or "the page cannot be read")
