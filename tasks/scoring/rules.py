"""The rules of docs/frameworks.md: how a value becomes a share, one vectorised function per rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tasks.scoring.arrays import BoolArray, FloatArray, Panels, expand
from tasks.scoring.normalise import extremes, has_no_variation, standard_scores
from tasks.scoring.outliers import treat
from tasks.scoring.places import Places, places
from tasks.scoring.rule_groups import RuleGroup
from tasks.scoring.transform import TRANSFORMS
from warehouse.frameworks.rules import READ_DIRECTION


@dataclass(frozen=True)
class Compared:
    """With whom a value is compared, for the rules that look at the other units.

    Attributes:
        counted: Cells that make the goalposts and deviations, shape (nodes of the rule, units).
        panels: Units compared with each other.
        least: Largest difference that is rounding only, whatever the size of the values.
    """

    counted: BoolArray
    panels: Panels
    least: float


# Takes values of shape (k, units, ...), which it may use up, parameters that broadcast to them, and the units they are
# compared with. Memory that is fresh for each step would take longer than the arithmetic.
Rule = Callable[[FloatArray, Mapping[str, FloatArray], Compared], FloatArray]


def _by_target(values: FloatArray, parameters: Mapping[str, FloatArray], _: Compared) -> FloatArray:
    values /= parameters["target"]
    return values


def _checklist(values: FloatArray, parameters: Mapping[str, FloatArray], _: Compared) -> FloatArray:
    values /= parameters["items"]
    return values


def _points(values: FloatArray, parameters: Mapping[str, FloatArray], _: Compared) -> FloatArray:
    values /= parameters["max_points"]
    return values


def _published(values: FloatArray, parameters: Mapping[str, FloatArray], _: Compared) -> FloatArray:
    values /= parameters["scale"]
    return values


def _binary(values: FloatArray, _: Mapping[str, FloatArray], __: Compared) -> FloatArray:
    return values


def _linear(values: FloatArray, parameters: Mapping[str, FloatArray], _: Compared) -> FloatArray:
    values -= parameters["floor"]
    values /= parameters["target"] - parameters["floor"]
    return values


def _on_scale(values: FloatArray, parameters: Mapping[str, FloatArray], _: Compared) -> FloatArray:
    values -= parameters["low"]
    values /= parameters["high"] - parameters["low"]
    return values


def _tier(values: FloatArray, parameters: Mapping[str, FloatArray], _: Compared) -> FloatArray:
    """Share of the highest tier reached: the last limit at or below the value, or the first at or above it."""
    limits, shares = parameters["limits"], parameters["shares"]
    share = np.where(np.isnan(values), np.nan, 0.0)
    rises, falls = (np.flatnonzero(side) for side in (parameters["negative"] <= 0, parameters["negative"] > 0))
    for nodes, reached, order in ((rises, np.greater_equal, 1), (falls, np.less_equal, -1)):
        there, found = values[nodes], share[nodes]
        for tier in range(limits.shape[1])[::order]:
            np.copyto(found, shares[nodes, tier], where=reached(there, limits[nodes, tier]))
        share[nodes] = found
    return share


def _minmax(values: FloatArray, parameters: Mapping[str, FloatArray], compared: Compared) -> FloatArray:
    """Place between the goalposts; where they meet: 0.5 on them, 0 below and 1 above."""
    minimum, maximum = parameters["minimum"], parameters["maximum"]
    if np.isnan(minimum).any() or np.isnan(maximum).any():
        lowest, highest = extremes(values, compared.counted, compared.panels)
        # A goalpost left to the data never passes the fixed one: a panel wholly below a fixed minimum scores 0, not 1.
        low = np.where(np.isnan(minimum), np.fmin(lowest, maximum), minimum)
        high = np.where(np.isnan(maximum), np.fmax(highest, minimum), maximum)
        meet = has_no_variation(low, high, compared.least)
    else:
        low, high, meet = minimum, maximum, np.zeros(1, dtype=np.bool_)
    place = (values - low) / np.where(meet, 1.0, high - low)
    return np.where(meet, 0.5 + 0.5 * _side(values, low, high), place)


def _side(values: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return -1 below both goalposts, 1 above both, 0 on them, NaN for a missing value."""
    side = np.where(values < low, -1.0, np.where(values > high, 1.0, 0.0))
    return np.where(np.isnan(values), np.nan, side)


def _zscore(values: FloatArray, parameters: Mapping[str, FloatArray], compared: Compared) -> FloatArray:
    return standard_scores(values, compared.counted, compared.panels, parameters["lost"], compared.least)


def _rank(values: FloatArray, parameters: Mapping[str, FloatArray], compared: Compared) -> FloatArray:
    """Place counted from below: the highest of n has n."""
    return _places(values, parameters, compared).beaten + 1.0


def _borda(values: FloatArray, parameters: Mapping[str, FloatArray], compared: Compared) -> FloatArray:
    """Number of units that are beaten."""
    return _places(values, parameters, compared).beaten


def _percentile(values: FloatArray, parameters: Mapping[str, FloatArray], compared: Compared) -> FloatArray:
    """Share of the other units that are beaten; a single unit: 0.5."""
    found = _places(values, parameters, compared)
    share = np.where(found.count > 1, found.beaten / np.maximum(found.count - 1.0, 1.0), 0.5)
    return np.where(np.isnan(values), np.nan, share)


def _places(values: FloatArray, parameters: Mapping[str, FloatArray], compared: Compared) -> Places:
    signed, lowest = values * parameters["sign"], parameters["lowest"]
    return places(signed, compared.counted, compared.panels, lowest, compared.least)


def _distance(values: FloatArray, parameters: Mapping[str, FloatArray], compared: Compared) -> FloatArray:
    """Part of the way from the worst unit to the target; 1 where the worst has reached it."""
    sign = parameters["sign"]
    worst, _ = extremes(values * sign, compared.counted, compared.panels)
    way = parameters["target"] * sign - worst
    part = (values * sign - worst) / np.where(way > compared.least, way, 1.0)
    return np.where((way <= compared.least) & ~np.isnan(values), 1.0, part)


def _fraction(values: FloatArray, _: Mapping[str, FloatArray], compared: Compared) -> FloatArray:
    """Part of the highest value; 0 where nothing is above 0."""
    highest = extremes(values, compared.counted, compared.panels)[1]
    is_nothing = highest <= compared.least
    return np.where(is_nothing & ~np.isnan(values), 0.0, values / np.where(is_nothing, 1.0, highest))


def _count(values: FloatArray, _: Mapping[str, FloatArray], __: Compared) -> FloatArray:
    """A count is shown as it is: it has no share."""
    return np.full(values.shape, np.nan)


RULES: dict[str, Rule] = {
    "ratio": _by_target,
    "proportion": _by_target,
    "tier": _tier,
    "checklist": _checklist,
    "binary": _binary,
    "linear": _linear,
    "minmax": _minmax,
    "zscore": _zscore,
    "rank": _rank,
    "percentile": _percentile,
    "borda": _borda,
    "distance": _distance,
    "fraction": _fraction,
    "likert": _on_scale,
    "tone": _on_scale,
    "points": _points,
    "published": _published,
    "count": _count,
}


def shares_by_rule(group: RuleGroup, values: FloatArray, counted: BoolArray, panels: Panels) -> FloatArray:
    """Shares of the nodes of one rule, after direction and clipping.

    Args:
        group: The nodes with their rule and parameters.
        values: Values of these nodes, shape (k, units, ...); NaN where there is none. The transform is defined on them.
            They are used up.
        counted: Cells with which the others are compared, shape (k, units).
        panels: Units compared with each other.

    Returns:
        Shape of `values`; NaN where there is no value.
    """
    tiers = group.rule == "tier"
    parameters = {
        name: _broadcast(array, name, values.ndim) if not tiers or name != "negative" else array
        for name, array in group.parameters.items()
    }
    compared = Compared(counted, panels, group.least)
    transformed = values if group.rule == "tier" else TRANSFORMS[group.transform](values)
    if group.limits is not None:
        transformed = treat(transformed, counted, panels, group.limits).values
    shares = RULES[group.rule](transformed, parameters, compared)
    if group.rule not in READ_DIRECTION and group.negative.any():
        turned = np.flatnonzero(group.negative)
        shares[turned] = -shares[turned] if group.rule == "zscore" else 1.0 - shares[turned]
    if group.clip.all():
        np.clip(shares, 0.0, 1.0, out=shares)
    elif group.clip.any():
        cut = np.flatnonzero(group.clip)
        shares[cut] = np.clip(shares[cut], 0.0, 1.0)
    return shares


def _broadcast(array: FloatArray, name: str, ndim: int) -> FloatArray:
    if name in ("limits", "shares"):
        # (k, tiers) becomes (k, tiers, 1, ...): one tier of it broadcasts to the values.
        return expand(array, ndim + 1)
    return expand(array, ndim)
