"""From any spelling, code or id to one agency at a date."""

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from tasks.harmonise.text import agency_key, clean_cell, fold
from warehouse.errors import AgencyError
from warehouse.reference.agencies import (
    PROVINCE,
    PROVINCE_REFORM,
    Agency,
    Alias,
    is_within,
    load_agencies,
    load_aliases,
)

_CODE = re.compile(r"\d\d", re.ASCII)
_MINISTRY = "bo"  # the folded "Bộ"
_TYPE_PROVINCE = "tỉnh"


@dataclass(frozen=True)
class NameReport:
    """What a list of names says about the table of aliases.

    Attributes:
        unmatched: Name to the sentence that says why it stands for no agency.
        unused_aliases: Aliases that none of the names needed.
    """

    unmatched: dict[str, str]
    unused_aliases: tuple[str, ...]


class Registry:
    """Agencies and their spellings, looked up at a date.

    Args:
        agencies: Every version of every agency.
        aliases: Spellings beyond what folding gives.
        table: File to which a new spelling is added, for messages.

    Attributes:
        agencies: Every version of every agency, in the order of the table.
        aliases: Spellings beyond what folding gives, in the order of the table.
    """

    def __init__(
        self, agencies: Iterable[Agency], aliases: Iterable[Alias] = (), table: str = "warehouse/reference/aliases.csv"
    ) -> None:
        self._table = table
        self.agencies = tuple(agencies)
        self.aliases = tuple(aliases)
        self._versions: dict[str, list[Agency]] = defaultdict(list)
        self._codes: dict[str, list[Agency]] = defaultdict(list)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._aliases: dict[str, list[Alias]] = defaultdict(list)
        self._namesakes: dict[str, set[str]] = defaultdict(set)
        for agency in self.agencies:
            self._versions[agency.agency_id].append(agency)
            self._namesakes[fold(agency.name_vi)].add(agency.agency_id)
            if agency.code:
                self._codes[agency.code].append(agency)
            for name in (agency.name_vi, agency.full_name_vi, agency.name_en):
                self._names[agency_key(name)[0]].add(agency.agency_id)
        for alias in self.aliases:
            self._aliases[agency_key(alias.alias)[0]].append(alias)
        self._add_ministries_without_their_type()

    @staticmethod
    @lru_cache(maxsize=1)
    def bundled() -> "Registry":
        """Return the registry of the project's own tables, built once."""
        return Registry(load_agencies(), load_aliases())

    def resolve(self, text: str, at: date, kinds: Collection[str] | None = None) -> Agency:
        """Return the one agency that a text stands for on a day.

        Args:
            text: A name in any spelling, an official code of two digits, or an agency id.
            at: The day; for a period its last one.
            kinds: Kinds of agencies to choose from; None or empty for all.

        Returns:
            The version of the agency in force on that day.

        Raises:
            AgencyError: Nothing is called so (the nearest names are listed), several are (they are listed), or what is
                called so did not exist on that day (its successor or predecessor is named) or is of another kind.
        """
        found = self.find(text, at, kinds)
        if found is None:
            raise self._why_not(clean_cell(text), at, kinds)
        return found

    def find(self, text: str, at: date, kinds: Collection[str] | None = None) -> Agency | None:
        """Like `resolve`, but None where that would raise: without the cost of finding out what is nearest."""
        live = self._in_force(self._candidates(text, at), at, kinds)
        return live[0] if len(live) == 1 and not self._is_city_within(text, live[0], at) else None

    def valid_at(self, at: date, kinds: Collection[str] | None = None) -> list[Agency]:
        """Return the agencies in force on a day, in the order of the table."""
        return self._in_force(self._versions, at, kinds)

    def by_id(self, agency_id: str, at: date) -> Agency:
        """Return the version of an agency in force on a day.

        Raises:
            AgencyError: No agency has the id, or it did not exist on that day.
        """
        if agency_id not in self._versions:
            raise AgencyError(f"No agency has the id {agency_id!r}.", "`dti agencies list` shows the ids.")
        live = self._in_force([agency_id], at, None)
        if not live:
            raise self._not_in_force(agency_id, at)
        return live[0]

    def known_at(self, agency_id: str, at: date) -> Agency | None:
        """The version of an agency in force on a day; of one that begins later the first one; None: no agency at all.

        Agencies that a merger made are ranked by periods from before it.
        """
        versions = sorted(self._versions.get(agency_id, ()), key=lambda version: version.valid_from or date.min)
        return next((one for one in versions if one.valid_to is None or one.valid_to >= at), None)

    def name_of(self, agency_id: str, at: date) -> str:
        """Short name of an agency as `known_at` finds it; of a unit that is no agency the id, which is its name."""
        agency = self.known_at(agency_id, at)
        return agency.name_vi if agency else agency_id

    def report(self, texts: Iterable[str], at: date, kinds: Collection[str] | None = None) -> NameReport:
        """Return which of some names stand for no agency on a day, and which aliases none of them needed."""
        written = sorted(set(texts))
        unmatched = [text for text in written if self.find(text, at, kinds) is None]
        reasons = {text: str(self._why_not(clean_cell(text), at, kinds)) for text in unmatched}
        return NameReport(reasons, tuple(self.unused_aliases(written)))

    def unused_aliases(self, used: Iterable[str]) -> list[str]:
        """Return the aliases that lead none of the names in `used` to an agency."""
        keys = {agency_key(text)[0] for text in used}
        return [alias.alias for key, rows in self._aliases.items() if key not in keys for alias in rows]

    def _add_ministries_without_their_type(self) -> None:
        """Let "Tài chính" alone mean the ministry as long as nothing else is called so; "Sở Tài chính" is none."""
        for rows in list(self._versions.values()):
            for agency in rows:
                key = agency_key(agency.full_name_vi)[0]
                short = key.removeprefix(_MINISTRY)
                if agency.full_name_vi.startswith("Bộ ") and self._names.get(short, set()) <= self._names[key]:
                    self._names[short].add(agency.agency_id)

    def _candidates(self, text: str, at: date) -> list[str]:
        """Ids of the agencies that a text stands for, on this or on another day."""
        written = clean_cell(text)
        if written in self._versions:
            return [written]
        if _CODE.fullmatch(written):
            rows = self._codes.get(written, [])
            return [row.agency_id for row in rows if row.valid_at(at)] or sorted({row.agency_id for row in rows})
        key = agency_key(written)[0]
        ids = set(self._names.get(key, ()))
        for alias in self._aliases.get(key, ()):
            if is_within(at, alias.valid_from, alias.valid_to):
                # One alias serves the agency before and after a merger that kept the name.
                for version in self._versions[alias.agency_id]:
                    ids |= self._namesakes[fold(version.name_vi)]
        return sorted(ids)

    def _why_not(self, written: str, at: date, kinds: Collection[str] | None) -> AgencyError:
        """The reason why a text stands for no agency."""
        if not written:
            return AgencyError("The agency is not named.", "Give a name, an official code or an id.")
        ids = self._candidates(written, at)
        live = self._in_force(ids, at, kinds)
        if len(live) == 1:
            return AgencyError(
                f"{written!r} would on {at} be a city within {live[0].full_name_vi}, not the province itself.",
                f"If the province is meant, write {live[0].name_vi!r}.",
            )
        if live:
            listed = "; ".join(f"{agency.full_name_vi} ({agency.agency_id})" for agency in live)
            return AgencyError(f"{written!r} stands on {at} for several agencies: {listed}.", "Give the id of one.")
        if others := self._in_force(ids, at, None):
            kind, wanted = (text.replace("_", " ") for text in (others[0].kind, ", ".join(kinds or ())))
            return AgencyError(f"{others[0].full_name_vi} is a {kind}.", f"Wanted here: {wanted}.")
        if ids:
            return self._not_in_force(ids[0], at)
        return AgencyError(f"No agency is called {written!r} on {at}.", self._nearest(written, at, kinds))

    def _in_force(self, ids: Iterable[str], at: date, kinds: Collection[str] | None) -> list[Agency]:
        versions = (version for agency_id in ids for version in self._versions[agency_id] if version.valid_at(at))
        return [version for version in versions if not kinds or version.kind in kinds]

    @staticmethod
    def _is_city_within(text: str, agency: Agency, at: date) -> bool:
        """Whether a text names a city inside the province: until the reform there were many, often of the same name."""
        if agency.kind != PROVINCE or agency.type_vi != _TYPE_PROVINCE or at >= PROVINCE_REFORM:
            return False
        return agency_key(text)[1]

    def _not_in_force(self, agency_id: str, at: date) -> AgencyError:
        versions = sorted(self._versions[agency_id], key=lambda version: version.valid_from or date.min)
        first, last = versions[0], versions[-1]
        if last.valid_to is not None and at > last.valid_to:
            return AgencyError(
                f"{last.full_name_vi} ({agency_id}) existed until {last.valid_to}, not on {at}.",
                self._family("It is now part of", last.successors) or "What took it over is not recorded.",
            )
        return AgencyError(
            f"{first.full_name_vi} ({agency_id}) exists only from {first.valid_from} on, not on {at}.",
            self._family("Before it:", first.predecessors),
        )

    def _family(self, words: str, ids: Iterable[str]) -> str:
        named = [f"{self._versions[agency_id][0].full_name_vi} ({agency_id})" for agency_id in ids]
        return f"{words} {'; '.join(named)}." if named else ""

    def _nearest(self, text: str, at: date, kinds: Collection[str] | None) -> str:
        live = {agency.agency_id: agency for agency in self.valid_at(at, kinds)}
        keys = {key: agency_id for key, ids in self._names.items() for agency_id in sorted(ids) if agency_id in live}
        close = difflib.get_close_matches(agency_key(text)[0], keys, n=3, cutoff=0.6)
        names = list(dict.fromkeys(live[keys[key]].full_name_vi for key in close))
        advice = f"A new spelling of a known one goes into {self._table}."
        return f"Nearest: {'; '.join(names)}. {advice}" if names else advice
