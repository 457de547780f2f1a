"""How the criteria of a framework are spread over the sheets of a return."""

import re
from collections.abc import Iterable

from warehouse.frameworks.model import Framework, Node

ONE_SHEET = "Số liệu"
_TITLE_MARKS = re.compile(r"[\[\]:*?/\\]")
_TITLE_LENGTH = 31


def reported_leaves(framework: Framework) -> tuple[Node, ...]:
    """Return the criteria that agencies report, in the order of the tree."""
    return tuple(node for node in framework.leaves if node.evidence == "report")


def branches_of(framework: Framework) -> dict[str, str]:
    """Return the sheet of every leaf: the main branch of the tree below the root that it belongs to."""
    found = {}
    for leaf in framework.leaves:
        node = leaf
        while node.parent and node.parent != framework.root.code:
            node = framework.by_code[node.parent]
        found[leaf.code] = ONE_SHEET if node is leaf else sheet_title(f"{node.code} {node.name}")
    return found


def sheet_title(text: str) -> str:
    """Return a text that may be the title of a sheet: no forbidden mark, no apostrophe at an end, not too long."""
    return _TITLE_MARKS.sub(" ", text)[:_TITLE_LENGTH].strip(" '")


def new_sections(framework: Framework, node: Node | None, seen: set[str]) -> Iterable[Node]:
    """Return the inner nodes above a criterion that the sheet has not shown yet, from the top.

    Args:
        framework: The framework.
        node: The criterion; None for a row that is none.
        seen: Codes that the sheet has shown; the new ones are added.
    """
    found: list[Node] = []
    parent = framework.by_code.get(node.parent) if node else None
    while parent and parent.parent and parent.code not in seen:
        seen.add(parent.code)
        found.append(parent)
        parent = framework.by_code.get(parent.parent)
    return reversed(found)
