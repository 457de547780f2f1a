"""Other ways to compute that `uncertainty.yaml` names: which nodes they touch, and the framework with one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.errors import FrameworkError
from warehouse.frameworks.faults import one_of
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.parameters import parameter_problems
from warehouse.frameworks.rules import (
    AGGREGATIONS,
    COMMON_PARAMETERS,
    COUNT,
    DERIVED,
    MISSING_POLICIES,
    NONE,
    RULES,
    UNCLIPPED,
)

HINT = "docs/methods.md shows what uncertainty.yaml holds."
SWITCHES = ("normalisation", "missing", "aggregation")
# What an alternative can start from, and what can take its place: points and weights stay as they are.
_CHOICES = {
    "normalisation": tuple(name for name in RULES if name != COUNT),
    "missing": MISSING_POLICIES,
    "aggregation": tuple(name for name in AGGREGATIONS if name != NONE),
}
_WEIGHED_OTHERWISE = ("sum", "mean")  # weighted means whose weights are the points, or equal
_FIELD = {"normalisation": "rule", "missing": "missing", "aggregation": "aggregation"}


class Alternative(BaseModel):
    """Another way to compute that is drawn as often as the official one.

    Attributes:
        switch: What is changed: `normalisation` (the rule of leaves), `missing` or `aggregation`.
        of: Only nodes that have this rule, policy or aggregation now; empty: all that have one.
        level: Only nodes of this level; empty: of every level.
        to: What takes its place: each is as likely as the official one. Weights stay as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    switch: Literal["normalisation", "missing", "aggregation"]
    of: str = ""
    level: str = ""
    to: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = _CHOICES[self.switch]
        for name in (*self.to, *filter(None, [self.of])):
            if name not in known:
                raise ValueError(f"{name!r} is no {self.switch}; {one_of(name, known)}")
        for name in self.to:
            if self.switch == "aggregation" and name in _WEIGHED_OTHERWISE:
                raise ValueError(f"{name} is a weighted mean with other weights; write weighted_mean, which keeps them")
            if self.to.count(name) > 1:
                raise ValueError(f"{name} is named twice, which would make it twice as likely as the official choice")
        return self


def touched(framework: Framework, alternative: Alternative) -> frozenset[str]:
    """Codes of the nodes that an alternative is about."""
    return frozenset(node.code for node in framework.nodes if _is_meant(framework, node, alternative))


def alternative_problems(framework: Framework, alternatives: Sequence[Alternative]) -> Iterator[str]:
    """Yield what is wrong with alternatives: no node, a rule that cannot be computed, or one node in two of a switch.

    Args:
        framework: The official framework.
        alternatives: Those that are drawn together.
    """
    seen: dict[tuple[str, str], int] = {}
    for place, alternative in enumerate(alternatives, start=1):
        codes = touched(framework, alternative)
        for to in alternative.to:
            yield from _problems(framework, alternative, to, codes)
        both = [code for code in framework.by_code if code in codes and (alternative.switch, code) in seen]
        if both:
            yield (
                f"Entries {seen[alternative.switch, both[0]]} and {place} of alternatives are both about the "
                f"{alternative.switch} of {both[0]}: the official choice would be less likely than the others. "
                "Write one entry with both in `to`."
            )
        seen = dict.fromkeys(((alternative.switch, code) for code in codes), place) | seen


def _problems(framework: Framework, alternative: Alternative, to: str, codes: frozenset[str]) -> Iterator[str]:
    where = f" of the level {alternative.level}" if alternative.level else ""
    named = f"The alternative {alternative.switch} {to}"
    if not codes:
        yield f"{named} touches no node{where} of {framework.name}."
    elif all(getattr(framework.by_code[code], _FIELD[alternative.switch]) == to for code in codes):
        yield f"{named} is what every node that it touches{where} has now."
    else:
        try:
            changed(framework, alternative.switch, to, codes)
        except FrameworkError as error:
            yield error.message


def changed(framework: Framework, switch: str, to: str, codes: frozenset[str]) -> Framework:
    """The framework with another rule, policy or aggregation at some nodes; its weights stay as they are.

    Args:
        framework: The framework.
        switch: What is changed.
        to: What takes its place.
        codes: The nodes.

    Raises:
        FrameworkError: A rule cannot be computed there.
    """
    change = {"normalisation": _normalised, "missing": _missing, "aggregation": _aggregated}[switch]
    nodes = tuple(change(node, to) if node.code in codes else node for node in framework.nodes)
    if switch == "aggregation":
        nodes = tuple(_weighed(node, framework) if node.parent in codes else node for node in nodes)
    return replace(framework, nodes=nodes)


def _is_meant(framework: Framework, node: Node, alternative: Alternative) -> bool:
    if alternative.level and node.level != alternative.level:
        return False
    is_leaf = not framework.children[node.code]
    if alternative.switch == "normalisation":
        return is_leaf and node.rule != COUNT and alternative.of in ("", node.rule)
    if alternative.switch == "missing":
        return is_leaf and alternative.of in ("", node.missing)
    return not is_leaf and node.aggregation != NONE and alternative.of in ("", node.aggregation)


def _normalised(node: Node, rule: str) -> Node:
    known = {*RULES[rule].needed, *RULES[rule].defaults, *COMMON_PARAMETERS}
    parameters = {name: value for name, value in node.parameters.items() if name in known}
    if node.evidence == DERIVED:  # its parts were added up before it was scored
        parameters = {name: value for name, value in parameters.items() if name not in ("numerator", "denominator")}
    if rule in UNCLIPPED:
        parameters.pop("clip", None)
    found = replace(node, rule=rule, parameters=parameters)
    if problems := parameter_problems(found):
        raise FrameworkError(f"{node.code} cannot be normalised by {rule}: {problems[0]}", HINT)
    return found


def _missing(node: Node, policy: str) -> Node:
    return replace(node, missing=policy)


def _aggregated(node: Node, aggregation: str) -> Node:
    return replace(node, aggregation=aggregation)


def _weighed(child: Node, framework: Framework) -> Node:
    """A child with its points as weight where they were added up: another aggregation reads weights only."""
    parent = framework.by_code[child.parent]
    is_added_up = parent.aggregation == "sum" and parent.max_points > 0
    return replace(child, weight=child.max_points) if is_added_up else child
