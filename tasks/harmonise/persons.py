"""Names and telephone numbers of persons: one key for the ways in which people write the same one."""

import re
import unicodedata

_PHONE = re.compile(r"\+?[\d\s().-]{8,}")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_TITLES = frozenset(
    {"gs", "pgs", "ts", "tskh", "ths", "bs", "ks", "cn", "ong", "bà", "ông", "mr", "ms", "mrs", "dr", "prof"}
)
_COUNTRY = "84"
_DIGITS_ABROAD = 11  # of a Vietnamese number with its country code


def person_key(text: str) -> str:
    """Return the key under which spellings of one person's name or number meet.

    Case, spaces, dots, the position of a tone mark and academic titles make no difference; other marks do, because Hạnh
    and Hanh are different names. A telephone number is its digits, with 0 for +84.

    >>> person_key("GS. Nguyễn  Văn Hoà") == person_key("nguyễn văn Hòa")
    True
    >>> person_key("+84 912.345.678") == person_key("0912345678")
    True
    """
    plain = unicodedata.normalize("NFC", text).strip().casefold()
    if _PHONE.fullmatch(plain):
        digits = "".join(letter for letter in plain if letter.isdigit())
        is_abroad = digits.startswith(_COUNTRY) and len(digits) == _DIGITS_ABROAD
        return "0" + digits.removeprefix(_COUNTRY) if is_abroad else digits
    words = re.sub(r"[.,]", " ", plain).split()
    while len(words) > 1 and words[0] in _TITLES:
        del words[0]
    return " ".join(_tones_last(word) for word in words)


def _tones_last(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tones = [letter for letter in letters if letter in _TONES]
    return "".join(letter for letter in letters if letter not in _TONES) + "".join(tones)
