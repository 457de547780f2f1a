"""Which letters the bytes of a page stand for."""

import codecs
import re
import unicodedata
from collections.abc import Mapping

from tasks.harmonise.text import nfc

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAID = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_HEAD = 4096  # bytes in which a page says its charset
# What servers say when nobody told them anything; a Vietnamese page that claims one of these is looked at.
_SAID_BY_DEFAULT = frozenset({"iso8859-1", "cp1252", "ascii", "iso8859-15"})
_KNOWN = ("utf", "cp125", "iso8859", "gb", "big5", "shift_jis", "euc", "koi8", "ascii", "tis", "cp874", "mac-roman")


def decode(content: bytes, headers: Mapping[str, str]) -> str:
    """Return the text of a page in NFC.

    A byte order mark is believed first, then bytes that are UTF-8 throughout (nothing else looks like that), then the
    header, then what the page itself says, then whichever of windows-1258 and windows-1252 reads more like Vietnamese.
    windows-1258 keeps tone marks as letters of their own; NFC joins them.

    Args:
        content: The bytes.
        headers: Headers of the answer.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return _nfc(content.decode(name, errors="replace"))
    try:
        return _nfc(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        # A page cut in the middle of a letter, or one with a single broken byte, is UTF-8 all the same.
        if error.start > len(content) - 4 or _mostly_utf8(content):
            return _nfc(content.decode("utf-8", errors="replace"))
    for name in _declared(content, headers):
        if name in _SAID_BY_DEFAULT or name.startswith("utf-8"):
            continue
        try:
            return _nfc(content.decode(name, errors="replace"))
        except (LookupError, UnicodeError):
            continue
    vietnamese, western = (_nfc(content.decode(name, errors="replace")) for name in ("cp1258", "cp1252"))
    return vietnamese if vietnamese_letters(vietnamese) > vietnamese_letters(western) else western


def vietnamese_letters(text: str) -> int:
    """Number of letters that only Vietnamese has, less the marks that stand on nothing."""
    own = sum("Ạ" <= letter <= "ỹ" or letter in "ơưđăƠƯĐĂ" for letter in text)
    return own - sum(unicodedata.combining(letter) > 0 for letter in text)


def _declared(content: bytes, headers: Mapping[str, str]) -> list[str]:
    head = content[:_HEAD]
    said = [
        _SAID.search(headers.get("content-type", "")),
        _SAID.search(head.decode("latin-1")),
    ]
    names = [match[1] for match in said if match]
    names += [match[1].decode("ascii", "replace") for match in [_XML.match(head)] if match]
    found = []
    for name in names:
        try:
            normal = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        if normal.startswith(_KNOWN) and not normal.startswith("utf-7"):
            found.append(normal)
    return found


def _mostly_utf8(content: bytes) -> bool:
    """Whether nearly all letters beyond ASCII are well-formed UTF-8."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    good = sum(letter > "\x7f" for letter in text) - broken
    return good > 50 * broken


def _nfc(text: str) -> str:
    return nfc(text.replace("\0", ""))
