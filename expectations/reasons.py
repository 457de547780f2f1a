"""What an agency is told about a refused row, in Vietnamese and in English, with its own figures filled in."""

import math
from collections.abc import Mapping
from typing import Any

from expectations.rules import Rule
from expectations.view import AGGREGATE

SHOWN = 5  # copies of a figure that a sentence still lists
VI, EN = "vi", "en"
_WORDS = {
    VI: {
        "empty": "(trống)",
        "count": "số đếm",
        "a": "tử số",
        "b": "mẫu số",
        "value": "giá trị",
        "report": "báo cáo của cơ quan",
        "survey": "điều tra xã hội học",
        "expert": "phỏng vấn chuyên gia",
        "tone": "sắc thái trên không gian mạng",
        "inspection": "kiểm tra trực tuyến",
        "published": "số liệu đã công bố",
        AGGREGATE: "các tiêu chí thành phần",
    },
    EN: {
        "empty": "(empty)",
        "count": "a count",
        "a": "numerator",
        "b": "denominator",
        "value": "value",
        "report": "the agency's report",
        "survey": "the sociological survey",
        "expert": "expert interviews",
        "tone": "the tone of cyberspace",
        "inspection": "online inspection",
        "published": "published figures",
        AGGREGATE: "the items below it",
    },
}
_OTHER = {"a": "b", "b": "a"}
TOLD = (  # columns of a row that reasons refer to
    *(
        "framework",
        "period",
        "agency",
        "agency_text",
        "item",
        "item_text",
        "part",
        "source",
        "stage",
        "value_text",
        "unit",
    ),
    *("unit_expected", "value", "valid_min", "valid_max", "counterpart"),
)
_TEXTS = ("agency", "agency_text", "item_text", "source", "stage", "value_text", "unit")
_NUMBERS = ("value", "valid_min", "valid_max", "counterpart")


def show_number(number: float, language: str) -> str:
    """Return a number as the language writes it.

    >>> show_number(1234.5, "vi"), show_number(1234.5, "en"), show_number(100.0, "vi")
    ('1.234,5', '1,234.5', '100')
    """
    if not math.isfinite(number):
        return "∞" if number > 0 else "-∞" if number < 0 else _WORDS[language]["empty"]
    text = f"{number:,.6f}".rstrip("0").rstrip(".") if number == 0 or 1e-6 <= abs(number) < 1e15 else f"{number:g}"
    return text.translate(str.maketrans(",.", ".,")) if language == VI else text


def reason(rule: Rule, row: Mapping[str, Any], language: str) -> str:
    """Return why a row was refused.

    Args:
        rule: The rule it breaks.
        row: A CANDIDATE row with `item_evidence`, `period_stated` and, where several rows give the same figure, `given`:
            the list of what they give and where.
        language: `vi` or `en`.
    """
    words = _WORDS[language]
    fields = {name: str(row[name]) or words["empty"] for name in _TEXTS}
    fields |= {name: show_number(row[name], language) for name in _NUMBERS}
    evidence = row["item_evidence"]
    given = row["given"] if isinstance(row["given"], list) else []
    fields |= {
        "framework": row["framework"],
        "period": row["period"],
        "period_stated": str(row["period_stated"]),
        "item": row["item"] or fields["item_text"],
        "unit_expected": row["unit_expected"] or words["count"],
        "evidence": words.get(evidence, words["empty"]),
        "part": words.get(row["part"], row["part"]),
        "other_part": words.get(_OTHER.get(row["part"], ""), ""),
        "times": str(len(given)),
        "given": "; ".join(given[:SHOWN]) + ("; ..." if len(given) > SHOWN else ""),
    }
    return (rule.reason_vi if language == VI else rule.reason_en).format(**fields)
