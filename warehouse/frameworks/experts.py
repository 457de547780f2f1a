"""`experts.yaml` beside a framework: which criteria experts judge, on which scale, and how their ratings become one.

`docs/frameworks.md` shows the format.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from warehouse.frameworks.declared import read_declaration

FILE = "experts.yaml"
HINT = "docs/frameworks.md shows what experts.yaml holds."

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
Statistic = Literal["median", "trimmed_mean", "confidence_weighted_mean"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RatingScale(_Strict):
    """The lowest and the highest mark that an expert may give."""

    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError("a scale needs `low` and a greater `high`")
        return self


class ConfidenceScale(RatingScale):
    """The scale of an expert's confidence; a share written with `%` is a share of `high`.

    The weight of a rating is confidence / high, so that the lowest confidence still weighs something.
    """

    low: float = Field(default=1.0, gt=0)
    high: float = 5.0


class Estimate(_Strict):
    """The one statistic that is published.

    Attributes:
        statistic: `median`, `trimmed_mean` or `confidence_weighted_mean`. Only the last has the mean over the
            population of experts as its target whatever the shape of their opinions, if confidence does not depend on
            the rating.
        trim: Share cut off at each end, for `trimmed_mean` only.
    """

    statistic: Statistic = "confidence_weighted_mean"
    trim: float = Field(default=0.0, ge=0, lt=0.5)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.statistic == "trimmed_mean") != (self.trim > 0):
            raise ValueError("trimmed_mean, and only trimmed_mean, needs a `trim` above 0")
        return self


class Bootstrap(_Strict):
    """How often experts are drawn again, and the seed of the draws."""

    replicates: int = Field(default=2_000, ge=200, le=20_000)
    seed: int = Field(default=2020, ge=0)


class Consensus(_Strict):
    """The experts agree on a cell if the interquartile range of the ratings that count is at most `iqr`."""

    iqr: float = Field(ge=0)


class ExpertDeclaration(_Strict):
    """What stands in `experts.yaml`.

    Attributes:
        framework: Name of the framework.
        scale: Marks on the rating form.
        confidence: Marks of the experts' confidence.
        criteria: Codes of the judged criteria; empty: every leaf with evidence `expert`.
        estimate: What is published.
        counted: Which rating of an expert counts: the last one that can be used (`last_of_expert`), or only one of the
            panel's last round (`last_of_panel`).
        minimum_experts: Fewest experts behind a published cell; below it is suppressed, and the criterion's policy for
            missing values applies.
        bootstrap: Replicates and seed.
        consensus: When experts agree.
        alpha: Metric of Krippendorff's alpha.
    """

    framework: str
    title_vi: str = ""
    title_en: str = ""
    scale: RatingScale
    confidence: ConfidenceScale = ConfidenceScale()
    criteria: tuple[str, ...] = ()
    estimate: Estimate = Estimate()
    counted: Literal["last_of_expert", "last_of_panel"] = "last_of_expert"
    minimum_experts: int = Field(default=7, ge=3)
    bootstrap: Bootstrap = Bootstrap()
    consensus: Consensus
    alpha: Metric = "interval"

    @field_validator("criteria")
    @classmethod
    def _unique(cls, criteria: tuple[str, ...]) -> tuple[str, ...]:
        if doubled := sorted({code for code in criteria if criteria.count(code) > 1}):
            raise ValueError(f"{doubled[0]} is named twice")
        return criteria


def load_experts(folder: Path) -> ExpertDeclaration:
    """Read `experts.yaml` of a framework's folder.

    Raises:
        FrameworkError: It is missing, not YAML, not NFC, or breaks the format; the message names the place.
    """
    return read_declaration(folder / FILE, ExpertDeclaration, HINT)
