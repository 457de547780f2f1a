"""Which results may be compared, by what, and why others may not: a refusal says what could be compared instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import pandas as pd

from tasks.scoring.movement.crossing import Row
from tasks.scoring.tree import Tree
from warehouse.errors import ComparisonRefused
from warehouse.frameworks.crosswalks.coverage import coverage
from warehouse.frameworks.crosswalks.tables import Crossing
from warehouse.frameworks.model import Framework
from warehouse.frameworks.rules import COUNT, NONE

SYNTHETIC = "synthetic"
_OWN_PERIODS = "Compare each with another period of its own: --with-period."


@dataclass(frozen=True)
class Told:
    """A vintage: what was said of a period.

    Attributes:
        tree: The framework as it was when the vintage was scored, with the weights that followed from the data.
        period: Period that was measured.
        round: Name of the round.
        kind: Kind of the round: `official`, `press` or `synthetic`.
        vintage: Number of the vintage.
        scores: SCORE rows of the vintage.
    """

    tree: Tree
    period: str
    round: str
    kind: str
    vintage: int
    scores: pd.DataFrame

    @property
    def framework(self) -> Framework:
        """The framework as it was when the vintage was scored."""
        return self.tree.framework

    @cached_property
    def groups(self) -> dict[str, str]:
        """Agency to its ranking group; who is in none is left out."""
        named = self.scores[self.scores["group"].fillna("") != ""]
        return dict(zip(named["agency"], named["group"], strict=True))

    def members(self, group: str) -> frozenset[str]:
        """Agencies that stand in a group, or in one that lies within it.

        Raises:
            FrameworkError: There is no such group.
        """
        wanted = self.framework.groups_within(group)
        return frozenset(agency for agency, own in self.groups.items() if own in wanted)

    @property
    def title(self) -> str:
        """What it is called in sentences."""
        return f"{self.framework.name} {self.period}, round {self.round}, vintage {self.vintage}"

    @property
    def identity(self) -> tuple[str, str, str, int]:
        """What no other vintage shares."""
        return self.framework.name, self.period, self.round, self.vintage


@dataclass(frozen=True)
class Basis:
    """On what two vintages are compared.

    Attributes:
        code: Code of the node, on the later side.
        top: The row of the crosswalk that is compared; None within an edition.
        rows: All rows of the crosswalk.
        notes: What the reader has to know.
    """

    code: str
    top: Row | None = None
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


def basis(before: Told, after: Told, node: str | None, crossings: Sequence[Crossing]) -> Basis:
    """Find out on what two vintages can be compared.

    Args:
        before: The earlier vintage.
        after: The later one.
        node: Code of the node, or a sum of codes as a crosswalk writes it; None: the whole index.
        crossings: Rows of the crosswalks of either framework, to whichever editions they lead.

    Raises:
        ComparisonRefused: They cannot be compared; the message says why and the hint what could be.
        FrameworkError: There is no such node.
    """
    _refuse_kinds(before, after)
    if before.framework.name != after.framework.name:
        between = _between(before, after, crossings)
        if not between:
            raise _not_joined(before, after, crossings)
        return _across(before, after, node, between)
    if len(before.period) != len(after.period):
        raise ComparisonRefused(
            f"{before.period} and {after.period} are periods of different length.",
            "Compare a year with a year, and a month with a month.",
        )
    chosen = after.framework.node(node) if node else after.framework.headline_node
    if chosen.code not in before.framework.by_code:
        raise ComparisonRefused(
            f"{after.framework.name} had no {chosen.code} when {before.title} was scored.",
            f"Compare a node that both have: {_listed(_common(before.framework, after.framework))}.",
        )
    _refuse_without_share(chosen.code, after.framework)
    notes = _changed(before.framework, after.framework) if before.framework.digest != after.framework.digest else ()
    return Basis(chosen.code, notes=notes)


def _refuse_kinds(before: Told, after: Told) -> None:
    if before.identity == after.identity:
        raise ComparisonRefused(
            f"{after.title} is compared with itself.", "Name another period, vintage or round with --with..."
        )
    if (before.kind == SYNTHETIC) != (after.kind == SYNTHETIC):
        made, real = (before, after) if before.kind == SYNTHETIC else (after, before)
        raise ComparisonRefused(
            f"The round {made.round} is synthetic, and {real.round} holds {real.kind} figures: made-up figures are "
            "never compared with real ones.",
            "Name two rounds of one kind with --round and --with-round.",
        )
    populations = [set(told.framework.description.population) for told in (before, after)]
    if populations[0] and populations[1] and populations[0] != populations[1]:
        kinds = [", ".join(sorted(kinds)).replace("_", " ") for kinds in populations]
        raise ComparisonRefused(
            f"{before.framework.name} ranks {kinds[0]} and {after.framework.name} ranks {kinds[1]}: "
            "nobody stands in both.",
            _OWN_PERIODS,
        )


def _not_joined(before: Told, after: Told, crossings: Sequence[Crossing]) -> ComparisonRefused:
    """Two frameworks without a crosswalk; where both have one with a third edition, that is what can be compared."""
    names = before.framework.name, after.framework.name
    pairs = {pair for one in crossings for pair in permutations((one.from_framework, one.to_framework))}
    third = sorted(there for here, there in pairs if here == names[0] and (names[1], there) in pairs)
    hint = (
        f"Crosswalks join each of them with {' and '.join(third)}: compare each with that." if third else _OWN_PERIODS
    )
    return ComparisonRefused(
        f"No crosswalk leads from {names[0]} to {names[1]}, so nothing says which of their nodes are the same.", hint
    )


def _between(before: Told, after: Told, crossings: Sequence[Crossing]) -> tuple[Crossing, ...]:
    """The rows of the crosswalk between the two editions, in whichever direction it leads."""
    names = {before.framework.name, after.framework.name}
    return tuple(one for one in crossings if {one.from_framework, one.to_framework} == names)


def _row(crossing: Crossing, before: Told) -> Row:
    """A row in the direction of time."""
    forward = crossing.from_framework == before.framework.name
    codes = (crossing.from_nodes, crossing.to_nodes) if forward else (crossing.to_nodes, crossing.from_nodes)
    return Row(*codes, crossing.kind, crossing.note)


def _across(before: Told, after: Told, node: str | None, crossings: tuple[Crossing, ...]) -> Basis:
    names = f"{before.framework.name} and {after.framework.name}"
    rows = tuple(_row(one, before) for one in crossings)
    wanted = node or after.framework.headline_node.code
    for row in rows:
        if wanted in (row.code, "+".join(row.before)):
            _refuse_without_share(row.after[0], after.framework)
            return Basis(row.code, row, rows, _crossed(before, after, row))
    if node and "+" not in node and node not in before.framework.by_code:
        after.framework.node(node)
    whole = after.framework.root.code
    shown = [row for row in rows if _has_share(after.framework, row)]
    carried = "the total" if wanted == whole else "it"
    raise ComparisonRefused(
        f"{'The totals' if wanted == whole else wanted} of {names} cannot be compared: the crosswalk does not carry "
        f"{carried} over. What it carries over makes {_covered(before, after, crossings)}.",
        f"Name one of these with --node: {_listed([_written(row) for row in shown])}.",
    )


def _covered(before: Told, after: Told, crossings: Sequence[Crossing]) -> str:
    forward = crossings[0].from_framework == before.framework.name
    sides = (before.framework, after.framework) if forward else (after.framework, before.framework)
    found = coverage(crossings, *sides)
    shares = [
        f"{one.share:.0%} of the {one.unit} of {one.framework} ({one.same_share:.0%} defined alike)"
        for one in (found if forward else found[::-1])
    ]
    return " and ".join(shares)


def _crossed(before: Told, after: Told, row: Row) -> tuple[str, ...]:
    said = f"{'+'.join(row.before)} of {before.framework.name} goes on as {row.code} of {after.framework.name}"
    defined = "defined alike" if row.kind == "same" else f"under another definition: {row.note}"
    return (f"{said}, {defined}.",)


def _written(row: Row) -> str:
    return row.code if row.before == row.after else f"{row.code} (was {'+'.join(row.before)})"


def _has_share(framework: Framework, row: Row) -> bool:
    return all(framework.by_code[code].rule != COUNT for code in row.after)


def _refuse_without_share(code: str, framework: Framework) -> None:
    node = framework.by_code[code]
    if node.rule == COUNT or node.aggregation == NONE:
        scored = [one.code for one in framework.nodes if one.rule != COUNT and one.aggregation != NONE]
        raise ComparisonRefused(
            f"{code} of {framework.name} has no share and no rank: it is counted and shown only.",
            f"Name a node that is scored with --node: {_listed(scored)}.",
        )


def _common(before: Framework, after: Framework) -> list[str]:
    return [node.code for node in after.nodes if node.code in before.by_code]


def _changed(before: Framework, after: Framework) -> tuple[str, ...]:
    """What another content of the same framework changed, in words."""
    common = _common(before, after)

    def scored(framework: Framework, code: str) -> tuple[object, ...]:
        node = framework.by_code[code]
        computed = node.rule, node.direction, node.aggregation, node.missing, node.weight, node.max_points, node.unit
        return node.parent, sorted(node.parameters.items()), computed

    changed = sum(scored(before, code) != scored(after, code) for code in common)
    added, gone = len(after.nodes) - len(common), len(before.nodes) - len(common)
    if not changed and not added and not gone:
        return ("The framework was edited in between; nothing that is scored by its nodes changed.",)
    counted = f"{changed} nodes scored differently, {added} new, {gone} gone"
    return (f"The framework changed in between ({counted}): what that did is shown as framework.",)


def _listed(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
