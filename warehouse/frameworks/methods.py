"""Proving how a node is treated before its rule and how its children are weighted and aggregated."""

from collections.abc import Iterator

from warehouse.frameworks.model import Node
from warehouse.frameworks.rules import (
    CAPS,
    COMPARING,
    COMPUTED_WEIGHTS,
    GOALPOSTS,
    LOGGING,
    OUTLIER_DEFAULTS,
    PENALISED,
    TREATABLE,
)

_PENALTY = ("penalty_low", "penalty_high")
_UNWEIGHTED = ("sum", "mean", "none")
_POSTS = {"minmax": ("minimum", "maximum")}  # where all are fixed, other units do not count


def outliers_of(node: Node, by_default: str) -> str:
    """The treatment that framework.yaml gives to a leaf: only where other units bend its share.

    Where a goalpost is fixed nothing can be logged, and outliers are moved only.
    """
    if node.rule not in COMPARING or all(node.parameter(name) is not None for name in _POSTS.get(node.rule, ("",))):
        return "none"
    if by_default in LOGGING and _is_fixed(node):
        return "winsorise" if by_default == "winsorise_log" else "none"
    return by_default


def _is_fixed(node: Node) -> bool:
    """Whether a number fixed in the rule would no longer fit a column that is logged."""
    return any(node.parameter(name) is not None for name in GOALPOSTS.get(node.rule, ())) or node.rule == "fraction"


def treatment_problems(node: Node) -> Iterator[str]:
    """Say what is wrong with caps, outlier treatment and denomination of a node that has a rule."""
    given = node.parameters
    low, high = (node.parameters.get(name) for name in CAPS)
    if low is not None and high is not None and low >= high:
        yield f"cap_below ({low:g}) is not below cap ({high:g}); exchange them."
    if given.get("per_scale", 1.0) <= 0:
        yield f"per_scale is {given['per_scale']:g}; write a number above 0, such as 1000 for a value per thousand."
    if "per_scale" in given and "per" not in given:
        yield "per_scale has no effect without per; name the leaf that the value is divided by, as in per=C.POP."
    yield from _outlier_problems(node)


def _outlier_problems(node: Node) -> Iterator[str]:
    method, given = node.parameter("outliers"), node.parameters
    named = [name for name in OUTLIER_DEFAULTS if name in given]
    if method == "none":
        if named:
            yield f"{' and '.join(named)} has no effect without outliers; write outliers=winsorise, for example."
        return
    if node.rule not in TREATABLE:
        yield f"the rule {node.rule} has no outliers to treat; leave out outliers."
    elif method in LOGGING and (node.rule not in COMPARING or _is_fixed(node)):
        yield (
            f"outliers={method} takes the logarithm of all values, which a fixed goalpost of the rule {node.rule} "
            "does not fit; write outliers=winsorise, or transform=log."
        )
    for name in ("skewness", "kurtosis"):
        if not node.parameter(name) > 0:
            yield f"{name} is {node.parameter(name):g}; write the limit above which a column has outliers, such as 2."
    points = node.parameter("outlier_points")
    if points < 1 or points != int(points):
        yield f"outlier_points is {points:g}; write how many values may be moved at the most, 1 or more."


def aggregation_problems(node: Node) -> Iterator[str]:
    """Say what is wrong with weights, availability and penalty of a node that has children."""
    given = node.parameters
    if node.aggregation in _UNWEIGHTED and given.get("weights", "given") in (*COMPUTED_WEIGHTS, "equal"):
        yield (
            f"weights={given['weights']} has no effect, because the aggregation is {node.aggregation}; write "
            "weighted_mean as the aggregation."
        )
    share = node.parameter("available")
    if not 0 <= share <= 1:
        yield f"available is {share:g}; write the share of the weight that must be there, from 0 to 1."
    named = [name for name in _PENALTY if name in given]
    if named and node.aggregation not in PENALISED:
        yield f"{' and '.join(named)} has no effect, because the aggregation is {node.aggregation}; leave it out."
    low, high = (node.parameter(name) for name in _PENALTY)
    if not 0 <= low < high:
        yield f"penalty_low ({low:g}) and penalty_high ({high:g}) must be 0 or more, the first below the second."
