"""Text of strangers' pages: compared by its plain words, and shown so that nothing in it can act."""

import re
import unicodedata

from tasks.harmonise.text import nfc, tokens

LONGEST = 160  # characters of an extract
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LONG_NUMBER = re.compile(r"(?<!\d)\+?\d(?:[\s.-]?\d){8,}(?!\d)")
_ACTING = str.maketrans("<>[]|`", "‹›()/ˋ")
_WORD = re.compile(r"[^\W_]+")
_LONGEST_COMPARED = 20_000


def plain(text: str) -> str:
    """Return the words of a text in lower case without marks, with single spaces, and a space at both ends.

    >>> plain("Phản ánh, KIẾN NGHỊ")
    ' phan anh kien nghi '
    """
    return f" {' '.join(tokens(text[:_LONGEST_COMPARED]))} "


def says(text: str, words: str) -> bool:
    """Whether a text holds some words. A text without any mark is compared without marks, any other with them.

    >>> says("DU LIEU MO", "dữ liệu mở"), says("Dữ liệu mô phỏng", "dữ liệu mở"), says("Sức khoẻ", "sức khỏe")
    (True, False, True)
    """
    if plain(words) not in plain(text):
        return False
    return text.isascii() or _marked(words) in _marked(text)


def _marked(text: str) -> str:
    """The words of a text with their marks, wherever in the word a mark stands."""
    found = []
    for word in _WORD.findall(nfc(text[:_LONGEST_COMPARED]).casefold()):
        letters = unicodedata.normalize("NFD", word)
        marks = sorted(one for one in letters if unicodedata.combining(one))
        found.append("".join(one for one in letters if not unicodedata.combining(one)) + "".join(marks))
    return f" {' '.join(found)} "


def extract(text: str, around: str = "") -> str:
    r"""Return a short inert piece of a text: what proves a check.

    It holds no tag, no link, no control or direction character, and no mail address or telephone number.

    Args:
        text: The text as it stands on the page.
        around: A word to which the piece is cut; empty for the beginning.

    >>> extract("<script>alert(1)</script>\n gọi 0912 345 678")
    '‹script›alert(1)‹/script› gọi …'
    """
    seen = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text[:_LONGEST_COMPARED])
    clean = nfc(" ".join(seen.split()))
    clean = _LONG_NUMBER.sub("…", _MAIL.sub("…", clean)).translate(_ACTING)
    at = max(0, clean.casefold().find(around.casefold()) - 40) if around else 0
    cut = clean[at:]
    return cut if len(cut) <= LONGEST else f"{cut[: LONGEST - 1]}…"
