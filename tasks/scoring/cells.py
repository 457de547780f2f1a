"""The measurements of all units as one array: what goes into the engine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray, Panels

PERIOD = re.compile(r"(\d{4})(?:-(\d{2}))?")


def month_of(period: str) -> int | None:
    """The month that a period ends with, counted from the year 0; None where it is neither a year nor a month.

    >>> month_of("2020") - month_of("2020-08"), month_of("spring")
    (4, None)
    """
    found = PERIOD.fullmatch(period)
    return int(found[1]) * 12 + int(found[2] or 12) if found else None


@dataclass(frozen=True)
class Cells:
    """The measurements of all units as one array.

    Attributes:
        periods: Distinct periods in the order of time.
        agencies: Distinct agencies in the order of the alphabet.
        unit_period: Index of each unit's period, shape (units,); ascending.
        unit_agency: Index of each unit's agency, shape (units,); ascending within a period.
        values: Measured values in the nodes' units, shape (nodes, units, ...); NaN where nothing was measured.
        points: Points that an appraiser gave outright, shape (nodes, units); NaN elsewhere.
        groups: Agency to ranking group; who is in none is left out.
        ceased: Units that merged into others: scored and not ranked, shape (units,); None: there are none.
    """

    periods: tuple[str, ...]
    agencies: tuple[str, ...]
    unit_period: IntArray
    unit_agency: IntArray
    values: FloatArray
    points: FloatArray
    groups: Mapping[str, str] = field(default_factory=dict)
    ceased: BoolArray | None = None

    @cached_property
    def ranked_in(self) -> IntArray:
        """Period in which each unit is ranked, -1 where it is not; shape (units,)."""
        return self.unit_period if self.ceased is None else np.where(self.ceased, -1, self.unit_period)

    @cached_property
    def appraised(self) -> BoolArray:
        """Which cells have points that were given outright, shape (nodes, units)."""
        return ~np.isnan(self.points)

    @cached_property
    def has_points(self) -> bool:
        """Whether points were given outright anywhere."""
        return bool(self.appraised.any())

    @cached_property
    def measured(self) -> BoolArray:
        """Which cells have a value, shape (nodes, units)."""
        present = ~np.isnan(self.values)
        return present if present.ndim == 2 else present.reshape(*present.shape[:2], -1)[:, :, 0]

    @cached_property
    def unit_group(self) -> IntArray:
        """Code of each unit's ranking group, -1 for none, shape (units,)."""
        names = [self.groups.get(agency, "") for agency in self.agencies]
        labels = sorted(set(filter(None, names)))
        return np.array([labels.index(name) if name else -1 for name in names], dtype=np.intp)[self.unit_agency]

    @cached_property
    def moments(self) -> FloatArray:
        """When each period ends, in months; its place in the order where a period is no year or month."""
        ends = [month_of(period) for period in self.periods]
        dated = [float(end) for end in ends if end is not None]
        return np.array(dated if len(dated) == len(ends) else range(len(ends)), dtype=np.float64)

    def panels(self, normalise_over: str) -> Panels:
        """The units that are compared with each other: those of one `period`, or all (`panel`)."""
        return Panels.by(self.unit_period if normalise_over == "period" else np.zeros_like(self.unit_period))

    def unit(self, index: int) -> str:
        """Agency and period of a unit, for messages."""
        period, agency = self.periods[int(self.unit_period[index])], self.agencies[int(self.unit_agency[index])]
        return f"{agency} in {period}" if period else agency
