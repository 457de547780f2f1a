"""Selectors of a declaration: XPath, or the CSS that people write for web pages."""

import re
from functools import lru_cache

import lxml.etree
from lxml.html import HtmlElement

_STEP = re.compile(r"(?P<tag>[a-zA-Z][\w-]*|\*)?(?P<rest>(?:[.#][\w-]+|\[[^\]]+\])*)")
_PART = re.compile(r"\.(?P<cls>[\w-]+)|#(?P<id>[\w-]+)|\[(?P<name>[\w:-]+)(?:=[\"']?(?P<value>[^\"'\]]*)[\"']?)?\]")
_VALUES = ("content", "datetime", "data-rating", "value")  # attributes that say it better than the text


@lru_cache(maxsize=512)
def as_xpath(selector: str) -> str:
    """Return a selector as XPath.

    CSS may name tags, classes, ids and attributes, joined by blanks or `>`, alternatives by commas. What begins with
    `/`, `./` or `(` is XPath already.

    Raises:
        ValueError: It is neither.

    >>> as_xpath("div.c > a[rel=next]")
    "descendant-or-self::div[contains(concat(' ', normalize-space(@class), ' '), ' c ')]/a[@rel='next']"
    """
    found = selector.strip()
    if not found.startswith(("/", "./", "(")):
        found = " | ".join(_path(part.split()) for part in found.split(","))
    try:
        lxml.etree.XPath(found)
    except lxml.etree.XPathSyntaxError:
        raise ValueError(f"{selector[:80]!r} is neither CSS nor XPath that is understood") from None
    return found


def select(tree: HtmlElement, selector: str | None) -> list[HtmlElement | str]:
    """Everything that a selector finds below an element: elements, or texts of attributes."""
    if not selector:
        return []
    found = tree.xpath(as_xpath(selector))
    return found if isinstance(found, list) else [str(found)]


def value_of(found: HtmlElement | str) -> str:
    """What an element says: an attribute made for machines where it has one, else its text."""
    if isinstance(found, str):
        return found
    said = next((found.get(name) for name in _VALUES if found.get(name)), None)
    return said if said is not None else str(found.text_content())


def _path(words: list[str]) -> str:
    steps, axis = "", "descendant-or-self::"
    for word in " ".join(words).replace(">", " > ").split():
        if word == ">":
            axis = "/"
            continue
        match = _STEP.fullmatch(word)
        if not match:
            raise ValueError(f"{word[:80]!r} is no CSS that is understood; XPath begins with //")
        steps += f"{axis}{match['tag'] or '*'}{''.join(_test(part) for part in _PART.finditer(match['rest']))}"
        axis = "//"
    if not steps:
        raise ValueError("a selector is not empty")
    return steps


def _test(part: re.Match[str]) -> str:
    if part["cls"]:
        return f"[contains(concat(' ', normalize-space(@class), ' '), ' {part['cls']} ')]"
    if part["id"]:
        return f"[@id='{part['id']}']"
    return f"[@{part['name']}]" if part["value"] is None else f"[@{part['name']}='{part['value']}']"
