"""How a table fits the terminal: names wrap, numbers are never cut, and the least telling columns are left out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

GAP = 2  # letters between columns
NAME = 16  # letters that a column of names or sentences should have, as far as it needs them
WORD = 26  # letters of a word, such as the code of a group, that should stay together; numbers always do
NUMBER = 24  # letters of the longest number; what is longer came from outside and is treated as a word

Parts = tuple[str, ...]  # what a cell may be broken between


@dataclass(frozen=True)
class Need:
    """How many letters a column needs.

    Attributes:
        least: For its longest number and the longest word of its heading; other words may be broken.
        fair: To read well: no word is broken, and a name stands on a line or two.
        whole: For its longest cell on one line.
        headed: For its heading on one line, too.
    """

    least: int
    fair: int
    whole: int
    headed: int

    @classmethod
    def of(cls, heading: str, cells: Sequence[Parts]) -> "Need":
        """Find out what a column needs.

        Args:
            heading: Its heading.
            cells: The parts of each of its cells.
        """
        parts = {part for cell in cells for part in cell}
        words = max((cell_len(part) for part in parts if _is_text(part)), default=0)
        numbers = max((cell_len(part) for part in parts if not _is_text(part)), default=0)
        least = max(1, numbers, min(words, NAME), *map(cell_len, heading.split()))
        whole = max((cell_len(" ".join(cell)) for cell in cells), default=0)
        fair = max(least, min(words, WORD), min(whole, NAME))
        return cls(least, fair, whole, max(whole, cell_len(heading)))


def parts_of(text: str) -> Parts:
    """Take a cell apart: a text into its words; a number, an interval or a date is one part.

    >>> parts_of("Bà Rịa - Vũng Tàu"), parts_of(">99 %"), parts_of("south_eastern_asia")
    (('Bà', 'Rịa', '-', 'Vũng', 'Tàu'), ('>99 %',), ('south_eastern_asia',))
    """
    return tuple(text.split(" ")) if _is_text(text) else (text,)


def fitted(needs: Mapping[str, Need], width: int, spare: Sequence[str] = ()) -> dict[str, int]:
    """Choose the columns that are shown and how wide each is.

    Args:
        needs: What each column needs, in order.
        width: Letters of the terminal.
        spare: Columns that may be left out, the least telling first.

    Returns:
        Width of each column that is shown, in order; together more than the terminal has where not even the numbers
        fit: a line that the terminal breaks can still be read, a number that was cut can not.
    """
    shown = dict(needs)
    for name in spare:
        if _together([need.fair for need in shown.values()]) <= width:
            break
        shown.pop(name, None)
    widths = {name: need.least for name, need in shown.items()}
    room = width - _together(widths.values())
    for wanted in ("fair", "whole", "headed"):
        room = _widen(widths, {name: getattr(need, wanted) for name, need in shown.items()}, room)
    return widths


def packed(parts: Parts, width: int) -> str:
    r"""Put the parts of a cell on as few lines as they need.

    >>> packed(("TII", "+0.06,", "OSI", "-0.01"), 10)
    'TII +0.06,\nOSI -0.01'
    """
    lines: list[str] = []
    for part in parts:
        if lines and cell_len(f"{lines[-1]} {part}") <= width:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return "\n".join(lines)


def _is_text(part: str) -> bool:
    return len(part) > NUMBER or any(letter.isalpha() for letter in part)


def _together(widths: Collection[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _widen(widths: dict[str, int], wanted: Mapping[str, int], room: int) -> int:
    """Give the room to the narrowest columns that want it; returns what is left of it."""
    while room > 0 and (narrow := [name for name in widths if widths[name] < wanted[name]]):
        widths[min(narrow, key=widths.__getitem__)] += 1
        room -= 1
    return room
