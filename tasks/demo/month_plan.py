"""What goes wrong in a synthetic month, and with whom: each agency has at most one kind of trouble at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from tasks.demo.counts import month_number
from tasks.demo.latent import seeded
from warehouse.reference.agencies import Agency

MISSING = "missing_return"
LATE = "late_return"
ABOVE_TOTAL = "level_4_above_total"
ABOVE_ALL = "online_above_all_dossiers"
WRONG_UNIT = "wrong_unit"  # ten times the figure
AFTER_WRONG_UNIT = "after_wrong_unit"  # the next month falls to a tenth
DISAGREES = "disagrees_with_monitoring"
REVISED = "revised_before_reading"
REVISED_LATER = "revised_after_reading"
FROZEN = "frozen_number"
FROZEN_MONTHS = 6

# Trouble of an agency that the monitoring system does not know shows in the figure that counts; of one that it knows,
# only beside it. How many agencies have it in a month:
_ALONE = ((ABOVE_TOTAL, 1), (ABOVE_ALL, 1), (WRONG_UNIT, 1))
_KNOWN = ((DISAGREES, 1), (REVISED, 2), (REVISED_LATER, 2))
_ANY = ((MISSING, 1), (LATE, 2))
_ALONE_AT_LEAST = 4
_ALONE_SHARE = 10  # one in ten


@dataclass(frozen=True)
class Plan:
    """What goes wrong in one month.

    Attributes:
        period: The month.
        alone: Ids of the agencies that the monitoring system does not know.
        troubles: Agency id to its kind of trouble.
        frozen: Id of the agency whose number stands still in this half-year, or empty.
        is_first: Whether no month comes before it, so that nothing can jump.
    """

    period: str
    alone: frozenset[str]
    troubles: dict[str, str] = field(default_factory=dict)
    frozen: str = ""
    is_first: bool = False


def plan_month(
    agencies: Sequence[Agency],
    period: str,
    seed: int,
    *,
    punctual: Collection[str] = (),
    recovering: Collection[str] = (),
    monitored: bool = True,
    is_first: bool = False,
) -> Plan:
    """Choose what goes wrong in a month.

    Args:
        agencies: Agencies of the month.
        period: The month.
        seed: Seed of every draw.
        punctual: Ids of agencies whose return always comes.
        recovering: Ids of agencies that gave a wrong figure the month before: now they are in no trouble, so that its
            fall shows.
        monitored: Whether there is a monitoring system.
        is_first: Whether no month comes before it.
    """
    ids = sorted((agency.agency_id for agency in agencies), key=lambda one: seeded(seed, "connected", one).random())
    alone = frozenset(ids[: max(_ALONE_AT_LEAST, len(ids) // _ALONE_SHARE)] if monitored else ids)
    half_year = f"{period[:4]}-{1 if int(period[5:]) <= FROZEN_MONTHS else 2}"
    known = [one for one in ids if one not in alone]
    frozen = seeded(seed, "frozen", half_year).choice(known or ids)
    rng = seeded(seed, "troubles", period)
    free = [one for one in ids if one != frozen and one not in recovering]
    rng.shuffle(free)
    troubles: dict[str, str] = {}
    for kinds, may in (
        (_ALONE, alone),
        (_KNOWN, frozenset(known)),
        (_ANY, frozenset(ids) - frozenset(punctual)),
    ):
        for kind, number in kinds:
            chosen = [one for one in free if one in may and one not in troubles][:number]
            troubles |= dict.fromkeys(chosen, kind)
    if is_first:
        troubles = {one: kind for one, kind in troubles.items() if kind != WRONG_UNIT}
    return Plan(period, alone, troubles, frozen, is_first)


def frozen_since(period: str) -> str:
    """Return the month from which a number stands still: the first of the half-year.

    >>> frozen_since("2020-08"), frozen_since("2020-06")
    ('2020-07', '2020-01')
    """
    first = month_number(period) // FROZEN_MONTHS * FROZEN_MONTHS % 12 + 1
    return f"{period[:4]}-{first:02d}"
