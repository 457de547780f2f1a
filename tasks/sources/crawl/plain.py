"""Text of strangers as inert plain text: no tag, no script, no control character, in NFC."""

import html
import re

from tasks.harmonise.text import nfc

_TAG = re.compile(r"<(?:(?P<dash>!--)|/?(?P<name>[a-zA-Z][\w:-]*)|[!?/])")
# What stands in these is not shown; and where each of them ends.
_DROPPED = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "iframe", "noscript", "template", "object", "svg", "textarea")
}
_BREAKS = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "blockquote"})
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_NO_CODE = re.compile(r"&#[0-9]{10,}")  # no character has such a number, and Python refuses to read very long ones
_HALF = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_LONGEST = 200_000  # characters that are looked at; a post holds a tenth of them
_UNPACKINGS = 3  # a tag may hide behind entities, and those behind others


def plain(text: str) -> str:
    r"""Return a text without markup.

    Tags go, those hidden behind entities too, and so does what stands in scripts and styles; other entities become
    letters. Blanks are single, lines stay. A lone `<` as in `a < b` is no tag and stays.

    Args:
        text: Text, with or without HTML in it; what goes beyond 200,000 characters is not looked at.

    >>> plain("<p>Hồ sơ&nbsp;<b>chậm</b></p><script>alert(1)</script>&lt;img src=x onerror=y&gt; a < b")
    'Hồ sơ chậm\na < b'
    """
    text = text[:_LONGEST]
    for _ in range(_UNPACKINGS):
        if "<" not in text and "&" not in text:
            break
        before = text
        text = html.unescape(_NO_CODE.sub(" ", _without_tags(text) if "<" in text else text))
        if text == before:
            break
    else:
        text = text.replace("<", " ") if _TAG.search(text) else text  # it hides deeper than anybody writes
    return clean(text)


def clean(text: str) -> str:
    """Return a plain text in NFC, without controls, marks of direction and half characters, with single blanks."""
    text = _UNSEEN.sub(lambda found: " " if found[0] in "\t\r\x0b\x0c\x85\u2028\u2029" else "", text)
    text = _HALF.sub("\N{REPLACEMENT CHARACTER}", text)
    text = _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()
    return text if text.isascii() else nfc(text)


def one_line(text: str) -> str:
    """Return a title or a name: plain, on one line, at most 500 characters."""
    return " ".join(plain(text[:5_000]).split())[:500]


def _without_tags(text: str) -> str:
    """A text without its tags; one pass, however many tags are left open."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0:
        kept.append(text[at:start])
        tag = _TAG.match(text, start)
        if not tag:
            kept.append("<")
            at = start + 1
            continue
        name = (tag["name"] or "").lower()
        if name in _BREAKS:
            kept.append("\n")
        at = _end(text, start, tag["dash"], name if text[start + 1] != "/" else "")
    return "".join((*kept, text[at:]))


def _end(text: str, start: int, is_comment: str | None, name: str) -> int:
    """Where a tag ends, with what it hides; the end of the text where nothing ends it."""
    if is_comment:
        found = text.find("-->", start)
        return found + 3 if found >= 0 else len(text)
    if ending := _DROPPED.get(name):
        closing = ending.search(text, start)
        start = closing.start() if closing else len(text)
    found = text.find(">", start)
    return found + 1 if found >= 0 else len(text)
