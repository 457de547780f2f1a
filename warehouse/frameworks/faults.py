"""Faults of a framework folder: what is wrong, in which line of which file, and what to write instead."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in a framework folder.

    Attributes:
        file: Name of the file inside the folder.
        line: Physical line of the file, from 1; a row that spans lines counts from its first.
        message: What is wrong and what to write instead, for a person who never saw the code.
        of_tree: The same said of the tree as a whole (`has 29 criteria, the decision counts 306`), for a tree that was
            made of another file; empty where a row is at fault.
    """

    file: str
    line: int
    message: str
    of_tree: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Report:
    """Collects the faults of one file, so that all of them are found in one go.

    Args:
        file: Name of the file inside the folder.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def add(self, line: int, message: str, of_tree: str = "") -> None:
        """Record a fault; the same one twice is recorded once."""
        fault = Fault(self.file, line, message, of_tree)
        if fault not in self.faults:
            self.faults.append(fault)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like `word`, or empty text if none is like it."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), "")


def one_of(word: str, known: Iterable[str]) -> str:
    """Say what may be written instead of an unknown word, and which is the nearest.

    >>> one_of("ration", ["ratio", "tier"])
    'write one of ratio, tier (did you mean ratio?)'
    """
    choices = list(known)
    near = nearest(word, choices)
    return f"write one of {', '.join(choices)}" + (f" (did you mean {near}?)" if near else "")
