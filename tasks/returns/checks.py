"""What may be entered for a criterion: lists to choose from, ranges, whole numbers, numerator within denominator."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from openpyxl.worksheet.datavalidation import DataValidation

from tasks.harmonise.text import nfc
from tasks.returns.wording import COUNT, has_levels, vietnamese_number
from warehouse.frameworks.model import Node

_LONGEST_LIST = 255  # characters that a spreadsheet program accepts in a list
_LONGEST_MESSAGE = 255
_NO_LIMIT = "1E+15"
_SMALLEST = "0.000001"  # a denominator is above 0, but there is no next number above it
# Quantities that come in parts, also where the text begins with "số" (number of).
_MEASURES = frozenset(["đồng", "tiền", "phí", "giờ", "phút", "km", "ha", "tấn", "gb", "tb", "kwh"])
_WHOLE_RULES = ("checklist", COUNT)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Check:
    """One check of an input cell; several cells of one column share it.

    Attributes:
        kind: Kind of entry.
        operator: How it is compared with the formulas.
        low: First formula; `{row}` is the row of the cell.
        high: Second formula, empty where the operator needs none.
        message: What is said when it is violated.
        prompt: What is said when the cell is chosen.
        style: Whether a wrong entry is refused or only warned of.
    """

    kind: Literal["whole", "decimal", "list", "date"]
    operator: Literal["between", "greaterThanOrEqual"] | None
    low: str
    high: str = ""
    message: str = ""
    prompt: str = ""
    style: Literal["stop", "warning"] = "stop"

    def for_cells(self, cells: list[str]) -> DataValidation:
        """Return the check of cells of one column, from the top; its formulas are relative to the first of them."""
        row = "".join(filter(str.isdigit, cells[0]))
        return DataValidation(
            type=self.kind,
            operator=self.operator,
            formula1=self.low.replace("{row}", row),
            formula2=self.high.replace("{row}", row) or None,
            allow_blank=True,
            errorStyle=self.style,
            showErrorMessage=True,
            errorTitle="Kiểm tra số liệu",
            error=self.message[:_LONGEST_MESSAGE],
            showInputMessage=bool(self.prompt),
            promptTitle="Hướng dẫn" if self.prompt else None,
            prompt=self.prompt[:_LONGEST_MESSAGE] or None,
            sqref=" ".join(cells),
        )


def value_check(node: Node) -> Check:
    """Return the check of the value of a criterion that is no ratio."""
    if node.rule == "binary":
        return _choice(["Có", "Không"], "Chọn Có hoặc Không.")
    if has_levels(node):
        return _choice([f"{limit:g}" for limit, _ in node.parameter("tiers")], "Chọn một mức nêu ở cột Cách tính điểm.")
    low, high = node.bounds
    if node.rule in _WHOLE_RULES and high < _LONGEST_LIST:
        counts = [str(number) for number in range(int(high) + 1)]
        if len(",".join(counts)) <= _LONGEST_LIST:
            what = "số mục đáp ứng" if node.rule == "checklist" else "một số"
            return _choice(counts, f"Chọn {what}, từ 0 đến {int(high)}.")
    is_whole = takes_whole_numbers(node)
    noun = "số nguyên" if is_whole else "số"
    reach = f"từ {vietnamese_number(low)}" + (f" đến {vietnamese_number(high)}" if math.isfinite(high) else " trở lên")
    said = f"Nhập {noun} {reach}" + (f", đơn vị tính: {node.unit}." if node.unit else ".")
    high_text = f"{high:.15g}" if math.isfinite(high) else _NO_LIMIT
    return Check("whole" if is_whole else "decimal", "between", f"{low:.15g}", high_text, said, said)


def takes_whole_numbers(node: Node) -> bool:
    """Whether the value of a criterion is a whole number."""
    return node.rule in _WHOLE_RULES or is_count(node.name_vi, node.unit)


def numerator_check(node: Node, denominator: str) -> Check:
    """Return the check of a numerator.

    Args:
        node: The ratio.
        denominator: Letters of the column of denominators.
    """
    factor, whole = _factor(node), is_count(node.numerator_vi)
    most = _NO_LIMIT
    if math.isfinite(factor):
        times = "" if factor == 1 else f"*{factor:.15g}"
        most = f"IF(ISNUMBER({denominator}{{row}}),{denominator}{{row}}{times},{_NO_LIMIT})"
    said = f"Nhập {_noun(whole)} từ 0 trở lên{_within('tử số', factor)}."
    return Check("whole" if whole else "decimal", "between", "0", most, said, said)


def denominator_check(node: Node, numerator: str) -> Check:
    """Return the check of a denominator.

    Args:
        node: The ratio.
        numerator: Letters of the column of numerators.
    """
    factor, whole = _factor(node), is_count(node.denominator_vi)
    least = "1" if whole else _SMALLEST
    if math.isfinite(factor) and factor > 0:
        times = "" if factor == 1 else f"/{factor:.15g}"
        least = f"MAX({least},N({numerator}{{row}}){times})"
    said = f"Nhập {_noun(whole)} lớn hơn 0{_within('mẫu số', factor)}."
    return Check("whole" if whole else "decimal", "greaterThanOrEqual", least, "", said, said)


def is_count(text: str, unit: str = "") -> bool:
    """Whether a Vietnamese text says that whole things are counted.

    >>> is_count("Số cán bộ", "người"), is_count("Tổng số giờ"), is_count("Kinh phí"), is_count("Số máy", "máy/100 dân")
    (True, False, False, False)
    """
    words, of_unit = (_WORD.findall(nfc(part).casefold()) for part in (text, unit))
    counts = words[:1] == ["số"] or words[:2] == ["tổng", "số"]
    return counts and _MEASURES.isdisjoint([*words[:4], *of_unit]) and "/" not in unit and "%" not in unit


def _choice(options: list[str], said: str) -> Check:
    return Check("list", None, f'"{",".join(options)}"', "", said, said)


def _factor(node: Node) -> float:
    """How many times the denominator a numerator may be."""
    return node.bounds[1] / (100.0 if node.is_percent else 1.0)


def _noun(whole: bool) -> str:
    return "số nguyên" if whole else "số"


def _within(part: str, factor: float) -> str:
    if factor != 1:
        return ""
    return ", không lớn hơn mẫu số" if part == "tử số" else ", không nhỏ hơn tử số"
