"""From what a form writes for a criterion to the node of the framework."""

import re
from collections import defaultdict
from functools import cached_property

from tasks.harmonise.text import clean_cell, fold
from warehouse.frameworks.model import Framework, Node

_LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d+")
_LEADING_CODE = re.compile(r"(?P<code>[^\W\d_]{0,8}[ .]?\d+(?:\.\d+)*)[.:)]?\s*[-–—:]?\s+(?P<name>\S.*)")


class ItemIndex:
    """The nodes of a framework by code and by name.

    Args:
        framework: The framework whose nodes are looked up.
    """

    def __init__(self, framework: Framework) -> None:
        self._by_code = framework.by_code
        self._nodes = framework.nodes

    def find(self, text: str) -> Node | None:
        """Return the one node that a text stands for, or None.

        Understood are the exact code; the code in another spelling ("CQS 1.1.1", "cqs.1.1.1"); a name that only one
        node has; and a code followed by the name of the same node ("CQS.1.1.1. Tên tiêu chí"). A code with another
        node's name is not understood.
        """
        written = clean_cell(text)
        if node := self._by_code.get(written) or self._unique(self._codes, code_key(written)):
            return node
        if found := _LEADING_CODE.fullmatch(written):
            node = self._unique(self._codes, code_key(found["code"]))
            if node and fold(found["name"]) in (fold(node.name_vi), fold(node.name_en)):
                return node
        return self._unique(self._names, fold(written))

    @staticmethod
    def _unique(index: dict[str, list[Node]], key: str) -> Node | None:
        nodes = index.get(key, []) if key else []
        return nodes[0] if len(nodes) == 1 else None

    @cached_property
    def _codes(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self._nodes:
            found[code_key(node.code)].append(node)
        return found

    @cached_property
    def _names(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self._nodes:
            for key in {fold(name) for name in (node.name_vi, node.name_en) if name}:
                found[key].append(node)
        return found


def code_key(code: str) -> str:
    """Return the key under which spellings of one code meet; unlike names, its numbers stay apart.

    >>> code_key("CQS 1.1.1") == code_key("cqs.1.1.1") == 'cqs.1.1.1'
    True
    >>> code_key("CQS.1.11")
    'cqs.1.11'
    """
    return ".".join(_LETTERS_OR_DIGITS.findall(code.casefold()))
