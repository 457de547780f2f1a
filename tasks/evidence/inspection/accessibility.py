"""Checks of whether everybody can read the page: WCAG 2.1 as far as a machine can tell from its HTML."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from tasks.evidence.inspection.colours import contrast_of, parse_colour
from tasks.evidence.inspection.finding import PASS, UNCHECKED, Finding, decided, of_record, without_page
from tasks.evidence.inspection.record import Inspected, Response
from warehouse.reference.checks import Check

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)
_ALT_SHARE = 90.0
_MOST_COLOURS = 2_000


def lang(portal: Inspected, check: Check) -> Finding:
    """`<html lang>` states a language (3.1.1)."""
    return _of_page(portal, check, _lang)


def title(portal: Inspected, check: Check) -> Finding:
    """The page has a title (2.4.2)."""
    return _of_page(portal, check, _title)


def alt(portal: Inspected, check: Check) -> Finding:
    """Enough images have a text alternative (1.1.1); the value is their share in per cent."""
    return _of_page(portal, check, lambda response: _alt(response, check.limit))


def headings(portal: Inspected, check: Check) -> Finding:
    """There are headings, they begin at the top level, and no level is skipped (1.3.1, 2.4.6)."""
    return _of_page(portal, check, _headings)


def viewport(portal: Inspected, check: Check) -> Finding:
    """The page fits small screens and may be enlarged (1.4.4, 1.4.10)."""
    return _of_page(portal, check, _viewport)


def accessible(portal: Inspected, check: Check) -> Finding:
    """Language, title and text alternatives together; the first that fails is told."""
    response = portal.response(check.page)
    if response.error or response.page.root is None:
        return without_page(portal, response)
    found = [_lang(response), _title(response), _alt(response, _ALT_SHARE)]
    return next((one for one in found if one.outcome != PASS), found[0])


def contrast(portal: Inspected, check: Check) -> Finding:
    """Every text whose colours stand in its own style is readable (1.4.3); the value is the lowest contrast.

    Colours of style sheets are not looked at, so that this can only find what is wrong, not prove that all is well.
    """
    response = portal.response(check.page)
    if response.error or response.page.root is None:
        return without_page(portal, response)
    pairs = [(ratio, response.page.locator(element), style) for ratio, element, style in _pairs(response)]
    if not pairs:
        pointer = f"/pages/{check.page}"
        return of_record(UNCHECKED, portal, pointer, reason="no element has both colours in its own style")
    lowest, where, style = min(pairs)
    value = round(lowest, 2)
    return decided(
        lowest >= check.limit, response, reason=f"contrast {value}:1", value=value, locator=where, text=style
    )


def _of_page(portal: Inspected, check: Check, look: Callable[[Response], Finding]) -> Finding:
    response = portal.response(check.page)
    if response.error or response.page.root is None:
        return without_page(portal, response)
    return look(response)


def _lang(response: Response) -> Finding:
    said = (response.page.root.get("lang") or "").strip()
    good = bool(_LANGUAGE.fullmatch(said))
    return decided(
        good, response, reason="the attribute lang is missing or no language", locator="/html/@lang", text=said
    )


def _title(response: Response) -> Finding:
    said = " ".join(" ".join(one.text_content() for one in response.page.find("//head/title")[:1]).split())
    return decided(bool(said), response, reason="no title", locator="/html/head/title", text=said)


def _alt(response: Response, limit: float) -> Finding:
    images = response.page.find("//img")
    if not images:
        return decided(True, response, text="no image")
    without = [one for one in images if one.get("alt") is None]
    share = round(100 * (1 - len(without) / len(images)), 1)
    where = response.page.locator(without[0]) if without else response.page.locator(images[0])
    reason = f"{len(without)} of {len(images)} images have none"
    return decided(share >= limit, response, reason=reason, value=share, locator=where)


def _headings(response: Response) -> Finding:
    found = response.page.find("//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]")
    levels = [int(one.tag[1]) for one in found]
    order = " ".join(f"h{level}" for level in levels[:30])
    if not levels:
        return decided(False, response, reason="no headings")
    if levels[0] != 1:
        where = response.page.locator(found[0])
        return decided(False, response, reason="the first heading is not h1", locator=where, text=order)
    for at, (before, after) in enumerate(pairwise(levels), start=1):
        if after > before + 1:
            where = response.page.locator(found[at])
            return decided(False, response, reason=f"h{before} is followed by h{after}", locator=where, text=order)
    return decided(True, response, locator=response.page.locator(found[0]), text=order)


def _viewport(response: Response) -> Finding:
    found = response.page.find('//meta[translate(@name, "VIEWPORT", "viewport") = "viewport"][@content]')
    if not found:
        return decided(False, response, reason="no meta element viewport")
    said = found[0].get("content").lower().replace(" ", "")
    fixed = "user-scalable=no" in said or "user-scalable=0" in said
    good = "width=device-width" in said and not fixed
    reason = "the reader may not enlarge it" if fixed else "its width is not that of the device"
    return decided(good, response, reason=reason, locator=response.page.locator(found[0]), text=said)


def _pairs(response: Response) -> Iterator[tuple[float, Any, str]]:
    """Contrast of each element whose own style names both colours and that has text."""
    for element in response.page.find("//*[@style]")[:_MOST_COLOURS]:
        style = element.get("style")
        named = {name.strip().lower(): value.strip() for name, _, value in (p.partition(":") for p in style.split(";"))}
        front = parse_colour(named.get("color", ""))
        back = parse_colour(named.get("background-color") or named.get("background", ""))
        if front and back and element.text_content().strip():
            yield contrast_of(front, back), element, style
