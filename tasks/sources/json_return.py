"""A return in JSON, laid out as the sheet that it would be, so that it is understood as every other return.

One object says who reports, and a list holds one object per figure:

    {"agency": "UBND tỉnh Hà Giang", "period": "2020-08", "form_version": "online_services_2019/1",
     "submitted_on": "2020-09-04", "items": [{"code": "C.M4", "value": 533, "unit": "dịch vụ", "evidence": "12/BC"}]}

Keys may be the labels of the form, with or without marks: "Cơ quan báo cáo", "ky_bao_cao", "maTieuChi".
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.harmonise.text import tokens
from tasks.sources.form import BLOCK_LABELS, field_of
from tasks.sources.limits import WorkbookLimits
from tasks.sources.messages import shown
from tasks.sources.strict_json import Figure, parse_json, plain, pointer
from tasks.sources.tables import label_of
from tasks.sources.workbook import Cell, Sheet
from warehouse.errors import BatchRefused

NAME = "JSON"  # of the sheet
_COLUMNS = {
    "code": "Mã tiêu chí",
    "name": "Tiêu chí",
    "unit": "ĐVT",
    "value": "Giá trị",
    "a": "Tử số (a)",
    "b": "Mẫu số (b)",
    "evidence": "Tài liệu minh chứng",
    "note": "Ghi chú",
}
_ENGLISH = {
    "agency": "agency",
    "period": "period",
    "form": "form",
    "form version": "form",
    "submitted": "submitted",
    "submitted on": "submitted",
    "revision": "revision",
    "indicator": "code",
    "criterion": "code",
    "numerator": "a",
    "denominator": "b",
    "document": "evidence",
    **{name: name for name in _COLUMNS},
}
_FIGURES = ("value", "a", "b")
_ITEMS = frozenset({"items", "so lieu", "cac so lieu", "tieu chi", "cac tieu chi", "chi tieu", "cac chi tieu"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\n;]+")  # between two labels in one cell of a block
_SEND_AS_DOCUMENTED = "Send one object a return, as docs/rounds.md shows, or the workbook of the form."


def read_json_return(content: bytes) -> list[Sheet]:
    """Return the one sheet of a return in JSON: its block, a header, and a row for each figure.

    Args:
        content: The bytes.

    Returns:
        The sheet; a cell of a figure knows its JSON pointer. It has the columns that any of the figures has.

    Raises:
        BatchRefused: It is no sound JSON, not one object, or has no list of objects in it; or two keys of one object
            mean the same.
    """
    said = parse_json(content)
    if not isinstance(said, dict):
        raise BatchRefused("The JSON holds a list, but a return is one object.", _SEND_AS_DOCUMENTED)
    key = next((key for key, value in said.items() if _words(key) in _ITEMS and isinstance(value, list)), None)
    if key is None:
        raise BatchRefused("The JSON has no list 'items' with the figures.", _SEND_AS_DOCUMENTED)
    items = _objects(said[key])
    block = _by_meaning({name: value for name, value in said.items() if name != key}, "The return", of_block=True)
    rows: list[list[Cell]] = [
        [f"{label}:", _SEPARATORS.sub(", ", _named(said[block[field]]))]
        for field, label in BLOCK_LABELS.items()
        if field in block
    ]
    meanings = [_by_meaning(item, f"Item {number}") for number, item in enumerate(items, start=1)]
    columns = [column for column in _COLUMNS if any(column in keys for keys in meanings)]
    rows += [[], [_COLUMNS[column] for column in columns]]
    places: dict[tuple[int, int], str] = {}
    for number, (item, keys) in enumerate(zip(items, meanings, strict=True)):
        for at, column in enumerate(columns):
            places[len(rows), at] = pointer(key, number, keys.get(column, column))
        rows.append([_cell(item[keys[column]], column) if column in keys else "" for column in columns])
    return [Sheet(NAME, rows, list(range(1, len(rows) + 1)), places=places)]


def _objects(items: Sequence[Any]) -> list[dict[str, Any]]:
    limit = WorkbookLimits().rows
    if len(items) > limit:
        raise BatchRefused(f"The JSON has more than {limit} items, more than any return.", _SEND_AS_DOCUMENTED)
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            raise BatchRefused(f"Item {number} of the JSON is no object with a code and a value.", _SEND_AS_DOCUMENTED)
    return list(items)


def _by_meaning(said: Mapping[str, Any], who: str, *, of_block: bool = False) -> dict[str, str]:
    """Meaning to the key that has it; keys that mean nothing, or hold nothing beside another, are left out."""
    found: dict[str, str] = {}
    for key, value in said.items():
        meaning = _meaning(key, of_block=of_block)
        if not meaning:
            continue
        if meaning in found and value is not None and said[found[meaning]] is not None:
            raise BatchRefused(
                f"{who} has two keys of one meaning, {shown(found[meaning])!r} and {shown(key)!r}.", "Keep one of them."
            )
        if meaning not in found or value is not None:
            found[meaning] = key
    return found


def _meaning(key: str, *, of_block: bool) -> str:
    words = _words(key)
    wanted = BLOCK_LABELS if of_block else _COLUMNS
    meaning = _ENGLISH.get(words) or (field_of(words) if of_block else label_of(words))
    return meaning if meaning in wanted else ""


def _words(key: str) -> str:
    return " ".join(tokens(_CAMEL.sub(" ", key[:200])))


def _named(value: object) -> str:
    """A value of the block; of an agency with a code and a name the name."""
    return plain(value.get("name", value)) if isinstance(value, dict) else plain(value)


def _cell(value: object, column: str) -> Cell:
    if column not in _FIGURES:
        return plain(value)  # a code 1.10 is not the number 1.1
    if isinstance(value, Figure):
        number = float(value)
        return number if math.isfinite(number) else str(value)
    return value if isinstance(value, bool) else plain(value)
