"""The truth behind synthetic months: what an agency offers and handles online, growing from month to month.

The middle of all agencies follows what was printed of the country: about 11 % of the procedures at level 4 by the end
of 2019, 16 % in August 2020, 30 % in December, nearly all eligible ones by the end of 2021; a quarter of the services
with an online dossier in April 2020. Each agency is larger or smaller, earlier or later than that. Every number is made
up.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.demo.latent import seeded
from warehouse.reference.agencies import PROVINCE, Agency

_EPOCH = 2019 * 12  # months are counted from January 2019
_TARGET_MONTH = 23  # December 2020: half of the eligible ones at level 4
_PRESSED_MONTH = 19  # August 2020: from here on all hurry
_PROCEDURES = {PROVINCE: 1650, "ministry": 420, "ministerial_body": 180}
_OTHER_PROCEDURES = 90
_DOSSIERS_EACH = 9.0  # a month, for each procedure
_DOCUMENTS_EACH = 3.0
_SPREAD = 0.5  # of how early or late an agency is, on the scale of log odds
# How many dossiers are handed in from January to December: Tết brings a hole, the end of the year a peak.
_SEASON = (0.85, 0.75, 1.02, 1.0, 1.03, 1.05, 1.0, 0.98, 1.02, 1.06, 1.1, 1.14)


@dataclass(frozen=True)
class Latent:
    """What stays the same of an agency.

    Attributes:
        agency_id: The agency.
        seed: Seed of every draw.
        is_province: Whether it is a province.
        procedures: Its procedures in January 2019.
        eligible: Share of them that could be offered fully online.
        lead: How far ahead of the others it is, in log odds.
        bodies: Its bodies down to district level.
        joins: Month, from the epoch, in which its platform is connected to the national one.
    """

    agency_id: str
    seed: int
    is_province: bool
    procedures: float
    eligible: float
    lead: float
    bodies: int
    joins: int


def draw_latent(agency: Agency, seed: int) -> Latent:
    """Draw what stays the same of an agency; the same one always draws the same."""
    rng = seeded(seed, "months", agency.agency_id)
    is_province = agency.kind == PROVINCE
    middle = _PROCEDURES.get(agency.kind, _OTHER_PROCEDURES)
    return Latent(
        agency_id=agency.agency_id,
        seed=seed,
        is_province=is_province,
        procedures=max(60.0, middle * math.exp(rng.gauss(0.0, 0.12 if is_province else 0.4))),
        eligible=max(0.4, min(0.85, rng.gauss(0.6, 0.06))),
        lead=rng.gauss(0.0, _SPREAD),
        bodies=rng.randint(22, 48) if is_province else rng.randint(8, 30),
        joins=rng.randint(4, _TARGET_MONTH),
    )


def month_number(period: str) -> int:
    """Return the number of a month from January 2019 on.

    >>> month_number("2019-01"), month_number("2020-12")
    (0, 23)
    """
    year, month = period.split("-")
    return int(year) * 12 + int(month) - 1 - _EPOCH


def months_from(period: str, count: int) -> tuple[str, ...]:
    """Return some months from one on.

    >>> months_from("2020-11", 3)
    ('2020-11', '2020-12', '2021-01')
    """
    first = month_number(period)
    return tuple(f"{2019 + number // 12}-{number % 12 + 1:02d}" for number in range(first, first + count))


def draw_counts(latent: Latent, period: str) -> dict[str, int]:
    """Return the true counts of an agency in a month, by the codes of both editions.

    They never contradict each other: level 3 and 4 together are at most the eligible services, those at most all
    procedures; dossiers from end to end at most those online, those at most all. All that people count moves from month
    to month, so that a number that stands still is dirt.
    """
    month = month_number(period)
    step = month % 2  # numbers of small agencies would stand still otherwise
    procedures = round(latent.procedures * (1 + 0.0015 * month)) + step
    eligible = math.floor(procedures * min(0.9, latent.eligible + 0.0008 * month))
    by_level = _levels(latent, month, eligible, step)
    served = by_level["C.M3"] + by_level["C.M4"] if month < month_number("2022-06") else sum(_newer(by_level))
    return {
        "C.TTHC": procedures,
        "C.DK": eligible,
        **by_level,
        "C.DVC_HS": _part(served, -1.1 + 0.06 * (month - 15) + latent.lead, step),
        "C.PAY": _part(served, -1.2 + 0.06 * (month - 20) + latent.lead, step),
        "C.CQG": _part(served, -1.0 + 0.09 * (month - 16) + latent.lead, step),
        **_dossiers(latent, period, month),
        **_connections(latent, period, month),
    }


def _newer(by_level: Mapping[str, int]) -> tuple[int, int]:
    return by_level["C.MP"], by_level["C.TT"]


def _levels(latent: Latent, month: int, eligible: int, step: int) -> dict[str, int]:
    """Services by level: 3 and 4 of the first edition, in part and from end to end of the second."""
    middle = max(0.26 * (month - _TARGET_MONTH), -1.04 + 0.055 * (month - _PRESSED_MONTH))
    level_4 = _part(eligible, min(3.5, middle + latent.lead), step)
    whole = _part(eligible, 0.3 + 0.03 * (month - 41) + latent.lead, step)
    return {
        "C.M3": _part(eligible - level_4, -0.4 + latent.lead, step),
        "C.M4": level_4,
        "C.MP": _part(eligible - whole, 0.8, step),
        "C.TT": whole,
    }


def _dossiers(latent: Latent, period: str, month: int) -> dict[str, int]:
    rng = seeded(latent.seed, "dossiers", latent.agency_id, period)
    season = _SEASON[int(period[5:]) - 1]
    total = round(latent.procedures * _DOSSIERS_EACH * season * (1 + 0.004 * month) * math.exp(rng.gauss(0.0, 0.05)))
    online = _part(total, -1.6 + 0.06 * (month - 15) + latent.lead + rng.gauss(0.0, 0.04))
    middle = -1.35 if latent.is_province else 0.7  # by the end of 2024
    return {"C.HS": total, "C.HS_ON": online, "C.HS_TT": _part(online, middle + 0.03 * (month - 71) + latent.lead)}


def _connections(latent: Latent, period: str, month: int) -> dict[str, int]:
    rng = seeded(latent.seed, "documents", latent.agency_id, period)
    documents = round(latent.procedures * _DOCUMENTS_EACH * _SEASON[int(period[5:]) - 1] * rng.uniform(0.9, 1.1))
    return {
        "C.DV": latent.bodies,
        "C.TSLCD": min(latent.bodies, round(latent.bodies * _odds(0.8 + 0.14 * (month - 8) + latent.lead))),
        "C.NDXP": int(month >= latent.joins),
        "C.VB": documents,
        "C.VB_DT": _part(documents, 0.2 + 0.09 * (month - 10) + latent.lead),
    }


def _part(whole: int, log_odds: float, step: int = 0) -> int:
    """A part of a count; it moves by `step`, and stays a part."""
    return max(0, min(whole, max(1, math.floor(whole * _odds(log_odds)))) - step)


def _odds(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
