"""Two editions made comparable: the nodes that a crosswalk carries over, as one small index that both sides share.

Every row of the crosswalk is a node; rows whose nodes lie below another row's are its children. What lies below a row
and is not carried over is one more child on each side, of that side only: what it does is the framework's change.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.scoring.arrays import FloatArray
from tasks.scoring.movement.side import Side
from tasks.scoring.rank import competition_ranks
from tasks.scoring.status import AGGREGATED, COVERED, PUBLISHED
from tasks.scoring.tree import Tree
from warehouse.frameworks.declaration import Description, Level
from warehouse.frameworks.model import Framework, Node

REST = "~rest"  # no code of nodes.csv holds a tilde


@dataclass(frozen=True)
class Row:
    """Nodes that go on as nodes of another edition.

    Attributes:
        before: Codes of the earlier side whose points are added up.
        after: Codes of the later side.
        kind: `same` or `comparable`.
        note: What differs.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    kind: str
    note: str = ""

    @property
    def code(self) -> str:
        """The codes of the later side as they are written."""
        return "+".join(self.after)

    def codes(self, side: int) -> tuple[str, ...]:
        """The codes of one side: 0 before, 1 after."""
        return (self.before, self.after)[side]


def is_below(framework: Framework, codes: Iterable[str], above: Collection[str]) -> bool:
    """Whether every code lies strictly below one of others."""

    def ancestors(code: str) -> Iterable[str]:
        parent = framework.by_code[code].parent
        while parent:
            yield parent
            parent = framework.by_code[parent].parent

    return all(any(one in above for one in ancestors(code)) for code in codes)


def cross(sides: tuple[Side, Side], rows: Collection[Row], top: Row) -> tuple[Side, Side]:
    """Project both sides on what a crosswalk carries over of one row.

    Args:
        sides: The earlier and the later side.
        rows: All rows of the crosswalk.
        top: The row that is compared; its code names the root.

    Returns:
        The sides with the rows as nodes.
    """
    parents = _parents(sides, rows, top)
    return _project(sides[0], 0, top, parents), _project(sides[1], 1, top, parents)


def _parents(sides: tuple[Side, Side], rows: Collection[Row], top: Row) -> dict[Row, Row | None]:
    """Each row at or below the top with the nearest row above it, parents first."""
    frameworks = [side.tree.framework for side in sides]

    def lies(row: Row, above: Row) -> bool:
        return all(is_below(frameworks[side], row.codes(side), above.codes(side)) for side in range(2))

    found: dict[Row, Row | None] = {top: None}
    below = [row for row in rows if lies(row, top)]
    holders = {row: [other for other in below if lies(row, other)] for row in below}
    for row in sorted(below, key=lambda row: len(holders[row])):
        found[row] = max(holders[row], key=lambda other: len(holders[other]), default=top)
    return found


def _project(side: Side, which: int, top: Row, parents: dict[Row, Row | None]) -> Side:
    nodes: list[Node] = []
    figures: list[tuple[FloatArray, FloatArray, int]] = []

    def add(row: Row, parent: str) -> None:
        own = [side.place[code] for code in row.codes(which)]
        children = [child for child, above in parents.items() if above is row]
        shares, most = _sum(side, own), float(side.tree.max_points[own].sum())
        nodes.append(_node(row, parent, most, bool(children), side.tree.framework, which))
        was_made = (side.status[own] == AGGREGATED).all(axis=0)
        status = np.where(np.isnan(shares), COVERED, np.where(was_made & bool(children), AGGREGATED, PUBLISHED))
        figures.append((shares, status.astype(np.float64), own[0] if len(own) == 1 else -1))
        for child in children:
            add(child, row.code)
        _rest(side, which, row, children, nodes, figures)

    add(top, "")
    shares = np.array([one for one, _, _ in figures])
    ranked = np.where(side.ranks[0] > 0, 0, -1)
    ranks = competition_ranks(shares, ranked.astype(np.intp))
    for index, (_, _, single) in enumerate(figures):
        if single >= 0:
            ranks[index] = side.ranks[single]
    status = np.array([one for _, one, _ in figures]).astype(np.intp)
    framework = _framework(side.tree.framework, nodes)
    return Side(Tree.of(framework), side.agencies, shares.copy(), shares, status, ranks)


def _sum(side: Side, places: list[int]) -> FloatArray:
    """Share of several nodes together: points over points; that of a single one as it is."""
    if len(places) == 1:
        alone: FloatArray = side.shares[places[0]]
        return alone
    points = side.tree.max_points[places]
    together: FloatArray = (side.shares[places] * points[:, None]).sum(axis=0) / points.sum()
    return together


def _rest(
    side: Side,
    which: int,
    row: Row,
    children: list[Row],
    nodes: list[Node],
    figures: list[tuple[FloatArray, FloatArray, int]],
) -> None:
    """Add what of a row no child carries over, a child of one side only."""
    own = [side.place[code] for code in row.codes(which)]
    below = [side.place[code] for child in children for code in child.codes(which)]
    most = float(side.tree.max_points[own].sum() - side.tree.max_points[below].sum())
    if not children or most <= 0:
        return
    whole = _sum(side, own) * side.tree.max_points[own].sum()
    shares = (whole - (side.shares[below] * side.tree.max_points[below][:, None]).sum(axis=0)) / most
    code = f"{row.code}{REST}{which}"
    nodes.append(Node(code=code, parent=row.code, level="row", max_points=most, rule="published"))
    figures.append((shares, np.where(np.isnan(shares), COVERED, PUBLISHED).astype(np.float64), -1))


def _node(row: Row, parent: str, most: float, is_inner: bool, framework: Framework, which: int) -> Node:
    names = [framework.by_code[code] for code in row.codes(which)]
    return Node(
        code=row.code,
        parent=parent,
        level="row",
        name_vi=" + ".join(node.name for node in names),
        max_points=most,
        aggregation="sum" if is_inner else "",
        rule="" if is_inner else "published",
        parameters={"entry": "share"} if is_inner else {},
    )


def _framework(framework: Framework, nodes: list[Node]) -> Framework:
    description = Description(framework=framework.name, levels=(Level(level="row"),))
    return Framework(description=description, nodes=tuple(nodes), groups={}, folder=Path(), digest=framework.digest)
