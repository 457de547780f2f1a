"""Checks of how new a page, a feed or a file for search engines is."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

from tasks.evidence.inspection.finding import Finding, decided, without_page
from tasks.evidence.inspection.record import Inspected, Response
from tasks.evidence.inspection.text import plain
from warehouse.reference.checks import Check

_WRITTEN = re.compile(r"(?<!\d)(?:(\d{1,2})[/.-](\d{1,2})[/.-](20\d\d)|(20\d\d)-(\d{2})-(\d{2}))(?!\d)")
_WEEKDAY = re.compile(r" (?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|hom nay|today) ")
_ANCESTORS, _ITEM_LENGTH, _HEADLINE = 3, 800, 15
_MOST_DATED = 1_000  # dates of one page or feed that are looked at; the newest stand first
_HANOI = timedelta(hours=7)
Dated = tuple[date, str, str]  # the day, where it stands, as written


def fresh(portal: Inspected, check: Check) -> Finding:
    """The newest item is at most some days old; the value is its age in days.

    A date counts where it stands with a headline. Today's date in the head of a page is no item, and a date that lies
    in the future is none either.
    """
    response = portal.response(check.page)
    if response.error or response.page.root is None:
        return without_page(portal, response)
    dated = list(_items(response))
    proof = response
    if check.page == "home" and (feed := portal.response("feed")) and not feed.error:
        of_feed = _entries(feed)
        if of_feed and (not dated or max(of_feed) > max(dated)):
            dated, proof = of_feed, feed
    today = (portal.inspected_at + _HANOI).date()
    past = [one for one in dated if one[0] <= today]
    if not past:
        return decided(False, response, reason="no item with a date")
    newest, where, said = max(past)
    age = (today - newest).days
    return decided(
        age <= check.limit,
        proof,
        reason=f"the newest item is {age} days old",
        value=float(age),
        locator=where,
        text=said,
    )


def feed(portal: Inspected, check: Check) -> Finding:
    """The portal offers a feed that can be read and has entries; the value is their number."""
    response = portal.response(check.page)
    if response.error:
        return without_page(portal, response)
    root = _xml(response.content)
    entries = _named(root, "item", "entry")
    if root is None or not entries:
        return decided(False, response, reason="it is no feed with entries", locator="/")
    return decided(True, response, value=float(len(entries)), locator=root.getroottree().getpath(entries[0]))


def sitemap(portal: Inspected, check: Check) -> Finding:
    """The portal offers a sitemap that can be read; the value is the number of its addresses."""
    response = portal.response(check.page)
    if response.error:
        return without_page(portal, response)
    root = _xml(response.content)
    found = _named(root, "loc")
    if root is None or not found:
        return decided(False, response, reason="it is no sitemap with addresses", locator="/")
    return decided(True, response, value=float(len(found)), locator=root.getroottree().getpath(found[0]))


def _items(response: Response) -> Iterator[Dated]:
    """Dates that stand with a headline."""
    for element in response.page.find("//time[@datetime]")[:_MOST_DATED]:
        yield from ((day, response.page.locator(element), said) for day, said in _days(element.get("datetime")))
    looked_at = 0
    for element in response.page.find("//body//*[not(self::script or self::style)][text()]"):
        said = " ".join(" ".join(element.xpath("text()")).split())
        if len(said) > _ITEM_LENGTH or not _WRITTEN.search(said) or _WEEKDAY.search(plain(said)):
            continue
        looked_at += 1
        if looked_at > _MOST_DATED:
            return
        if _has_headline(element):
            yield from ((day, response.page.locator(element), written) for day, written in _days(said))


def _has_headline(element: Any) -> bool:
    """Whether the element belongs to a small block with a link that is long enough to be a headline."""
    block = element
    for _ in range(_ANCESTORS + 1):
        if block is None or block.tag in ("body", "html") or len(block.text_content()) > _ITEM_LENGTH:
            return False
        if any(len(link.text_content().strip()) >= _HEADLINE for link in block.iter("a")):
            return True
        block = block.getparent()
    return False


def _days(text: str) -> Iterator[tuple[date, str]]:
    for found in _WRITTEN.finditer(text):
        day, month, year = (found[3], found[2], found[1]) if found[3] else (found[4], found[5], found[6])
        try:
            yield date(int(day), int(month), int(year)), found[0]
        except ValueError:
            continue  # 31/02


def _entries(response: Response) -> list[Dated]:
    """Dates of the entries of a feed."""
    root = _xml(response.content)
    found: list[Dated] = []
    for element in _named(root, "pubDate", "published", "updated")[:_MOST_DATED]:
        said = (element.text or "").strip()[:60]
        try:
            at = parsedate_to_datetime(said) if "," in said else datetime.fromisoformat(said)
            local = at.astimezone(UTC) + _HANOI if at.tzinfo else at
        except (ValueError, OverflowError, TypeError, IndexError):  # whatever the parser of dates stumbles over
            continue
        found.append((local.date(), element.getroottree().getpath(element), said))
    return found


def _xml(content: bytes) -> Any:
    """The tree of an XML file; None where it is none. Document types are refused: they can hold bombs."""
    if b"<!DOCTYPE" in content[:2000].upper() or b"<!ENTITY" in content.upper():
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError):
        return None


def _named(root: Any, *names: str) -> list[Any]:
    """Elements of some names, in whatever namespace."""
    if root is None:
        return []
    condition = " or ".join(f'local-name() = "{name}"' for name in names)
    return list(root.xpath(f"//*[{condition}]"))
