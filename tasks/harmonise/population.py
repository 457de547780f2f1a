"""Whom a framework measures and ranks in a period."""

from tasks.harmonise.agencies import Registry
from tasks.harmonise.groups import agency_groups, unranked_units
from tasks.harmonise.mergers import families_of
from tasks.harmonise.periods import period_end
from tasks.harmonise.registries import registry_of
from warehouse.frameworks.model import Framework


def measured_units(framework: Framework, period: str) -> frozenset[str] | None:
    """Ids of the units that a framework measures at the end of a period; None: any unit.

    Where groups.csv names who is ranked with whom, only its members are. Who is left out of the ranking by unranked.csv
    is among them: its figures are stored and scored like all others.

    Args:
        framework: The framework.
        period: The period.
    """
    kinds = framework.description.population
    if not kinds and not framework.description.units:
        return None
    if framework.groups:
        return frozenset(agency_groups(framework, period))
    registry = registry_of(framework.description) or Registry.bundled()
    return frozenset(agency.agency_id for agency in registry.valid_at(period_end(period), kinds))


def league_units(framework: Framework, period: str) -> frozenset[str] | None:
    """Ids of those that stand in the ranking in the end: who is measured, as it is after a merger; None: any unit."""
    measured, families = measured_units(framework, period), families_of(framework, period)
    if measured is None:
        return None
    return (measured - {one for members in families.values() for one in members}) | frozenset(families)


def expected_units(framework: Framework, period: str) -> frozenset[str] | None:
    """Ids of those that a whole ranking has: without who is left out of it by unranked.csv; None: any unit."""
    league = league_units(framework, period)
    return None if league is None else league - unranked_units(framework, period).keys()
