"""What may stand in a framework folder: rules, parameters, aggregations, policies (docs/frameworks.md)."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

Aggregation = Literal[
    "sum",
    "mean",
    "weighted_mean",
    "geometric_mean",
    "harmonic_mean",
    "median",
    "copeland",
    "penalised_mean",
    "penalised_mean_plus",
    "none",
]
AGGREGATIONS: tuple[str, ...] = get_args(Aggregation)
PENALISED = ("penalised_mean", "penalised_mean_plus")
Weights = Literal["given", "equal", "pca", "optimised"]
WEIGHTS: tuple[str, ...] = get_args(Weights)
COMPUTED_WEIGHTS = ("pca", "optimised")  # they depend on the data
NONE = "none"  # the children stand side by side: the node has no value, no points and no rank
MISSING_POLICIES = ("zero", "exclude_and_reweight", "carry_forward", "impute")
EVIDENCE = ("report", "survey", "expert", "tone", "inspection", "published", "derived")
DERIVED = "derived"  # evidence of a leaf that is computed from other leaves: nobody reports it
COUNT = "count"  # rule of a leaf that is shown as it is: no share, no points, no rank
STAGES = ("self_reported", "appraised", "final")  # ascending: the last one present counts
PARTS = ("value", "a", "b", "points", "upheld")  # of a figure: itself, numerator and denominator, an appraisal's
TRANSFORMS = ("none", "log", "log10", "sqrt")
ENTRIES = ("share", "points", "value")
STATUSES = ("official", "reconstructed")
UNCLIPPED = ("zscore", "rank", "borda", "published")  # rules whose share is not cut to [0, 1] unless asked


@dataclass(frozen=True)
class Rule:
    """A rule of a leaf and the parameters it takes.

    Attributes:
        name: Name as written in `nodes.csv`.
        defaults: Parameter name to default; None where the default depends on the node.
        needed: Parameters that have no default.
        inner: Whether it may rescale the aggregate of an inner node.
    """

    name: str
    defaults: dict[str, object]
    needed: tuple[str, ...] = ()
    inner: bool = False


RULES = {
    rule.name: rule
    for rule in (
        Rule("ratio", {"target": None, "numerator": None, "denominator": None}),
        Rule(COUNT, {}),
        Rule("proportion", {"target": None}),
        Rule("tier", {}, needed=("tiers",)),
        Rule("checklist", {"items": None}),
        Rule("binary", {}),
        Rule("linear", {"floor": 0.0}, needed=("target",), inner=True),
        Rule("minmax", {"minimum": None, "maximum": None}, inner=True),
        Rule("zscore", {"deviation": "population"}, inner=True),
        Rule("rank", {"ties": "mean"}, inner=True),
        Rule("percentile", {"ties": "mean"}, inner=True),
        Rule("borda", {"ties": "mean"}, inner=True),
        Rule("distance", {}, needed=("target",), inner=True),
        Rule("fraction", {}, inner=True),
        Rule("likert", {"low": 1.0, "high": 5.0}),
        Rule("tone", {"low": -1.0, "high": 1.0}),
        Rule("points", {}),
        Rule("published", {"scale": 1.0}),
    )
}

# Parameters that lie on the same scale as the value, so that a transform applies to them too.
GOALPOSTS = {
    "ratio": ("target",),
    "proportion": ("target",),
    "checklist": ("items",),
    "linear": ("floor", "target"),
    "distance": ("target",),
    "minmax": ("minimum", "maximum"),
    "likert": ("low", "high"),
    "tone": ("low", "high"),
    "published": ("scale",),
}
SUM_PARAMETERS = ("numerator", "denominator")  # sums of codes: C.M3+C.M4
PLACES = ("rank", "percentile", "borda")  # rules of which only the order of the units counts
READ_DIRECTION = ("tier", "distance", *PLACES)  # rules that read `negative` for themselves rather than turn the share
COMPARING = ("minmax", "zscore", "distance", "fraction")  # rules that one value far out bends for all units
TREATABLE = (*COMPARING, "ratio", "proportion", "linear", "likert", "tone", "published")  # rules of values on a scale
OUTLIERS = ("none", "winsorise", "log", "winsorise_log")
LOGGING = ("log", "winsorise_log")
CAPS = {"cap_below": -math.inf, "cap": math.inf}
OUTLIER_DEFAULTS: dict[str, object] = {
    "skewness": 2.0,
    "kurtosis": 3.5,
    "outlier_points": 5.0,
    "outlier_pass": "either",
}
COMMON_DEFAULTS: dict[str, object] = {"per_scale": 1.0, "outliers": "none", **OUTLIER_DEFAULTS}
INNER_DEFAULTS: dict[str, object] = {
    "weights": "given",
    "available": 0.0,
    "penalty_low": 70.0,
    "penalty_high": 130.0,
}
COMMON_PARAMETERS = (
    *("transform", "clip", "valid_min", "valid_max", "impute", "entry"),
    *("per", "per_scale", *CAPS, "outliers", *OUTLIER_DEFAULTS),
)
LEAF_PARAMETERS = (
    "per",
    "per_scale",
    "outliers",
    *OUTLIER_DEFAULTS,
)  # of the common ones, those that an inner node lacks
TEXT_PARAMETERS = {
    "deviation": ("population", "sample"),
    "transform": TRANSFORMS,
    "clip": ("yes", "no"),
    "impute": ("median", "mean", "group_median", "group_mean", "interpolate"),
    "ties": ("mean", "lowest"),
    "outliers": OUTLIERS,
    "outlier_pass": ("either", "both"),
    "weights": WEIGHTS,
    "entry": ENTRIES,
}
