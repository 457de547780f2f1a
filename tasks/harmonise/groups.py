"""Which agency is ranked with whom: the spellings of groups.csv become agency ids."""

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from warehouse.frameworks.model import Framework


def agency_groups(framework: Framework, period: str) -> dict[str, str]:
    """Agency id to ranking group, for a framework that ranks agencies of the registry.

    Args:
        framework: The framework with its groups.csv.
        period: Period at whose end the spellings are resolved.

    Raises:
        AgencyError: A member of groups.csv is unknown at that date.
    """
    kinds = framework.description.population
    if not kinds:
        return dict(framework.groups)
    registry, at = Registry.bundled(), period_end(period)
    return {registry.resolve(name, at=at, kinds=kinds).agency_id: group for name, group in framework.groups.items()}
