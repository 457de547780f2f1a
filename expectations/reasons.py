"""What an agency is told about a refused row, in Vietnamese and in English, with its own figures filled in."""

import math
from collections.abc import Callable, Sequence
from string import Formatter

import pandas as pd

from expectations.rule import Rule
from expectations.view import AGGREGATE
from warehouse.frames import as_written

SHOWN = 5  # rows of one figure that a sentence still lists
VI, EN = "vi", "en"
_WORDS = {
    VI: {
        "": "(trống)",
        "count": "số đếm",
        "a": "tử số",
        "b": "mẫu số",
        "value": "giá trị",
        "report": "báo cáo của cơ quan",
        "survey": "điều tra xã hội học",
        "expert": "phỏng vấn chuyên gia",
        "tone": "sắc thái trên không gian mạng",
        "inspection": "kiểm tra trực tuyến",
        "derived": "phép tính từ các số đếm",
        "published": "số liệu đã công bố",
        AGGREGATE: "các tiêu chí thành phần",
    },
    EN: {
        "": "(empty)",
        "count": "a count",
        "a": "numerator",
        "b": "denominator",
        "value": "value",
        "report": "the agency's report",
        "survey": "the sociological survey",
        "expert": "expert interviews",
        "tone": "the tone of cyberspace",
        "inspection": "online inspection",
        "derived": "computing it from the counts",
        "published": "published figures",
        AGGREGATE: "the items below it",
    },
}
_OTHER = {"a": "b", "b": "a"}

# Cells of one field for all rows, in a language.
Field = Callable[[pd.DataFrame, str], list[str]]


def _text(column: str) -> Field:
    return lambda rows, language: [text or _WORDS[language][""] for text in rows[column].tolist()]


def _number(column: str) -> Field:
    return lambda rows, language: [show_number(number, language) for number in rows[column].tolist()]


def _word(column: str, of: Callable[[str], str] = str) -> Field:
    return lambda rows, language: [_WORDS[language].get(of(text), text) for text in rows[column].tolist()]


def _moved(rows: pd.DataFrame, language: str) -> list[str]:
    up, down = ("tăng", "giảm") if language == VI else ("rises", "falls")
    return [up if is_up else down for is_up in rows["value"] > rows["previous_value"]]


def _count(rows: pd.DataFrame, language: str) -> list[str]:
    return [show_number(len(given), language) for given in rows["given"]]


def _listed(rows: pd.DataFrame, language: str) -> list[str]:
    listed = []
    for given in rows["given"]:
        shown = [f"{show_written(text, language)} ({locator})" for text, locator in given[:SHOWN]]
        listed.append("; ".join(shown) + ("; ..." if len(given) > SHOWN else ""))
    return listed


# What a template may name; expectations/quarantine.py adds columns of the view, and `given`, to the row.
FIELDS: dict[str, Field] = {
    **{name: _text(name) for name in ("framework", "period", "period_stated", "agency", "agency_text")},
    **{name: _text(name) for name in ("item", "item_text", "source", "stage", "unit")},
    "value_text": lambda rows, language: [
        as_written(text) or _WORDS[language][""] for text in rows["value_text"].tolist()
    ],
    **{name: _text(name) for name in ("sum_codes", "limit_codes", "previous_period", "other_source")},
    **{name: _number(name) for name in ("value", "valid_min", "valid_max", "counterpart", "item_sum", "item_limit")},
    **{name: _number(name) for name in ("previous_value", "jump_factor", "months_unchanged", "other_value")},
    "unit_expected": _word("unit_expected", lambda unit: unit or "count"),
    "evidence": _word("item_evidence"),
    "part": _word("part"),
    "other_part": _word("part", lambda part: _OTHER.get(part, part)),
    "moved": _moved,
    "times": _count,
    "given": _listed,
}


def show_number(number: float, language: str) -> str:
    """Return a number as the language writes it, with every digit that matters.

    >>> show_number(1234.5, "vi"), show_number(1234.5, "en"), show_number(100.0, "vi")
    ('1.234,5', '1,234.5', '100')
    """
    if not math.isfinite(number):
        return "∞" if number > 0 else "-∞" if number < 0 else _WORDS[language][""]
    text = f"{number:,.15g}"
    return text.translate(str.maketrans(",.", ".,")) if language == VI else text


def show_written(text: str, language: str) -> str:
    """Return what stands in a cell: text as it is, the exact number of a spreadsheet as the language writes it.

    >>> show_written("=0.54", "vi"), show_written("0.54", "vi"), show_written("=SUM(A1)", "en"), show_written("", "en")
    ('0,54', '0.54', '=SUM(A1)', '(empty)')
    """
    plain = as_written(text)
    return show_number(float(plain), language) if plain != text else text or _WORDS[language][""]


def reasons(rule: Rule, rows: pd.DataFrame, language: str) -> list[str]:
    """Return why each row was refused.

    Args:
        rule: The rule that all of them break.
        rows: CANDIDATE rows with the columns that `FIELDS` adds.
        language: `vi` or `en`.
    """
    template = rule.reason_vi if language == VI else rule.reason_en
    names = fields_of(template)
    cells = zip(*(FIELDS[name](rows, language) for name in names), strict=True)
    return [template.format(**dict(zip(names, row, strict=True))) for row in cells]


def fields_of(template: str) -> Sequence[str]:
    """Return the fields that a template names, each once.

    >>> fields_of("Thiếu {other_part} của tiêu chí {item}.")
    ['other_part', 'item']
    """
    return list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name))
