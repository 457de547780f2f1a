"""To whom the form is sent: the agencies that a framework ranks."""

from tasks.harmonise.agencies import Registry
from tasks.harmonise.groups import agency_groups
from tasks.harmonise.periods import period_end
from tasks.harmonise.text import clean_cell
from warehouse.errors import AgencyError, InputError
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency


def ranked_agencies(framework: Framework, period: str) -> list[Agency]:
    """Return the agencies that a framework ranks at a period, in the order of the registry.

    Raises:
        InputError: The framework does not rank agencies of the registry.
    """
    kinds = framework.description.population
    if not kinds:
        raise InputError(
            f"The framework {framework.name} does not say which agencies it ranks.",
            "Give `population` in framework.yaml; returns are made for agencies of the registry only.",
        )
    found = Registry.bundled().valid_at(period_end(period), kinds)
    members = agency_groups(framework, period) if framework.groups else {}
    return [agency for agency in found if not members or agency.agency_id in members]


def ranked_agency(framework: Framework, text: str, period: str) -> Agency:
    """Return the one agency that a text stands for; where the framework ranks other units, the unit called so.

    Args:
        framework: The framework that ranks it.
        text: Its name in any spelling, its code or its id.
        period: Period at whose end it is looked up.

    Raises:
        AgencyError: The text stands for no agency, or for one that the framework does not rank.
    """
    if not framework.description.population:
        name = clean_cell(text)
        return Agency(name, None, None, "", name, name, name, "")
    ranked = {agency.agency_id: agency for agency in ranked_agencies(framework, period)}
    found = Registry.bundled().resolve(text, period_end(period), framework.description.population)
    if found.agency_id not in ranked:
        raise AgencyError(
            f"{found.full_name_vi} is not ranked by {framework.name} in {period}.",
            "groups.csv of the framework lists the agencies that are.",
        )
    return ranked[found.agency_id]
