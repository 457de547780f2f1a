"""Which agency is ranked with whom: by its kind, or as groups.csv names it in any spelling; and who is not ranked."""

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.registries import resolve_unit
from warehouse.frameworks.model import Framework


def agency_groups(framework: Framework, period: str) -> dict[str, str]:
    """Unit id to its ranking group, the finest one.

    Args:
        framework: The framework; what groups.csv says of a unit goes before the kinds of its groups.
        period: Period at whose end agencies and spellings are looked up.

    Raises:
        AgencyError: A member of groups.csv is unknown at that date.
    """
    kinds = framework.description.population
    by_kind = {
        agency.agency_id: group.group
        for group in framework.description.groups
        if kinds and group.kinds
        for agency in Registry.bundled().valid_at(period_end(period), group.kinds)
    }
    return by_kind | {_id(framework, name, period): group for name, group in framework.groups.items()}


def unranked_units(framework: Framework, period: str) -> dict[str, str]:
    """Id of each unit that unranked.csv leaves out of the ranking of a period, to the reason in both languages.

    Args:
        framework: The framework.
        period: The period.

    Raises:
        AgencyError: One of them is unknown at the end of the period.
    """
    rows = [row for row in framework.unranked if row.period in ("", period)]
    return {_id(framework, row.agency, period): row.reason for row in rows}


def _id(framework: Framework, text: str, period: str) -> str:
    return resolve_unit(framework.description, text, period).agency_id
