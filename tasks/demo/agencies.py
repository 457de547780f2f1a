"""Which agencies take part in a synthetic round, how they spell themselves, and who does what with its return."""

from collections.abc import Sequence
from datetime import date
from random import Random

from tasks.harmonise.agencies import Registry
from tasks.returns.recipients import ranked_agencies
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import PROVINCE, Agency

# What happens to a return; all others are sent once, on time, as XLSX.
RESENT, AS_CSV, BROKEN, EMPTY, ABSENT = "resent", "csv", "broken", "empty", "absent"
_KEPT_FREE = 3  # agencies that always send an ordinary return


# Who reports to a framework that ranks no agencies of the registry, such as a national index: the country.
COUNTRY = Agency("Việt Nam", None, None, "country", "Việt Nam", "Việt Nam", "Viet Nam", "quốc gia")


def taking_part_in(framework: Framework, period: str) -> list[Agency]:
    """Return who reports to a framework in a synthetic round: the agencies that it ranks, or the country."""
    return ranked_agencies(framework, period) if framework.description.population else [COUNTRY]


def assign_roles(agencies: Sequence[Agency], rng: Random, *, with_losses: bool) -> dict[str, str]:
    """Choose what goes wrong with whole returns.

    Args:
        agencies: The agencies; some always stay without a role.
        rng: Random generator.
        with_losses: Whether some returns do not arrive at all, broken, or empty.

    Returns:
        Agency id to role, only for agencies that have one.
    """
    roles = (RESENT, AS_CSV, *((BROKEN, EMPTY, ABSENT) if with_losses else ()))
    shuffled = list(agencies)
    rng.shuffle(shuffled)
    chosen = shuffled[: max(0, len(shuffled) - _KEPT_FREE)]
    return {agency.agency_id: role for agency, role in zip(chosen, roles, strict=False)}


def spelling(agency: Agency, registry: Registry, at: date, rng: Random) -> str:
    """Return one of the ways in which an agency may write its own name; each of them resolves to it."""
    if agency is COUNTRY:
        return agency.full_name_vi  # where there is no registry the name is the id
    ways = [agency.full_name_vi, agency.full_name_vi, agency.full_name_vi.upper(), agency.name_vi]
    if agency.kind == PROVINCE:
        place = agency.full_name_vi[:1].lower() + agency.full_name_vi[1:]
        ways += [f"UBND {place}", f"Ủy ban nhân dân {place}", f"UBND {place}".replace("thành phố", "TP.")]
    way = rng.choice(ways)
    found = registry.find(way, at)
    return way if found and found.agency_id == agency.agency_id else agency.full_name_vi
