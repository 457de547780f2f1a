"""A framework in memory: its description and its tree of nodes."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import FrameworkError
from warehouse.frameworks.declaration import Band, Citation, Description, Group, Level
from warehouse.frameworks.faults import nearest
from warehouse.frameworks.rules import COMMON_DEFAULTS, DERIVED, INNER_DEFAULTS, RULES, UNCLIPPED

if TYPE_CHECKING:
    from warehouse.frameworks.targets import Target
    from warehouse.frameworks.unranked import Unranked

__all__ = ["Band", "Citation", "Description", "Framework", "Group", "Level", "Node"]


@dataclass(frozen=True)
class Node:
    """One node of the tree, with every default filled in.

    Attributes:
        code: Unique code.
        parent: Code of the parent, empty for the root.
        level: Name of the level.
        max_points: Points of the node.
        weight: Weight among its siblings, None where blank.
        aggregation: How the children make this node; empty on a leaf.
        evidence: Kind of evidence of a leaf, empty if not said.
        rule: How a value becomes a share; empty on an inner node that is not rescaled.
        parameters: Parameters as written, parsed: numbers as float, `tiers` as pairs (from, share), texts. An inner
            node always has `entry`, from framework.yaml where the row names none.
        unit: Unit of the value.
        direction: `positive` or `negative`.
        missing: Missing-value policy.
        items_vi: Items of a checklist.
        status: `official`, `reconstructed` or empty.
        line: Line in nodes.csv, for messages.
    """

    code: str
    parent: str
    level: str
    name_vi: str = ""
    name_en: str = ""
    max_points: float = 1.0
    weight: float | None = None
    aggregation: str = ""
    evidence: str = ""
    measured_by: str = ""
    rule: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    unit: str = ""
    direction: str = "positive"
    missing: str = "zero"
    numerator_vi: str = ""
    denominator_vi: str = ""
    items_vi: tuple[str, ...] = ()
    status: str = ""
    source: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """The Vietnamese name, or the English one where there is none."""
        return self.name_vi or self.name_en or self.code

    @property
    def is_percent(self) -> bool:
        """Whether values are percentages, 85 meaning 85 %."""
        return self.unit.strip() == "%"

    @property
    def clip(self) -> bool:
        """Whether the share is cut to [0, 1]."""
        default = "no" if self.rule in UNCLIPPED else "yes"
        return bool(self.parameters.get("clip", default) == "yes")

    def parameter(self, name: str) -> Any:
        """Value of a rule's parameter, as written or by default."""
        if name in self.parameters:
            return self.parameters[name]
        if name == "target" and self.rule in ("ratio", "proportion"):
            return 100.0 if self.is_percent else 1.0
        if name == "items":
            return float(len(self.items_vi))
        own = RULES[self.rule].defaults if self.rule in RULES else {}
        return own.get(name, COMMON_DEFAULTS.get(name, INNER_DEFAULTS.get(name)))

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts of an observation: numerator and denominator where both are reported, or the value."""
        reported = self.numerator_vi and self.denominator_vi and self.evidence != DERIVED
        return ("a", "b") if reported else ("value",)

    @property
    def numerator_codes(self) -> tuple[str, ...]:
        """Leaves whose sum is the numerator of a derived leaf; empty where nothing is derived."""
        return _codes(self.parameters.get("numerator"))

    @property
    def denominator_codes(self) -> tuple[str, ...]:
        """Leaves whose sum is the denominator of a derived leaf; empty where it is 1."""
        return _codes(self.parameters.get("denominator"))

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest valid value, in the node's unit."""
        low, high = self._rule_bounds()
        return float(self.parameters.get("valid_min", low)), float(self.parameters.get("valid_max", high))

    def _rule_bounds(self) -> tuple[float, float]:
        match self.parameters.get("entry"):
            case "share":
                return 0.0, 1.0
            case "points":
                return 0.0, self.max_points
        if self.rule in ("likert", "tone"):
            return self.parameter("low"), self.parameter("high")
        if self.rule == "checklist":
            return 0.0, self.parameter("items")
        if self.rule == "binary":
            return 0.0, 1.0
        if self.rule == "points":
            return 0.0, self.max_points
        if self.rule in ("published", ""):
            return 0.0, float(self.parameter("scale") or 1.0)
        return 0.0, 100.0 if self.is_percent else float("inf")


@dataclass(frozen=True)
class Framework:
    """One edition of one index.

    Attributes:
        description: What framework.yaml says.
        nodes: The tree in depth-first order, parents before children, siblings in the order of nodes.csv.
        groups: Unit (as written in groups.csv) to ranking group.
        folder: Where it was read from.
        digest: sha256 over the bytes of its files: the identity of its content.
        targets: What is to be reached by when, of targets.csv.
        unranked: Agencies that are not ranked, with the reason, of unranked.csv.
    """

    description: Description
    nodes: tuple[Node, ...]
    groups: dict[str, str]
    folder: Path
    digest: str
    targets: tuple["Target", ...] = ()
    unranked: tuple["Unranked", ...] = ()

    @property
    def name(self) -> str:
        """Name of the framework, by habit kind_edition."""
        return self.description.framework

    @property
    def is_ranked_in_groups(self) -> bool:
        """Whether the ranking that counts is the one in groups: agencies of flat groups are published apart.

        Countries have a rank among all that is published, and so has whoever stands in a group within a group.
        """
        nested = any(group.within for group in self.description.groups)
        return bool(self.groups or self.description.groups) and not (self.description.units or nested)

    def groups_within(self, group: str) -> tuple[str, ...]:
        """A ranking group and every group within it: whose agencies are ranked together where it is asked for.

        Raises:
            FrameworkError: There is no such group.
        """
        known = [one.group for one in self.description.groups]
        if group in known:
            return self.description.groups_within(group)
        if not known:
            raise FrameworkError(f"{self.name} has no groups: all are ranked together.", "Leave --group out.")
        near = nearest(group, known)
        hint = f"Did you mean {near}? " if near else ""
        raise FrameworkError(f"{self.name} has no group {group!r}.", f"{hint}It has {', '.join(known)}.")

    @cached_property
    def by_code(self) -> dict[str, Node]:
        """Node by its code."""
        return {node.code: node for node in self.nodes}

    @cached_property
    def children(self) -> dict[str, tuple[Node, ...]]:
        """Children of each node, by its code; leaves map to an empty tuple."""
        found: dict[str, list[Node]] = {node.code: [] for node in self.nodes}
        for node in self.nodes:
            if node.parent:
                found[node.parent].append(node)
        return {code: tuple(nodes) for code, nodes in found.items()}

    def node(self, code: str | None) -> Node:
        """The node of a code; the root for None.

        Raises:
            FrameworkError: There is no such node.
        """
        if code is None:
            return self.root
        if code not in self.by_code:
            near = ", ".join(get_close_matches(code, self.by_code, n=3)) or self.root.code
            raise FrameworkError(f"{self.name} has no node {code!r}.", f"Nearest codes: {near}.")
        return self.by_code[code]

    @property
    def root(self) -> Node:
        """The one node without a parent."""
        return self.nodes[0]

    @property
    def headline_node(self) -> Node:
        """The node that is ranked and shown where none is named: the headline of framework.yaml, or the root."""
        return self.by_code[self.description.headline] if self.description.headline else self.root

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """Nodes without children, in tree order."""
        return tuple(node for node in self.nodes if not self.children[node.code])

    @property
    def is_reconstructed(self) -> bool:
        """Whether any node is our reconstruction rather than an official row."""
        return any(node.status == "reconstructed" for node in self.nodes)

    @property
    def is_dashboard(self) -> bool:
        """Whether it is a dashboard of shares by month, which follow from counts."""
        return any(leaf.evidence == DERIVED for leaf in self.leaves)


def _codes(total: str | None) -> tuple[str, ...]:
    return tuple(total.split("+")) if total else ()
