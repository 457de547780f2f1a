"""Other ways to compute: the framework with another normalisation, missing-value policy or aggregation."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from tasks.scoring.inputs import Cells
from tasks.scoring.plan import Plan
from tasks.scoring.tree import Tree
from warehouse.errors import FrameworkError
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.parameters import parameter_problems
from warehouse.frameworks.rules import COMMON_PARAMETERS, COUNT, DERIVED, NONE, RULES, UNCLIPPED
from warehouse.frameworks.uncertainty import HINT, Alternative

Choice = tuple[int, ...]


def plans(tree: Tree, cells: Cells, alternatives: Sequence[Alternative]) -> dict[Choice, Plan]:
    """Plan the evaluation under every combination of alternatives, all of which keep the weights.

    Args:
        tree: The framework, with the weights that were used.
        cells: The measurements.
        alternatives: The switches.

    Returns:
        Chosen option of each switch (0: the official one) to the plan.

    Raises:
        FrameworkError: An alternative touches no node, or its rule cannot be computed.
    """
    found = {}
    for choice in product(*(range(len(alternative.to) + 1) for alternative in alternatives)):
        if not any(choice):
            found[choice] = Plan.of(tree, cells)
            continue
        edited = tree.framework
        for alternative, option in zip(alternatives, choice, strict=True):
            if option:
                edited = _edited(edited, alternative, alternative.to[option - 1])
        found[choice] = Plan.of(Tree.of(edited), cells)
    return found


def _edited(framework: Framework, alternative: Alternative, to: str) -> Framework:
    change = {"normalisation": _normalised, "missing": _missing, "aggregation": _aggregated}[alternative.switch]
    touched = [node.code for node in framework.nodes if _is_meant(framework, node, alternative)]
    if not touched:
        where = f" of the level {alternative.level}" if alternative.level else ""
        raise FrameworkError(
            f"The alternative {alternative.switch} {to} touches no node{where} of {framework.name}.",
            HINT,
        )
    nodes = tuple(change(node, to) if node.code in touched else node for node in framework.nodes)
    if alternative.switch == "aggregation":
        nodes = tuple(_weighed(node, framework) if node.parent in touched else node for node in nodes)
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
    changed = replace(node, rule=rule, parameters=parameters)
    if problems := parameter_problems(changed):
        raise FrameworkError(f"{node.code} cannot be normalised by {rule}: {problems[0]}", HINT)
    return changed


def _missing(node: Node, policy: str) -> Node:
    return replace(node, missing=policy)


def _aggregated(node: Node, aggregation: str) -> Node:
    return replace(node, aggregation=aggregation)


def _weighed(child: Node, framework: Framework) -> Node:
    """A child with its points as weight where they were added up: another aggregation reads weights only."""
    parent = framework.by_code[child.parent]
    is_added_up = parent.aggregation == "sum" and parent.max_points > 0
    return replace(child, weight=child.max_points) if is_added_up else child
