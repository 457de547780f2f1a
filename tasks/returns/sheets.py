"""The sheets of criteria: one row a criterion, with its rule in words, its input cells and their checks."""

from collections import defaultdict
from collections.abc import Sequence

from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from tasks.returns import styles
from tasks.returns.checks import (
    Check,
    denominator_check,
    is_count,
    numerator_check,
    takes_whole_numbers,
    value_check,
)
from tasks.returns.formula import quotient
from tasks.returns.layout import new_sections
from tasks.returns.wording import gives_points, how_scored, most
from tasks.sources.sheetscan import column_letters
from warehouse.frameworks.model import Framework, Node

COLUMNS = {
    "ordinal": ("STT", 6),
    "code": ("Mã tiêu chí", 13),
    "name": ("Tiêu chí", 46),
    "rule": ("Cách tính điểm, điểm tối đa", 54),
    "unit": ("ĐVT", 13),
    "a": ("Tử số (a)", 14),
    "b": ("Mẫu số (b)", 14),
    "value": ("Giá trị", 14),
    "document": ("Minh chứng: số, ký hiệu văn bản", 26),
    "date": ("Minh chứng: ngày văn bản", 14),
    "link": ("Minh chứng: đường dẫn", 30),
    "note": ("Ghi chú", 24),
}
_HOW_TO_COUNT = "Cách ghi"
LETTERS = {name: column_letters(at) for at, name in enumerate(COLUMNS)}
_LOOKS = {"ordinal": styles.TEXT, "document": styles.WORDS_INPUT, "date": styles.DATE_INPUT, "link": styles.WORDS_INPUT}
_SIGNATURES = (("Người lập biểu", "THỦ TRƯỞNG CƠ QUAN"), ("(Ký, ghi rõ họ tên)", "(Ký tên, đóng dấu)"))
_NO_PROOF = DifferentialStyle(fill=PatternFill("solid", bgColor="F8CBAD"))
_FROM_YEAR = 1990
_DATE_MESSAGE = "Nhập ngày của văn bản theo dạng ngày/tháng/năm, ví dụ 15/01/2021."
DATE_CHECK = Check("date", "between", f"DATE({_FROM_YEAR},1,1)", "DATE(2100,12,31)", _DATE_MESSAGE, style="warning")


class CriteriaSheet:
    """Writes one sheet.

    Args:
        sheet: An empty sheet.
        framework: The framework.

    Attributes:
        first: Row of the first criterion or section, from 1.
        last: Row of the last one.
    """

    def __init__(self, sheet: Worksheet, framework: Framework) -> None:
        self.first = self.last = 0
        self._sheet = sheet
        self._framework = framework
        self._checks: dict[Check, list[str]] = defaultdict(list)

    def write(self, block: Sequence[tuple[str, str]], leaves: Sequence[Node]) -> None:
        """Write everything.

        Args:
            block: Labels and values above the table.
            leaves: Its criteria in the order of the tree.
        """
        self._write_block(block)
        self._write_header()
        seen: set[str] = set()
        for number, leaf in enumerate(leaves, start=1):
            for section in new_sections(self._framework, leaf, seen):
                self._write_section(section)
            self._write_leaf(number, leaf)
        self._write_signatures()
        for check, cells in self._checks.items():
            self._sheet.add_data_validation(check.for_cells(cells))
        self._mark_missing_proof()
        arrange(self._sheet, {LETTERS[name]: width for name, (_, width) in COLUMNS.items()})
        self._set_up_view()

    def _put(self, name: str, row: int, value: object, look: styles.Look) -> None:
        cell = self._sheet[f"{LETTERS[name]}{row}"]
        cell.value = value
        look.dress(cell)

    def _fit(self, texts: dict[str, str]) -> None:
        """Make the row as high as its texts in these columns."""
        self._sheet.row_dimensions[self.last].height = styles.height(
            (text, COLUMNS[name][1]) for name, text in texts.items()
        )

    def _write_block(self, block: Sequence[tuple[str, str]]) -> None:
        title = f"BÁO CÁO SỐ LIỆU: {self._framework.description.title_vi or self._framework.name}"
        self._put("ordinal", 1, title, styles.TITLE)
        for row, (label, value) in enumerate(block, start=2):
            self._put("name", row, f"{label}:", styles.LABEL)
            self._put("rule", row, value, styles.FIXED)
        self.first = len(block) + 4

    def _write_header(self) -> None:
        labels = {name: label for name, (label, _) in COLUMNS.items()}
        if not gives_points(self._framework):
            labels["rule"] = _HOW_TO_COUNT
        for name, label in labels.items():
            self._put(name, self.first - 1, label, styles.HEADER)
        self.last = self.first - 1
        self._fit(labels)

    def _write_section(self, node: Node) -> None:
        self.last += 1
        for name in COLUMNS:
            self._put(name, self.last, None, styles.SECTION)
        self._put("code", self.last, node.code, styles.SECTION)
        self._put("name", self.last, node.name, styles.SECTION)
        self._put("rule", self.last, most(node).capitalize() or None, styles.SECTION)
        self._fit({"name": node.name})

    def _write_leaf(self, number: int, node: Node) -> None:
        self.last += 1
        said = {"ordinal": number, "code": node.code, "name": node.name, "rule": how_scored(node), "unit": node.unit}
        for name in COLUMNS:
            look = styles.TEXT if name in said else _LOOKS.get(name, styles.WORDS_INPUT)
            self._put(name, self.last, said.get(name) or None, look)
        if node.parts == ("a", "b"):
            self._write_ratio(node)
        else:
            self._write_value(node)
        self._checks[DATE_CHECK].append(f"{LETTERS['date']}{self.last}")
        self._fit({name: str(text) for name, text in said.items() if name != "code"})

    def _write_ratio(self, node: Node) -> None:
        a, b = LETTERS["a"], LETTERS["b"]
        self._input("a", is_count(node.numerator_vi), numerator_check(node, b))
        self._input("b", is_count(node.denominator_vi), denominator_check(node, a))
        self._put("value", self.last, quotient(f"{a}{self.last}", f"{b}{self.last}", node.is_percent), styles.RESULT)

    def _write_value(self, node: Node) -> None:
        for part in ("a", "b"):
            self._put(part, self.last, None, styles.SHUT)
        check = value_check(node)
        if check.kind == "list":
            self._put("value", self.last, None, styles.INPUT)
            self._checks[check].append(f"{LETTERS['value']}{self.last}")
        else:
            self._input("value", takes_whole_numbers(node), check)

    def _input(self, part: str, is_whole: bool, check: Check) -> None:
        look = styles.WHOLE_INPUT if is_whole else styles.NUMBER_INPUT
        self._put(part, self.last, None, look)
        self._checks[check].append(f"{LETTERS[part]}{self.last}")

    def _write_signatures(self) -> None:
        for row, (left, right) in enumerate(_SIGNATURES, start=self.last + 2):
            self._put("name", row, left, styles.SIGNATURE)
            self._put("document", row, right, styles.SIGNATURE)

    def _mark_missing_proof(self) -> None:
        """Colour the cell of the document where there is a figure but no document; such a figure is refused."""
        value, document, link = (f"${LETTERS[name]}{self.first}" for name in ("value", "document", "link"))
        formula = f"AND(LEN({value})>0,LEN({document}&{link})=0)"
        where = f"{LETTERS['document']}{self.first}:{LETTERS['document']}{self.last}"
        self._sheet.conditional_formatting.add(where, Rule("expression", dxf=_NO_PROOF, formula=[formula]))

    def _set_up_view(self) -> None:
        sheet = self._sheet
        sheet.column_dimensions[LETTERS["code"]].hidden = True
        sheet.freeze_panes = f"{LETTERS['rule']}{self.first}"
        sheet.print_title_rows = f"{self.first - 1}:{self.first - 1}"


def arrange(sheet: Worksheet, widths: dict[str, int]) -> None:
    """Set the widths of the columns, one page across, and protection without a password."""
    for letters, width in widths.items():
        sheet.column_dimensions[letters].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.protection.sheet = True
    sheet.protection.formatRows = False  # in this file format False means that people may
