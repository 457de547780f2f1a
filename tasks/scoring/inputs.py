"""From a frame of measurements to the cells of the engine, refusing what cannot be scored."""

import difflib
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from tasks.scoring.arrays import BoolArray, FloatArray, IntArray
from tasks.scoring.cells import PERIOD, Cells
from tasks.scoring.transform import outside_domain
from tasks.scoring.tree import Tree
from warehouse.errors import InputError
from warehouse.frameworks.rules import COUNT, NONE, STAGES

__all__ = ["NEEDED", "NO_NUMBER", "OPTIONAL", "Cells", "Rows", "cells_of", "require_columns"]

NEEDED = ("agency", "node", "value")
OPTIONAL = ("period", "stage", "standard_error", "n", "points")
NO_NUMBER = "Write a number with a point before the decimals; leave the whole row out where nothing was measured."


class Rows:
    """The rows of a measurements frame, and how to name one of them to a person.

    Args:
        frame: The measurements.
        origin: Name of the file they come from.
    """

    def __init__(self, frame: pd.DataFrame, origin: str) -> None:
        self.frame = frame
        self.origin = origin

    def refuse(self, where: BoolArray, say: Callable[[int], str], hint: str) -> None:
        """Raise an error that names the first row of `where`, if any.

        Args:
            where: Rows at fault, shape (rows,).
            say: Takes the position of a row, gives what is wrong with it.
            hint: What to do.
        """
        at = np.flatnonzero(where)
        if at.size:
            more = f" ({at.size - 1} more rows have the same fault)" if at.size > 1 else ""
            first = int(at[0])
            raise InputError(f"{self.origin}, row {self.number(first)}: {say(first)}{more}.", hint)

    def number(self, position: int) -> int:
        """Number of a row as a spreadsheet shows it: the header is row 1."""
        label = self.frame.index[position]
        return (int(label) if pd.api.types.is_integer(label) else position) + 2


def require_columns(columns: list[str], origin: str) -> None:
    """Raise an error if a needed column is missing or stands twice.

    Raises:
        InputError: It names the file and the columns.
    """
    missing = [name for name in NEEDED if name not in columns]
    doubled = [name for name in (*NEEDED, *OPTIONAL) if columns.count(name) > 1]
    expected = f"The columns are {', '.join(NEEDED)} and, optionally, {', '.join(OPTIONAL)}, separated by commas."
    if missing:
        plural = "columns" if len(missing) > 1 else "column"
        found = ", ".join(columns[:12]) or "none"
        raise InputError(f"{origin} has no {plural} {', '.join(missing)}; row 1 holds: {found}.", expected)
    if doubled:
        raise InputError(f"{origin} has the column {doubled[0]} more than once in row 1.", "Keep one of them.")


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
    _refuse_uncertainty(rows)
    _refuse_doubles(rows, ((agency * len(periods) + period) * len(tree.codes) + node) * len(STAGES) + stage)
    _refuse_by_rule(rows, tree, node, values)
    _refuse_apart(rows, tree, node)
    _refuse_points(rows, tree, node, points)
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


def _refuse_uncertainty(rows: Rows) -> None:
    for name, hint in (("standard_error", "A standard error is 0 or more."), ("n", "n counts answers: 0 or more.")):
        if name in rows.frame:
            column = rows.frame[name]
            figures = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
            given = column.notna().to_numpy()
            wrong = given & ~((figures >= 0) & np.isfinite(figures))
            rows.refuse(wrong, lambda row: f"{name} is {column.iloc[row]}", hint)  # noqa: B023 - called at once


def _refuse_doubles(rows: Rows, keys: IntArray) -> None:
    doubled = pd.Series(keys).duplicated().to_numpy()

    def say(row: int) -> str:
        earlier = rows.number(int(np.flatnonzero(keys == keys[row])[0]))
        cell = rows.frame.iloc[row]
        period = f", period {cell['period']}" if "period" in rows.frame else ""
        stage = cell["stage"] if "stage" in rows.frame and isinstance(cell["stage"], str) else ""
        return (
            f"agency {cell['agency']}, node {cell['node']}{period}, stage {stage.strip() or STAGES[-1]} "
            f"was measured in row {earlier} already"
        )

    rows.refuse(doubled, say, "Keep one row for an agency, node, period and stage; a blank stage counts as final.")


def _refuse_points(rows: Rows, tree: Tree, node: IntArray, points: FloatArray) -> None:
    """Refuse points that a node cannot have: below 0, above its maximum, or any at a node that has no share."""
    most = tree.max_points[node]
    no_share = np.array([one.rule == COUNT or one.aggregation == NONE for one in tree.framework.nodes])[node]
    rows.refuse(
        (points < 0) | (points > most) | (~np.isnan(points) & no_share),
        lambda row: f"{tree.codes[node[row]]} has {most[row]:g} points at the most, but {points[row]:g} were given",
        "Give points between 0 and the maximum of the node.",
    )


def _refuse_by_rule(rows: Rows, tree: Tree, node: IntArray, values: FloatArray) -> None:
    """Refuse what a rule cannot read: a binary other than 0 and 1, a value outside the domain of a transform."""
    is_read = tree.is_leaf | (tree.entry == "value")
    rule = np.array([one.rule if read else "" for one, read in zip(tree.framework.nodes, is_read, strict=True)])
    rows.refuse(
        (rule[node] == "binary") & (values != 0) & (values != 1) & ~np.isnan(values),
        lambda row: f"{tree.codes[node[row]]} is binary, but its value is {values[row]:g}",
        "Write 1 for yes and 0 for no.",
    )
    rows.refuse(
        (rule[node] == "count") & ((values < 0) | (values % 1 != 0)) & ~np.isnan(values),
        lambda row: f"{tree.codes[node[row]]} is a count, but its value is {values[row]:g}",
        "Write a whole number, 0 or more.",
    )
    for group in (*tree.rules, *(group for step in tree.steps for group in step.rules)):
        if group.transform != "none":
            read = np.isin(node, group.nodes[is_read[group.nodes]])
            rows.refuse(
                read & outside_domain(np.clip(values, *tree.caps[:, node]), group.transform),
                lambda row: f"{tree.codes[node[row]]} has the value {values[row]:g}, which has no {group.transform}",  # noqa: B023 - called at once
                "Correct the value, or leave out transform in nodes.csv.",
            )


def _refuse_apart(rows: Rows, tree: Tree, node: IntArray) -> None:
    """Refuse values of nodes that have none, because their children stand side by side."""
    rows.refuse(
        tree.is_apart[node],
        lambda row: f"{tree.codes[node[row]]} has no value of its own: its children stand side by side",
        "Give the values of the leaves below it.",
    )
