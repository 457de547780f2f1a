"""How much of two editions a crosswalk covers: what no row joins is never compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from warehouse.frameworks.crosswalks.tables import Crossing
from warehouse.frameworks.model import Framework


@dataclass(frozen=True)
class Coverage:
    """What a crosswalk covers of one edition.

    Attributes:
        framework: Name of the edition.
        total: Points of all leaves; their number where none has points, as on a dashboard.
        covered: Points of the leaves at or below a node of the crosswalk.
        same: Those at or below a node that is defined alike.
        unit: `points` or `leaves`.
        uncovered: The topmost nodes of which nothing is covered.
    """

    framework: str
    total: float
    covered: float
    same: float
    unit: str
    uncovered: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the points that is covered, 0 to 1."""
        return self.covered / self.total

    @property
    def same_share(self) -> float:
        """Share of the points that is covered by nodes that are defined alike, 0 to 1."""
        return self.same / self.total


def coverage(crossings: Iterable[Crossing], earlier: Framework, later: Framework) -> tuple[Coverage, Coverage]:
    """Measure a crosswalk against both of its editions; a point that several rows join is counted once.

    Args:
        crossings: Rows of the crosswalk.
        earlier: The edition that it leads from.
        later: The edition that it leads to.
    """
    rows = tuple(crossings)
    return (
        _coverage(earlier, [(row.from_nodes, row.kind) for row in rows]),
        _coverage(later, [(row.to_nodes, row.kind) for row in rows]),
    )


def _coverage(framework: Framework, sides: list[tuple[tuple[str, ...], str]]) -> Coverage:
    joined = {code for codes, _ in sides for code in codes}
    alike = {code for codes, kind in sides if kind == "same" for code in codes}
    has_points = any(leaf.max_points for leaf in framework.leaves)
    weight = {leaf.code: leaf.max_points if has_points else 1.0 for leaf in framework.leaves}
    covered = {code for code in weight if _is_below(framework, code, joined)}
    touched = {ancestor for code in covered | joined for ancestor in _way_up(framework, code)}
    uncovered = [
        node.code
        for node in framework.nodes
        if node.code not in touched and node.parent in touched and not _is_below(framework, node.code, joined)
    ]
    return Coverage(
        framework=framework.name,
        total=sum(weight.values()),
        covered=sum(weight[code] for code in covered),
        same=sum(weight[code] for code in covered if _is_below(framework, code, alike)),
        unit="points" if has_points else "leaves",
        uncovered=tuple(uncovered) if touched else (framework.root.code,),
    )


def _is_below(framework: Framework, code: str, marked: set[str]) -> bool:
    """Whether a node or one above it is marked."""
    return any(one in marked for one in _way_up(framework, code))


def _way_up(framework: Framework, code: str) -> list[str]:
    """A node and all above it."""
    way = []
    while code:
        way.append(code)
        code = framework.by_code[code].parent
    return way
