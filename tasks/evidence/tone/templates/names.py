"""How people write the names of agencies, in each register: with and without its type, abbreviated, by an app."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from tasks.evidence.tone.lists import rows
from tasks.evidence.tone.templates.library import CENTRAL, LOCAL, apps
from tasks.harmonise.agencies import Registry
from warehouse.reference.agencies import PROVINCE, Agency

AT = date(2020, 12, 31)  # the agencies that are spoken of, unless others are asked for
_CITY = "Thành phố "
_FORMAL = ("form", "headline")
_FOREIGN = ("English", "French", "before 2004", "singular", "American")  # notes of aliases that nobody types today


@lru_cache(maxsize=1)
def known_agencies() -> Mapping[str, Agency]:
    """Return all agencies by id, each in its version of the end of 2020, else in its last one."""
    registry = Registry.bundled()
    return {agency.agency_id: agency for agency in (*registry.agencies, *registry.valid_at(AT))}


@lru_cache(maxsize=1)
def usual_agencies() -> tuple[str, ...]:
    """Return the ids of the agencies in force at the end of 2020."""
    return tuple(agency.agency_id for agency in Registry.bundled().valid_at(AT))


def is_province(agency_id: str) -> bool:
    """Whether an id is that of a province."""
    return known_agencies()[agency_id].kind == PROVINCE


def services_key(agency_id: str, known: Mapping[str, Sequence[str]]) -> str:
    """Return under which key the services of an agency stand; an empty id is nobody's."""
    if agency_id in known:
        return agency_id
    return LOCAL if not agency_id or is_province(agency_id) else CENTRAL


@lru_cache(maxsize=1024)
def spellings(agency_id: str, slot: str, register: str) -> tuple[str, ...]:
    """Return how an agency is written.

    Args:
        agency_id: Its id.
        slot: `agency` or `other` (the body), `province` (the place), `portal` or `app`.
        register: The register.
    """
    agency = known_agencies()[agency_id]
    plain = _formal(agency, slot) if register in _FORMAL else _casual(agency)
    if slot == "portal":
        return tuple(f"{kind} {name}" for kind in ("cổng dịch vụ công", "trang dịch vụ công") for name in plain)
    if slot == "app":
        words = ("ứng dụng của", "ứng dụng") if register in _FORMAL else ("app", "app của", "app")
        return tuple(apps().get(agency_id, ())) or tuple(f"{word} {name}" for word in words for name in plain)
    return plain


def _formal(agency: Agency, slot: str) -> tuple[str, ...]:
    if agency.kind != PROVINCE:
        return (agency.full_name_vi,)
    place = agency.full_name_vi[:1].lower() + agency.full_name_vi[1:]
    bodies = () if slot == "province" else (f"UBND {place}",)
    return (agency.name_vi, place, place, *bodies)


def _casual(agency: Agency) -> tuple[str, ...]:
    """Names in everyday writing; a name that is an ordinary word too keeps its type more often."""
    doubtful = {row["name"] for row in rows("ambiguous") if row["with_marks"] == "yes"}
    aliases = [
        alias.alias
        for alias in Registry.bundled().aliases
        if alias.agency_id == agency.agency_id
        and alias.alias not in doubtful
        and not any(word in alias.note for word in _FOREIGN)
    ]
    if agency.kind != PROVINCE:
        return (agency.full_name_vi, *aliases, _lower_type(agency.full_name_vi))
    if agency.full_name_vi.startswith(_CITY):
        typed = tuple(f"{word} {agency.name_vi}" for word in ("thành phố", "TP", "tp"))
    else:
        typed = (f"tỉnh {agency.name_vi}", f"Tỉnh {agency.name_vi}")
    if agency.name_vi in doubtful:
        return (*typed, agency.name_vi, f"tỉnh {agency.name_vi.lower()}", *aliases)
    return (agency.name_vi, agency.name_vi, agency.name_vi.lower(), *typed, *aliases)


def _lower_type(name: str) -> str:
    return name[:1].lower() + name[1:] if name.startswith("Bộ ") else name
