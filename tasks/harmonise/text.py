"""Vietnamese text as people type it: one Unicode form for what is kept, one folded key for what is matched."""

import re
import unicodedata
from functools import lru_cache

# đ has no decomposition, so stripping marks alone would lose it; ð is what old fonts and keyboards left in its place.
_D = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ɖ": "d", "Ɖ": "d"})
_TOKEN = re.compile(r"[^\W_]+")
_AND = frozenset({"va", "and"})
_PREFIXES = (("uy", "ban", "nhan", "dan"), ("ubnd",), ("tinh",))
_CITY_PREFIXES = (("thanh", "pho"), ("tp",), ("t", "p"))
_SUFFIXES = (("province",), ("people", "s", "committee"))
_CITY_SUFFIXES = (("city",),)
_MOST_MARKS = 30
REMEMBERED = 65_536  # texts: the same names and headings stand in every return


def nfc(text: str) -> str:
    """Return `text` in Unicode form NFC; of a letter with more than 30 marks the first 30.

    No letter has more than a few (Unicode's stream-safe form allows 30), and Python sorts the marks of one letter in
    quadratic time: 200,000 of them would cost half a minute.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    if len(text) > _MOST_MARKS:
        text = _too_many_marks().sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=1)
def _too_many_marks() -> re.Pattern[str]:
    """More marks than a letter has; the first group are those that stay."""
    marks = "".join(map(chr, filter(lambda code: unicodedata.combining(chr(code)), range(0x300, 0xE0200))))
    return re.compile(f"([{marks}]{{{_MOST_MARKS}}})[{marks}]+")


@lru_cache(maxsize=REMEMBERED)
def clean_cell(text: str) -> str:
    r"""Return a cell's text in NFC without invisible characters, with single spaces and none at the ends.

    >>> clean_cell(" Hà\u00a0Nội\u200b\n")
    'Hà Nội'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    # Format characters, such as zero-width spaces, vanish; controls, such as line breaks in a cell, separate words.
    visible = nfc("".join(letter for letter in text if unicodedata.category(letter) != "Cf"))
    visible = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in visible)
    return " ".join(visible.split())


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case, without marks and punctuation.

    >>> tokens("Bộ Lao động – Thương binh & Xã hội")
    ['bo', 'lao', 'dong', 'thuong', 'binh', 'xa', 'hoi']
    """
    letters = unicodedata.normalize("NFKD", nfc(text).translate(_D)).casefold().translate(_D)
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", letters)
        if letter.isascii() or unicodedata.category(letter) not in {"Mn", "Cf"}
    )
    return _TOKEN.findall(plain)


@lru_cache(maxsize=REMEMBERED)
def fold(text: str) -> str:
    """Return the key under which spellings of one name meet.

    Case, marks (so the position of a tone mark too), Unicode form, spaces, dashes, dots, commas, ampersands, "và" and
    "and" make no difference. A name is never split on a comma or a dash: government names carry both.

    >>> fold("Thừa Thiên – Huế") == fold("thua thien hue") == 'thuathienhue'
    True
    >>> fold("Bộ TT&TT") == fold("Bộ TT và TT") == fold("BỘ TTTT")
    True
    """
    return _join(tokens(text))


def agency_key(text: str) -> tuple[str, bool]:
    """Return the folded key of an agency's name without its type, and whether the type said was "city".

    "Tỉnh", "Thành phố", "TP.", "UBND" and their English forms go. "Bộ" stays, because "Bộ Tài chính" (the ministry) and
    "Sở Tài chính" (a province's department) are different bodies.

    >>> agency_key("UBND TP. Hồ Chí Minh")
    ('hochiminh', True)
    >>> agency_key("Tỉnh Hà Giang")
    ('hagiang', False)
    >>> agency_key("Sở Tài chính")
    ('sotaichinh', False)
    """
    words = tokens(text)
    is_city = False
    while True:
        shorter, said_city = _without_type(words)
        if len(shorter) == len(words):
            return _join(words), is_city
        words, is_city = shorter, is_city or said_city


def _without_type(words: list[str]) -> tuple[list[str], bool]:
    """Drop one prefix or suffix, but never the whole name."""
    for prefixes, suffixes, is_city in ((_PREFIXES, _SUFFIXES, False), (_CITY_PREFIXES, _CITY_SUFFIXES, True)):
        for prefix in prefixes:
            if len(words) > len(prefix) and tuple(words[: len(prefix)]) == prefix:
                return words[len(prefix) :], is_city
        for suffix in suffixes:
            if len(words) > len(suffix) and tuple(words[-len(suffix) :]) == suffix:
                return words[: -len(suffix)], is_city
    return words, False


def _join(words: list[str]) -> str:
    kept = [word for word in words if word not in _AND]
    return "".join(kept or words)
