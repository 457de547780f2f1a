"""Other ways to compute: the framework with another normalisation, missing-value policy or aggregation."""

from collections.abc import Sequence
from itertools import product

from tasks.scoring.inputs import Cells
from tasks.scoring.plan import Plan
from tasks.scoring.tree import Tree
from warehouse.errors import FrameworkError
from warehouse.frameworks.alternatives import HINT, Alternative, alternative_problems, changed, touched

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
        FrameworkError: An alternative touches no node, its rule cannot be computed, or two touch one node.
    """
    for problem in alternative_problems(tree.framework, alternatives):
        raise FrameworkError(problem, HINT)
    # What an alternative is about is what the official framework says of a node, not what another one made of it.
    nodes = [touched(tree.framework, alternative) for alternative in alternatives]
    found = {}
    for choice in product(*(range(len(alternative.to) + 1) for alternative in alternatives)):
        if not any(choice):
            found[choice] = Plan.of(tree, cells)
            continue
        edited = tree.framework
        for alternative, option, codes in zip(alternatives, choice, nodes, strict=True):
            if option:
                edited = changed(edited, alternative.switch, alternative.to[option - 1], codes)
        found[choice] = Plan.of(Tree.of(edited), cells)
    return found
