"""Text of strangers that goes into messages and names: no control characters, which a terminal would obey."""

import unicodedata

from tasks.harmonise.text import clean_cell, nfc

_LONGEST = 120
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def shown(text: str) -> str:
    r"""Return a text of a file as a message shows it: on one line, without controls, cut to 120 characters.

    >>> shown("Bắc \x1b[31mNinh\n")
    'Bắc [31mNinh'
    """
    clean = clean_cell(visible(text[: 10 * _LONGEST], " "))
    return clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 1]}…"


def visible(text: str, instead: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """Return a text in NFC that every terminal and database takes.

    Args:
        text: Any text, also one with surrogates, as the name of a file that is not UTF-8 has.
        instead: What stands for each control, format and line separating character and for each surrogate.
    """
    letters = nfc(text)
    if letters.isprintable():
        return letters
    return "".join(instead if unicodedata.category(letter) in _UNSEEN else letter for letter in letters)
