"""JSON of strangers, read strictly: numbers as written, and nothing that two readers would read differently."""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from tasks.harmonise.text import clean_cell
from tasks.sources.limits import MAX_JSON_BYTES, MAX_JSON_DEPTH, MIB
from tasks.sources.messages import shown
from warehouse.errors import BatchRefused

_HALF = re.compile("[\ud800-\udfff]")  # of a character that JSON writes as two escapes
_BOM = b"\xef\xbb\xbf"
_OBJECT_OR_LIST = re.compile(rb'\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:[\[\]{"]|$))')
_SEND_AGAIN = "Ask the sender to mend what writes it, and for the data again."


class Figure(str):
    """A number exactly as it was written: no float has rounded it yet."""

    __slots__ = ()


def looks_like_json(content: bytes) -> bool:
    """Whether bytes begin like a JSON object or list; a CSV may begin with a bracket too: "[Mẫu 01]".

    >>> looks_like_json(b' {"a": 1}'), looks_like_json(b"[{"), looks_like_json("[Mẫu 01];".encode())
    (True, True, False)
    """
    return bool(_OBJECT_OR_LIST.match(content.removeprefix(_BOM)[:4096]))


def parse_json(content: bytes) -> Any:
    """Return what a JSON text says.

    Args:
        content: The bytes.

    Returns:
        Objects, lists, texts, booleans and None; numbers as `Figure`.

    Raises:
        BatchRefused: It is no JSON in UTF-8, too large, nested too deeply, or ambiguous: a key stands twice in one
            object, or a number is NaN or infinite.
    """
    if len(content) > MAX_JSON_BYTES:
        raise BatchRefused(
            f"The JSON has {len(content) / MIB:.0f} MiB, more than the {MAX_JSON_BYTES / MIB:.0f} allowed.",
            "Ask for smaller pages, or for the figures of one month only.",
        )
    if content.lstrip(_BOM + b" \t\r\n")[:1] == b"<":
        raise BatchRefused("A web page stands where JSON should be; probably an error or login page.", _SEND_AGAIN)
    try:
        text = content.decode("utf-8-sig")
        said = json.loads(
            text, parse_int=Figure, parse_float=Figure, parse_constant=_no_number, object_pairs_hook=_object
        )
    except UnicodeDecodeError:
        raise BatchRefused("The JSON is not in UTF-8, or it was cut.", _SEND_AGAIN) from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BatchRefused(f"It is not JSON, or it was cut: {where} cannot be read.", _SEND_AGAIN) from None
    _refuse_deep(said)
    return said


def plain(value: object) -> str:
    """Return a value as text: texts and numbers as written, lists and objects as their parts, one level deep.

    Half characters, which no file takes, are replaced.

    >>> plain(Figure("1.50")), plain(None), plain(True), plain(["12/BC", {"so": "3/KH"}])
    ('1.50', '', 'true', '12/BC; 3/KH')
    """
    parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    return "; ".join(filter(None, (_scalar(inner) for part in parts for inner in _inside(part))))


def figure(value: object, *, exact: bool = False) -> str:
    """Return what stands for a figure, as a reading holds it.

    Args:
        value: The value.
        exact: Whether a machine wrote it, so that a text that is a number has a decimal point: `1.234` is no thousand.

    Returns:
        A number marked as exact, a text as written; empty text for None.

    >>> figure(Figure("1.234")), figure("1.234"), figure("1.234", exact=True), figure("1.234,5", exact=True)
    ('=1.234', '1.234', '=1.234', '1.234,5')
    """
    text = plain(value)
    is_number = isinstance(value, Figure) or (exact and _MACHINE_NUMBER.fullmatch(text))
    return f"={text}" if is_number else text


_MACHINE_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def pointer(*steps: str | int) -> str:
    """Return the place of a value as a JSON pointer (RFC 6901).

    >>> pointer("items", 3, "a/b")
    '/items/3/a~1b'
    """
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def _inside(part: object) -> list[object]:
    return list(part.values()) if isinstance(part, dict) else [part]


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _whole(value).strip() if isinstance(value, str) else ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for key, value in pairs:
        if clean_cell(key) in seen:
            raise BatchRefused(
                f"The key {shown(key)!r} stands twice in one object, so nobody knows which counts.", _SEND_AGAIN
            )
        seen.add(clean_cell(key))
        found[_whole(key)] = value
    return found


def _refuse_deep(said: Any) -> None:
    """Whoever walks through it later must not run out of stack, wherever it stands then."""
    level = [said]
    for _ in range(MAX_JSON_DEPTH):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _parts(outer)]
        if not level:
            return
    raise _too_deep()


def _parts(outer: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer


def _too_deep() -> BatchRefused:
    return BatchRefused("The JSON is nested too deeply.", _SEND_AGAIN)


def _whole(text: str) -> str:
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def _no_number(name: str) -> NoReturn:
    raise BatchRefused(f"The JSON holds {name}, which is no number.", _SEND_AGAIN)
