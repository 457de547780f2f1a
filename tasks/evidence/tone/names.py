"""The names under which people write of agencies, as patterns over folded text, and whom a name stands for on a day."""

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import product
from urllib.parse import urlsplit

from ahocorasick_rs import AhoCorasick, MatchKind

from tasks.evidence.tone.lists import rows
from tasks.evidence.tone.normalise import compose, fold
from tasks.harmonise.agencies import Registry
from warehouse.reference.agencies import PROVINCE, PROVINCE_REFORM, Agency, Alias, is_within, load_apps
from warehouse.reference.portals import load_portals

PROVINCE_NAME, BODY, ABBREVIATION, APP = "province", "body", "abbreviation", "app"
_DASHES = re.compile(r" ?[-–—] ?")
_TYPES = ("Tỉnh ", "Thành phố ")
_SHORT = 6  # letters of an abbreviation without a space


@dataclass(frozen=True)
class Name:
    """One name as people write it.

    Attributes:
        written: The name in its proper spelling.
        kind: `province`, `body`, `abbreviation` or `app`.
        target: What the registry is asked for; for an app the id of its agency.
        valid_from: First day on which it stands for that; None: ever since.
        valid_to: Last day; None: to this day.
        with_marks: Whether it is an ordinary word even in its proper spelling.
        without_marks: Whether it is an ordinary word where marks are left out.
    """

    written: str
    kind: str
    target: str
    valid_from: date | None = None
    valid_to: date | None = None
    with_marks: bool = False
    without_marks: bool = False


class Names:
    """All names, found in folded text at once.

    Args:
        registry: Agencies and their spellings.
        apps: Applications, portals and departments.
        hosts: Host of a portal to the id of its agency.
    """

    def __init__(self, registry: Registry, apps: Iterable[Alias] = (), hosts: Iterable[tuple[str, str]] = ()) -> None:
        self._registry = registry
        self._names: list[list[Name]] = []
        places: dict[str, int] = {}
        patterns: list[str] = []
        for name, pattern in self._all(apps, hosts):
            if pattern not in places:
                places[pattern] = len(patterns)
                patterns.append(pattern)
                self._names.append([])
            if name not in self._names[places[pattern]]:
                self._names[places[pattern]].append(name)
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.Standard)
        # Between two of these days nobody begins or ends, so that one answer holds for all days between.
        dated: tuple[Agency | Alias, ...] = (*registry.agencies, *registry.aliases)
        after = {one.valid_to + timedelta(days=1) for one in dated if one.valid_to}
        self._days = sorted({PROVINCE_REFORM, *after, *(one.valid_from for one in dated if one.valid_from)})
        self._found: dict[tuple[str, str, int], str] = {}

    @staticmethod
    @lru_cache(maxsize=1)
    def bundled() -> "Names":
        """Return the names of the project's own tables, built once."""
        return Names(Registry.bundled(), load_apps(), _hosts())

    def find(self, folded: str) -> list[tuple[int, int, list[Name]]]:
        """Return what is named in a folded text: start, end and names; leftmost, of those the longest, whole words."""
        found = [
            (start, end, which)
            for which, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True)
            if not (start and folded[start - 1].isalnum()) and not (end < len(folded) and folded[end].isalnum())
        ]
        found.sort(key=lambda match: (match[0], -match[1]))
        kept: list[tuple[int, int, list[Name]]] = []
        for start, end, which in found:
            if not kept or start >= kept[-1][1]:
                kept.append((start, end, self._names[which]))
        return kept

    def agency_at(self, name: Name, at: date) -> str:
        """Return the id of the one agency that a name stands for on a day, or an empty text."""
        if not is_within(at, name.valid_from, name.valid_to):
            return ""
        key = (name.kind, name.target, bisect_right(self._days, at))
        if key not in self._found:
            self._found[key] = self._agency_at(name, at)
        return self._found[key]

    def _agency_at(self, name: Name, at: date) -> str:
        if name.kind == APP:
            versions = [agency for agency in self._registry.agencies if agency.agency_id == name.target]
            if any(version.valid_at(at) for version in versions):
                return name.target
            found = self._registry.find(versions[-1].full_name_vi, at) if versions else None
        else:
            found = self._registry.find(name.target, at)
        return found.agency_id if found else ""

    def _all(self, apps: Iterable[Alias], hosts: Iterable[tuple[str, str]]) -> Iterator[tuple[Name, str]]:
        doubtful = {
            fold(row["name"]): (row["with_marks"] == "yes", row["without_marks"] == "yes") for row in rows("ambiguous")
        }
        for agency in self._registry.agencies:
            for written in _spellings(agency):
                kind = PROVINCE_NAME if agency.kind == PROVINCE else BODY
                yield from _named(written, kind, written, doubtful)
        for alias in self._registry.aliases:
            short = " " not in alias.alias and len(alias.alias) <= _SHORT
            province = alias.agency_id.startswith("province-")
            kind = ABBREVIATION if short else PROVINCE_NAME if province else BODY
            yield from _named(alias.alias, kind, alias.alias, doubtful)
        for app in apps:
            for pattern in _variants(app.alias):
                yield Name(app.alias, APP, app.agency_id, app.valid_from, app.valid_to), pattern
        for host, agency_id in hosts:
            yield Name(host, APP, agency_id), host


def _named(written: str, kind: str, target: str, doubtful: dict[str, tuple[bool, bool]]) -> Iterator[tuple[Name, str]]:
    with_marks, without_marks = doubtful.get(fold(written), (False, False))
    for pattern in _variants(written):
        yield Name(written, kind, target, with_marks=with_marks, without_marks=without_marks), pattern


def _spellings(agency: Agency) -> list[str]:
    """The names of an agency that stand for it in running text: of a body the full one, which says what it is."""
    english = [agency.name_en] if fold(agency.name_en) != fold(agency.name_vi) else []
    if agency.kind != PROVINCE:
        return [agency.full_name_vi, *english]
    typed = (kind + agency.name_vi for kind in _TYPES if agency.full_name_vi.startswith(kind))
    return [agency.name_vi, *english, *typed]


def _variants(written: str) -> list[str]:
    """The folded forms of a name: dashes and commas with and without, "và" as "&" too."""
    text = fold(compose(written))
    forms = {text}
    for old, new in product((text,), (", ", " ", "-")):
        forms.add(_DASHES.sub(new, old))
    forms |= {form.replace(",", "") for form in forms}
    forms |= {form.replace(" va ", joint) for form in forms for joint in (" & ", "&", " ") if " va " in form}
    forms |= {form.replace("&", "") for form in forms if "&" in form and " " in form.partition("&")[0]}
    forms |= {form.replace("-", "") for form in forms if "-" in form}
    return sorted(form for form in forms if len(form) > 1)


@lru_cache(maxsize=1)
def names_digest() -> str:
    """sha256 over everything that decides whom a text is about."""
    digest = hashlib.sha256()
    for name in ("ambiguous", "link_context"):
        digest.update(json.dumps(rows(name), ensure_ascii=False).encode())
    registry = Registry.bundled()
    for part in (registry.agencies, registry.aliases, load_apps(), tuple(_hosts())):
        digest.update(repr(part).encode())
    return digest.hexdigest()


def _hosts() -> list[tuple[str, str]]:
    """Hosts of the agencies' portals; a host below one of them is the same agency's."""
    return [
        (urlsplit(address).netloc.removeprefix("www."), portal.agency_id)
        for portal in load_portals()
        for address in (portal.url, portal.services_url)
        if address
    ]
