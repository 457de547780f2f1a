"""What stands in framework.yaml, as a model: levels, groups, bands, periods and citations (docs/frameworks.md)."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from warehouse.frameworks.rules import Aggregation, Weights
from warehouse.periods import period_days


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Strict):
    """One level of the tree, from the root down; how the children of its nodes are weighted and aggregated."""

    level: str
    name_vi: str = ""
    name_en: str = ""
    aggregation: Aggregation = "sum"
    weights: Weights = "given"
    available: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    count: int | None = None


class Group(_Strict):
    """Units that are ranked apart from the others: those that groups.csv names, or all agencies of some kinds.

    A group may lie within another one: a sub-region within its region.
    """

    group: str
    name_vi: str = ""
    name_en: str = ""
    kinds: tuple[str, ...] = ()
    within: str = ""


class Band(_Strict):
    """A result group of a published index: shares strictly `above`, or `from` a limit on."""

    band: int | str
    above: float | None = None
    from_: float | None = Field(default=None, alias="from")

    def holds(self, share: float) -> bool:
        """Whether a share reaches this band."""
        if self.above is not None:
            return share > self.above
        return self.from_ is None or share >= self.from_


class Citation(_Strict):
    """Where a fact of the framework was printed."""

    id: str
    text: str
    url: str = ""


class Merger(_Strict):
    """How units that merged after the period are ranked: as they are on a day, with the mean of their predecessors.

    Attributes:
        as_of: The day; units are ranked as they exist on it.
        level: Level of the nodes whose shares are averaged.
        take: How: the arithmetic mean.
    """

    as_of: date
    level: str
    take: Literal["mean"] = "mean"


class Description(_Strict):
    """What stands in `framework.yaml`; the fields are documented in docs/frameworks.md."""

    framework: str
    title_vi: str = ""
    title_en: str = ""
    legal_basis: str = ""
    periods: tuple[str, ...] = ()
    first_period: str = ""
    last_period: str = ""
    population: tuple[str, ...] = ()
    units: Literal["", "m49"] = ""
    total: float | None = None
    levels: tuple[Level, ...]
    branches: dict[str, dict[str, float]] = Field(default_factory=dict)
    missing: Literal["zero", "exclude_and_reweight", "carry_forward", "impute"] = "zero"
    entry: Literal["share", "points", "value"] = "share"
    normalise_over: Literal["period", "panel"] = "period"
    outliers: Literal["none", "winsorise", "log", "winsorise_log"] = "none"
    undecided: Literal["self_reported", "zero"] = "self_reported"
    groups: tuple[Group, ...] = ()
    bands: tuple[Band, ...] = ()
    headline: str = ""
    mergers: Merger | None = None
    precedence: tuple[str, ...] = ()
    tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    critical_sources: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()

    def groups_within(self, group: str) -> tuple[str, ...]:
        """A group and every group within it, at any depth, in the order of framework.yaml.

        Args:
            group: Name of a group.
        """
        inside = {group}
        for _ in self.groups:  # each turn goes one level deeper
            inside |= {one.group for one in self.groups if one.within in inside}
        return tuple(one.group for one in self.groups if one.group in inside)

    def outermost(self, group: str) -> str:
        """The group in which a group lies at the outermost; itself where it lies in none.

        Args:
            group: Name of a group.
        """
        within = {one.group: one.within for one in self.groups}
        while outer := within.get(group):
            group = outer
        return group

    def serves(self, period: str) -> bool:
        """Whether the edition was in force for the whole of a period, `2020` or `2020-08`.

        Raises:
            InputError: It is neither a year nor a month.
        """
        first_day, last_day = period_days(period)
        if self.periods and period not in self.periods:
            return False
        if self.first_period and first_day < period_days(self.first_period)[0]:
            return False
        return not self.last_period or last_day <= period_days(self.last_period)[1]
