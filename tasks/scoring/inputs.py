"""From a frame of measurements to the cells of the engine, refusing what cannot be scored."""

import difflib
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.cells import PERIOD, Cells
from tasks.scoring.refusals import refuse_apart, refuse_by_rule, refuse_doubles, refuse_points, refuse_uncertainty
from tasks.scoring.rows import NO_NUMBER, Rows, require_columns
from tasks.scoring.tree import Tree
from warehouse.errors import InputError
from warehouse.frameworks.rules import STAGES

__all__ = ["Cells", "cells_of"]


def cells_of(measurements: pd.DataFrame, tree: Tree, origin: str, groups: Mapping[str, str] | None = None) -> Cells:
    """Bring measurements into the shape of the engine.

    Args:
        measurements: Grain agency x node x period x stage; columns agency, node, value (in the node's unit) and
            optionally period, stage (blank: final), standard_error, n and points, which go before the value.
        tree: The framework.
        origin: Name of the file, for messages.
        groups: Agency to ranking group; left out, what groups.csv of the framework says.

    Returns:
        The cells. Of several stages of one cell the last counts: final before appraised before self_reported.

    Raises:
        InputError: It names the file and the first row that cannot be scored.
    """
    require_columns([str(name) for name in measurements.columns], origin)
    if measurements.empty:
        raise InputError(f"{origin} has no rows.", "Give one row per measurement below the header.")
    rows = Rows(measurements, origin)
    points = _points(rows)
    values = _values(rows, ~np.isnan(points))
    agency, agencies = _coded(rows, "agency", sorted)
    period, periods = _periods(rows)
    node = _nodes(rows, tree)
    stage = _stages(rows)
    refuse_uncertainty(rows)
    refuse_doubles(rows, ((agency * len(periods) + period) * len(tree.codes) + node) * len(STAGES) + stage)
    refuse_by_rule(rows, tree, node, values)
    refuse_apart(rows, tree, node)
    refuse_points(rows, tree, node, points)
    units, unit = np.unique(period * len(agencies) + agency, return_inverse=True)
    in_order = np.argsort(stage, kind="stable")
    placed: list[FloatArray] = []
    for figures in (values, points):
        cells = np.full((len(tree.codes), len(units)), np.nan)
        cells[node[in_order], unit[in_order]] = figures[in_order]
        placed.append(cells)
    chosen = tree.framework.groups if groups is None else groups
    return Cells(periods, agencies, units // len(agencies), units % len(agencies), placed[0], placed[1], chosen)


def _points(rows: Rows) -> FloatArray:
    """Points given outright; NaN where the value counts."""
    if "points" not in rows.frame:
        return np.full(len(rows.frame), np.nan)
    column = rows.frame["points"]
    points = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = column.notna().to_numpy() & ~np.isfinite(points)
    rows.refuse(wrong, lambda row: f"the points {column.tolist()[row]!r} are not a finite number", NO_NUMBER)
    return points


def _values(rows: Rows, is_replaced: BoolArray) -> FloatArray:
    """Measured values; NaN where points replace them."""
    column = rows.frame["value"]
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    rows.refuse(
        ~np.isfinite(values) & ~is_replaced,
        lambda row: f"the value {column.tolist()[row]!r} is not a finite number",
        NO_NUMBER,
    )
    return np.where(is_replaced, np.nan, values)


def _coded(rows: Rows, name: str, order: Callable[[list[str]], list[str]]) -> tuple[IntArray, tuple[str, ...]]:
    """Codes of a text column and its distinct texts in order; a blank is refused."""
    codes, texts = pd.factorize(rows.frame[name])
    distinct = [str(text) for text in texts]
    # The last entry answers for missing texts, whose code is -1.
    is_blank = np.array([*(not text.strip() for text in distinct), True])[codes]
    rows.refuse(is_blank, lambda _: f"the {name} is blank", f"Name the {name} in every row.")
    ordered = order(distinct)
    place = {text: index for index, text in enumerate(ordered)}
    return np.array([place[text] for text in distinct])[codes], tuple(ordered)


def _periods(rows: Rows) -> tuple[IntArray, tuple[str, ...]]:
    """Codes of the periods in the order of time; without periods all rows are of one."""
    if "period" not in rows.frame or not rows.frame["period"].fillna("").astype(str).str.strip().any():
        return np.zeros(len(rows.frame), dtype=np.intp), ("",)
    return _coded(rows, "period", lambda periods: sorted(periods, key=_moment))


def _moment(period: str) -> tuple[str, int, str]:
    """Where a period stands in time: a year ends with its December; other texts in the order of the alphabet."""
    found = PERIOD.fullmatch(period)
    return (found[1], int(found[2] or 12), period) if found else (period, 0, period)


def _nodes(rows: Rows, tree: Tree) -> IntArray:
    texts, names = _coded(rows, "node", list)
    known = {code: index for index, code in enumerate(tree.codes)}
    index = np.array([known.get(name, -1) for name in names])[texts]
    first = np.flatnonzero(index < 0)
    hint = "Nodes are named by their code in nodes.csv."
    if first.size:
        near = difflib.get_close_matches(names[texts[first[0]]], tree.codes, n=3)
        hint = f"Nearest are: {', '.join(near)}." if near else f"{hint[:-1]}, for example {tree.codes[-1]}."
    name = tree.framework.name
    rows.refuse(index < 0, lambda row: f"{names[texts[row]]!r} is not a node of the framework {name}", hint)
    return index


def _stages(rows: Rows) -> IntArray:
    """Position in STAGES; a blank stage is final."""
    if "stage" not in rows.frame:
        return np.full(len(rows.frame), len(STAGES) - 1)
    codes, texts = pd.factorize(rows.frame["stage"])
    known = {stage: index for index, stage in enumerate(STAGES)} | {"": len(STAGES) - 1}
    # The last entry answers for blanks, whose code is -1.
    index = np.array([*(known.get(str(text).strip(), -1) for text in texts), len(STAGES) - 1])[codes]
    rows.refuse(
        index < 0,
        lambda row: f"the stage {texts[codes[row]]!r} is not known",
        f"A stage is {', '.join(STAGES)}, or blank for {STAGES[-1]}.",
    )
    return index
