"""Which agency is ranked with whom: by its kind, or as groups.csv names it in any spelling."""

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from warehouse.frameworks.model import Framework


def agency_groups(framework: Framework, period: str) -> dict[str, str]:
    """Agency id to ranking group, for a framework that ranks agencies of the registry.

    Args:
        framework: The framework; what groups.csv says of an agency goes before the kinds of its groups.
        period: Period at whose end agencies and spellings are looked up.

    Raises:
        AgencyError: A member of groups.csv is unknown at that date.
    """
    kinds = framework.description.population
    if not kinds:
        return dict(framework.groups)
    registry, at = Registry.bundled(), period_end(period)
    by_kind = {
        agency.agency_id: group.group
        for group in framework.description.groups
        if group.kinds
        for agency in registry.valid_at(at, group.kinds)
    }
    named = {registry.resolve(name, at=at, kinds=kinds).agency_id: group for name, group in framework.groups.items()}
    return by_kind | named
