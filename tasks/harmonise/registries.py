"""Which registry the units of a framework stand in: agencies of Viet Nam, countries, or none."""

from functools import lru_cache

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.text import clean_cell
from warehouse.frameworks.declaration import Description
from warehouse.reference.agencies import Agency, Alias
from warehouse.reference.countries import load_countries

COUNTRY = "country"


@lru_cache(maxsize=1)
def countries() -> Registry:
    """Return the countries of M49 by their names, other names and three-letter codes; a country's id is its name."""
    known = load_countries()
    return Registry(
        [Agency(one.name, None, None, COUNTRY, one.name, one.name, one.name, "quốc gia", one.iso3) for one in known],
        [Alias(text, one.name) for one in known for text in (one.iso3, *one.other_names)],
        "warehouse/reference/m49.csv",
    )


def registry_of(description: Description) -> Registry | None:
    """Return where the units of a framework are looked up.

    Args:
        description: What framework.yaml says.

    Returns:
        None where any text names a unit, and is its id.
    """
    if description.population:
        return Registry.bundled()
    return countries() if description.units else None


def resolve_unit(description: Description, text: str, period: str) -> Agency:
    """Return the unit of a framework that a text stands for.

    Args:
        description: What framework.yaml says.
        text: A name in any spelling, a code or an id.
        period: Period at whose end names are looked up.

    Raises:
        AgencyError: Nothing or several are called so.
    """
    registry = registry_of(description)
    if registry is None:
        return _any_unit(clean_cell(text))
    return registry.resolve(text, at=period_end(period), kinds=description.population or None)


def resolve_anywhere(text: str, period: str) -> Agency:
    """Return the agency or country that a text stands for, where the framework is not at hand.

    Raises:
        AgencyError: No agency and no country is called so, or several agencies are.
    """
    at = period_end(period)
    return countries().find(text, at) or Registry.bundled().resolve(text, at=at)


def unit_name(description: Description, unit: str, period: str) -> str:
    """Short name of a unit at the end of a period; the id itself where no registry has it.

    Args:
        description: What framework.yaml says.
        unit: Id of the unit.
        period: The period.
    """
    return _by_id(description, unit, period).name_vi


def full_unit_name(description: Description, unit: str, period: str) -> str:
    """Full name of a unit at the end of a period; the id itself where no registry has it."""
    return _by_id(description, unit, period).full_name_vi


def _by_id(description: Description, unit: str, period: str) -> Agency:
    registry = registry_of(description)
    known = registry.known_at(unit, period_end(period)) if registry else None
    return known or _any_unit(unit)


def _any_unit(text: str) -> Agency:
    return Agency(text, None, None, "", text, text, text, "")
