"""What was done to figures beyond their rules, cell by cell: nothing of it is silent."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tasks.scoring.arrays import FloatArray
from tasks.scoring.cells import Cells
from tasks.scoring.denominate import undivided
from tasks.scoring.evaluate import Result
from tasks.scoring.outliers import moments, treat
from tasks.scoring.plan import Plan
from tasks.scoring.plan_parts import Application
from tasks.scoring.transform import BACK, TRANSFORMS
from tasks.scoring.tree import Tree
from warehouse.frameworks.model import Node
from warehouse.frameworks.rules import CAPS

WEIGHTS, OUTLIERS, CAPPED, UNDIVIDED = "weights", "outliers", "capped", "undivided"


def account(tree: Tree, cells: Cells, result: Result, weights: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Say what was done; the status of the cells stays what it was, `measured` for example.

    Args:
        tree: The framework.
        cells: The measurements, without draws.
        result: What the engine made of them.
        weights: Weights that follow from the data.

    Returns:
        Only what there is: `weights` as given; `undivided` (values whose denominator is missing: they count as
        missing); `capped` (period, agency, node, from, to); `outliers`, one entry a node and panel that had some:
        period (empty: all), node, method, skewness and kurtosis before and after, passes, and moved: period, agency,
        from and to of each value that moved, in the unit of the node, of a logged column all values with to = the
        logarithm.
    """
    if not weights and not any(_is_treated(node) for node in tree.framework.nodes):
        return {}
    plan = Plan.of(tree, cells)
    found = {
        WEIGHTS: weights,
        UNDIVIDED: undivided(tree, cells),
        CAPPED: [entry for one in plan.rules for entry in _capped(one, plan, result.values)],
        OUTLIERS: [entry for one in plan.rules for entry in _outliers(one, plan, result.values)],
    }
    return {name: entries for name, entries in found.items() if entries}


def _is_treated(node: Node) -> bool:
    """Whether anything is done to a node's values before its rule."""
    return "per" in node.parameters or node.parameter("outliers") != "none" or bool(CAPS.keys() & node.parameters)


def _cell(plan: Plan, unit: int, before: float, after: float) -> dict[str, Any]:
    cells = plan.cells
    return {
        "period": cells.periods[cells.unit_period[unit]],
        "agency": cells.agencies[cells.unit_agency[unit]],
        "from": float(before),
        "to": float(after),
    }


def _within_caps(application: Application, plan: Plan, values: FloatArray) -> FloatArray:
    low, high = plan.tree.caps[:, application.group.nodes]
    return np.clip(values, low[:, None], high[:, None])


def _capped(application: Application, plan: Plan, values: FloatArray) -> Iterator[dict[str, Any]]:
    given = values[application.group.nodes]
    capped = _within_caps(application, plan, given)
    for row, unit in np.argwhere((capped != given) & ~np.isnan(given)):
        code = plan.tree.codes[application.group.nodes[row]]
        yield {"node": code} | _cell(plan, int(unit), given[row, unit], capped[row, unit])


def _outliers(application: Application, plan: Plan, values: FloatArray) -> Iterator[dict[str, Any]]:
    group, panels, counted = application.group, plan.panels, application.counted
    if group.limits is None:
        return
    capped = _within_caps(application, plan, values[group.nodes])
    scaled = TRANSFORMS[group.transform](capped)
    treated = treat(scaled, counted, panels, group.limits)
    touched = treated.is_moved | treated.is_logged | (~treated.passes & ~np.isnan(scaled))
    to = np.where(treated.is_logged, treated.values, BACK[group.transform](treated.values))
    for row, first in np.argwhere(panels.reduce(np.logical_or, touched)):
        units = np.flatnonzero(panels.of == first).tolist()
        is_logged = bool(treated.is_logged[row, units[0]])
        those = [unit for unit in units if counted[row, unit]]
        before, after = (moments(side[row, those][None], group.least) for side in (scaled, treated.values))
        changed = [unit for unit in units if treated.is_moved[row, unit] or (is_logged and ~np.isnan(to[row, unit]))]
        yield {
            "node": plan.tree.codes[group.nodes[row]],
            "period": plan.cells.periods[plan.cells.unit_period[units[0]]] if len(panels.starts) > 1 else "",
            "method": "log" if is_logged else "winsorise",
            "skewness": [_number(side[0][0]) for side in (before, after)],
            "kurtosis": [_number(side[1][0]) for side in (before, after)],
            "passes": bool(treated.passes[row, units[0]]),
            "moved": [_cell(plan, unit, capped[row, unit], to[row, unit]) for unit in changed],
        }


def _number(figure: float) -> float | None:
    return None if np.isnan(figure) else float(figure)
