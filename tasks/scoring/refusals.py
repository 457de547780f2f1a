"""Rows of measurements that cannot be scored: doubled, or what a node or its rule cannot have.

Each function takes the rows and arrays with an entry a row, such as the index of its node in the tree, and raises an
InputError that names the file and the first row at fault.
"""

import numpy as np
import pandas as pd

from tasks.scoring.arrays import FloatArray, IntArray
from tasks.scoring.rows import Rows
from tasks.scoring.transform import outside_domain
from tasks.scoring.tree import Tree
from warehouse.frameworks.rules import COUNT, NONE, STAGES


def refuse_uncertainty(rows: Rows) -> None:
    """Refuse standard errors and numbers of answers that are below 0 or not finite."""
    for name, hint in (("standard_error", "A standard error is 0 or more."), ("n", "n counts answers: 0 or more.")):
        if name in rows.frame:
            column = rows.frame[name]
            figures = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
            given = column.notna().to_numpy()
            wrong = given & ~((figures >= 0) & np.isfinite(figures))
            rows.refuse(wrong, lambda row: f"{name} is {column.iloc[row]}", hint)  # noqa: B023 - called at once


def refuse_doubles(rows: Rows, keys: IntArray) -> None:
    """Refuse rows with the key of an earlier one: the same agency, node, period and stage."""
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


def refuse_points(rows: Rows, tree: Tree, node: IntArray, points: FloatArray) -> None:
    """Refuse points that a node cannot have: below 0, above its maximum, or any at a node that has no share."""
    most = tree.max_points[node]
    no_share = np.array([one.rule == COUNT or one.aggregation == NONE for one in tree.framework.nodes])[node]
    rows.refuse(
        (points < 0) | (points > most) | (~np.isnan(points) & no_share),
        lambda row: f"{tree.codes[node[row]]} has {most[row]:g} points at the most, but {points[row]:g} were given",
        "Give points between 0 and the maximum of the node.",
    )


def refuse_by_rule(rows: Rows, tree: Tree, node: IntArray, values: FloatArray) -> None:
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


def refuse_apart(rows: Rows, tree: Tree, node: IntArray) -> None:
    """Refuse values of nodes that have none, because their children stand side by side."""
    rows.refuse(
        tree.is_apart[node],
        lambda row: f"{tree.codes[node[row]]} has no value of its own: its children stand side by side",
        "Give the values of the leaves below it.",
    )
