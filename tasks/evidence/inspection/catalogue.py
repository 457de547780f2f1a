"""What the catalogue of public services says: how many there are at each level."""

import re
from collections import Counter

from tasks.evidence.inspection.finding import FAIL, Finding, decided, without_page
from tasks.evidence.inspection.record import Inspected, Response
from tasks.evidence.inspection.text import plain
from warehouse.reference.checks import Check

# As portals print it: "Mức độ 4: 321 dịch vụ", "Toàn trình (120)". From 2022 on: complete and partial services.
_TOTAL = re.compile(r"(?:muc do|muc) ([234]) (\d{1,6}) ")
_FORMS = re.compile(r"(toan trinh|mot phan) (\d{1,6}) ")
_LEVEL = re.compile(r"^ (?:dich vu cong )?(?:truc tuyen )?(?:muc do|muc) ([234]) $")
_FORM = re.compile(r"^ (?:dich vu cong )?(?:truc tuyen )?(toan trinh|mot phan) $")
_AS_LEVEL = {"toan trinh": 4, "mot phan": 3}
_CELLS = "//td | //li | //span | //label | //p | //div[not(*)]"


def catalogue(portal: Inspected, check: Check) -> Finding:
    """Count the services by level: from totals that the page prints, else from the level beside each service."""
    response = portal.response(check.page)
    if response.error or response.page.root is None:
        return without_page(portal, response)
    levels, where = counts(response)
    total = sum(levels.values())
    if not total:
        found = decided(False, response, reason="the page gives no level of any service")
        return found if check.argument == "total" else _unknown(found)
    said = ", ".join(f"mức {level}: {levels[level]}" for level in sorted(levels))
    if check.argument == "total":
        return decided(True, response, value=float(total), locator=where, text=said)
    wanted = sum(levels[int(level)] for level in check.words)
    share = round(100 * wanted / total, 4)
    return decided(wanted > 0, response, reason="no service at that level", value=share, locator=where, text=said)


def counts(response: Response) -> tuple[Counter[int], str]:
    """Services by level, and where the first count stands."""
    printed: dict[int, int] = {}
    single: Counter[int] = Counter()
    where = ""
    for element in response.page.find(_CELLS):
        said = element.text_content()
        if len(said) > 200:
            continue
        words = plain(said.replace(".", ""))
        found = [(int(level), int(count)) for level, count in _TOTAL.findall(words)]
        found += [(_AS_LEVEL[form], int(count)) for form, count in _FORMS.findall(words)]
        for level, count in found:
            where = where if printed else response.page.locator(element)
            printed.setdefault(level, count)
        if not found and (one := _LEVEL.match(words) or _FORM.match(words)) and not len(element):
            where = where or response.page.locator(element)
            single[_AS_LEVEL.get(one[1]) or int(one[1])] += 1
    return (Counter(printed) if printed else single), where or "/html"


def _unknown(found: Finding) -> Finding:
    """Without levels there is no share: the claim is neither borne out nor contradicted."""
    return Finding("unchecked" if found.outcome == FAIL else found.outcome, found.reason, None, found.sha256, "/html")
