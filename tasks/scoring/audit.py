"""Auditing a framework on data: do its indicators agree, does every one of them tell, does any of them tell twice?

Sources: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 4 (multivariate analysis), step 8 (links
to the total). The limits 0.3 and 0.9 are habits of the JRC's audits, not tests; both are parameters.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.scoring.arrays import FloatArray, IntArray
from tasks.scoring.correlation import FEWEST, alpha, correlations
from tasks.scoring.influence import importance, part_of_variance, weights_in_total, weights_of
from tasks.scoring.normalise import has_no_variation
from tasks.scoring.rank import TIE
from tasks.scoring.tree import Tree

REDUNDANT = 0.9  # two indicators that correlate more say the same
SILENT = 0.3  # an indicator that correlates less with the total does not tell in it
INSIDE, ACROSS = "inside", "across"
NODES = (
    *("node", "name", "parent", "level", "units", "weight", "weight_in_total", "part_of_variance", "importance"),
    *("r_parent", "r_total", "alpha", "r_inside", "r_across", "finding"),
)
PAIRS = ("node", "other", "relation", "r", "units", "finding")


@dataclass(frozen=True)
class Audit:
    """What an audit found; correlations are Pearson's, of shares, over the units that have both.

    Attributes:
        nodes: Columns NODES, one row a node of the tree that has a share. weight: part of its parent; weight_in_total:
            of the total; part_of_variance and importance: its influence on the parent; r_parent and r_total:
            correlation with both; of an inner node also Cronbach's alpha of its children, the mean correlation among
            them (r_inside) and with the children of its siblings (r_across). finding: what to look at, or empty.
        pairs: Columns PAIRS: all siblings, and of the leaves of different branches those that are redundant.
    """

    nodes: pd.DataFrame
    pairs: pd.DataFrame


def audit(tree: Tree, shares: FloatArray, redundant: float = REDUNDANT, silent: float = SILENT) -> Audit:
    """Audit a framework on the shares of its nodes.

    Args:
        tree: The framework, with the weights that were used.
        shares: Shares of all nodes, shape (nodes, units); NaN where there is none.
        redundant: Absolute correlation above which two leaves are redundant.
        silent: Correlation with the total below which a leaf is silent.
    """
    return _Audit(tree, shares, redundant, silent).made()


class _Audit:
    """The figures of one audit."""

    def __init__(self, tree: Tree, shares: FloatArray, redundant: float, silent: float) -> None:
        self.tree = tree
        self.shares = shares
        self.redundant = redundant
        self.silent = silent
        self.nodes = tree.framework.nodes
        self.place = {node.code: index for index, node in enumerate(self.nodes)}
        self.r, self.common = correlations(shares, shares)
        self.weights = weights_of(tree)
        self.in_total = weights_in_total(tree, self.weights)
        self.total = self._totals()

    def made(self) -> Audit:
        pairs = self._pairs()
        twins: dict[str, str] = {}
        for node, other, r, finding in pairs[["node", "other", "r", "finding"]].itertuples(index=False):
            if finding:
                twins.setdefault(node, f"redundant with {other} (r = {r:.2f})")
                twins.setdefault(other, f"redundant with {node} (r = {r:.2f})")
        shown = [
            index for index, node in enumerate(self.nodes) if not self.tree.is_apart[index] and node.rule != "count"
        ]
        rows = [self._row(index, twins.get(self.nodes[index].code, "")) for index in shown]
        return Audit(pd.DataFrame(rows, columns=list(NODES)), pairs)

    def _totals(self) -> IntArray:
        """For each node the highest node above it that has a share, itself where there is none above."""
        total = np.arange(len(self.nodes))
        for index, node in enumerate(self.nodes):
            if node.parent and not self.tree.is_apart[self.place[node.parent]]:
                total[index] = total[self.place[node.parent]]
        return total

    def _children(self, index: int) -> list[int]:
        return [self.place[child.code] for child in self.tree.framework.children[self.nodes[index].code]]

    def _row(self, index: int, twin: str) -> tuple[object, ...]:
        node = self.nodes[index]
        parent = self.place.get(node.parent, -1)
        has_parent = parent >= 0 and not self.tree.is_apart[parent]
        part, important = self._influence(index, parent) if has_parent else (np.nan, np.nan)
        children = self._children(index)
        return (
            node.code,
            node.name,
            node.parent,
            node.level,
            int((~np.isnan(self.shares[index])).sum()),
            self.weights[index] if has_parent else np.nan,
            self.in_total[index] if has_parent else np.nan,
            part,
            important,
            self.r[index, parent] if has_parent else np.nan,
            self.r[index, self.total[index]] if has_parent else np.nan,
            alpha(self.shares[children]) if children else np.nan,
            self._mean(children, children),
            self._mean(children, self._cousins(index)),
            "; ".join(filter(None, (self._finding(index, has_parent), twin))),
        )

    def _influence(self, index: int, parent: int) -> tuple[float, float]:
        children = self._children(parent)
        at = children.index(index)
        columns, total = self.shares[children], self.shares[parent]
        parts = part_of_variance(columns, total, self.weights[children])
        return float(parts[at]), float(importance(columns[at : at + 1], total)[0])

    def _cousins(self, index: int) -> list[int]:
        """Children of the node's siblings."""
        node = self.nodes[index]
        siblings = self.tree.framework.children[node.parent] if node.parent else ()
        return [child for one in siblings if one.code != node.code for child in self._children(self.place[one.code])]

    def _mean(self, some: list[int], others: list[int]) -> float:
        """Mean correlation of pairs of different nodes; NaN where there is none."""
        found = self.r[np.ix_(some, others)]
        if some == others:
            found = found[np.triu_indices(len(some), 1)]
        seen = found[~np.isnan(found)]
        return float(seen.mean()) if seen.size else float("nan")

    def _finding(self, index: int, has_parent: bool) -> str:
        """What is to be looked at in one node."""
        seen = self.shares[index][~np.isnan(self.shares[index])]
        if not seen.size:
            return "nobody has a share"
        if seen.size < FEWEST:
            return f"fewer than {FEWEST} units have a share"
        if has_no_variation(seen.min(keepdims=True), seen.max(keepdims=True), TIE)[0]:
            return "does not vary"
        if not has_parent:
            return ""
        if self.weights[index] == 0:
            return "weighs nothing"
        against = "goes against its siblings" if self.r[index, self.place[self.nodes[index].parent]] < 0 else ""
        r = self.r[index, self.total[index]]
        is_silent = self.tree.is_leaf[index] and abs(r) < self.silent
        return "; ".join(filter(None, (against, f"silent (r with the total = {r:.2f})" if is_silent else "")))

    def _pairs(self) -> pd.DataFrame:
        parents = np.array([self.place.get(node.parent, -1) for node in self.nodes])
        inside = parents[:, None] == parents
        leaves = self.tree.is_leaf[:, None] & self.tree.is_leaf
        far = np.where(np.isnan(self.r), 0.0, np.abs(self.r)) > self.redundant
        chosen = np.triu(~np.isnan(self.r) & (inside | (leaves & far)), 1)
        rows = [
            (
                self.nodes[one].code,
                self.nodes[other].code,
                INSIDE if inside[one, other] else ACROSS,
                self.r[one, other],
                int(self.common[one, other]),
                "redundant" if far[one, other] and leaves[one, other] else "",
            )
            for one, other in np.argwhere(chosen)
        ]
        return pd.DataFrame(rows, columns=list(PAIRS))
