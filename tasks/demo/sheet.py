"""The form of a return as plain rows, before it becomes an XLSX or a CSV."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tasks.demo.latent import Figures
from tasks.harmonise.periods import period_end
from tasks.returns.layout import new_sections
from tasks.returns.versions import form_name
from tasks.returns.wording import spoken_period, vietnamese_number
from tasks.sources.sheetscan import column_letters
from warehouse.frameworks.model import Framework, Node

SYNTHETIC = "DỮ LIỆU MÔ PHỎNG (SYNTHETIC): số liệu được tạo ra để thử nghiệm, không phải số liệu thật"
COLUMNS = ("ordinal", "code", "name", "unit", "value", "a", "b", "evidence", "note")
_WIDTHS = (6, 13, 60, 14, 14, 14, 14, 44, 22)
_HEADERS = (
    ("STT", "Mã tiêu chí", "Tiêu chí", "ĐVT", "Giá trị", "Tử số (a)", "Mẫu số (b)", "Tài liệu minh chứng", "Ghi chú"),
    (
        "TT",
        "Mã số",
        "Tên tiêu chí",
        "Đơn vị tính",
        "Số liệu",
        "Tử số (a)",
        "Mẫu số (b)",
        "Tài liệu kiểm chứng",
        "Ghi chú",
    ),
    ("STT", "MÃ TIÊU CHÍ", "TIÊU CHÍ", "ĐVT", "GIÁ TRỊ", "TỬ SỐ (a)", "MẪU SỐ (b)", "TÀI LIỆU MINH CHỨNG", "GHI CHÚ"),
)
_GROUP_HEADER = "Số liệu báo cáo"

Value = str | float | int | date | None


@dataclass
class Row:
    """One criterion of a return, as the agency wrote it.

    Attributes:
        node: The criterion; None for a row whose code the framework does not have.
        cells: Column to what stands in it.
        formats: Column to number format, where it has one.
    """

    node: Node | None
    cells: dict[str, Value]
    formats: dict[str, str] = field(default_factory=dict)


@dataclass
class Habits:
    """How an agency fills in forms.

    Attributes:
        header: Which of the header spellings its form has.
        two_rows: Whether the header takes two rows with merged cells.
        numbers_as_text: Whether numbers are typed as Vietnamese text.
        decomposed: Whether text comes in Unicode form NFD.
        one_cell: Whether label and value of the block share a cell.
        date_as_text: Whether the date is text.
    """

    header: int = 0
    two_rows: bool = True
    numbers_as_text: bool = False
    decomposed: bool = False
    one_cell: bool = False
    date_as_text: bool = True


@dataclass
class Form:
    """One return.

    Attributes:
        framework: The framework.
        agency_text: The agency as it spells itself.
        period: The period.
        submitted: Date of the return.
        revision: For which time it is sent.
        habits: How it is filled in.
        branches: Title of a sheet to its rows.
    """

    framework: Framework
    agency_text: str
    period: str
    submitted: date
    revision: int
    habits: Habits
    branches: dict[str, list[Row]]


@dataclass
class Grid:
    """The cells of one sheet, with where each criterion came to stand.

    Attributes:
        title: Title of the sheet.
        rows: Cells from A1 on; None is empty.
        merged: Merged ranges such as `E9:G9`.
        formats: Number formats by row and column, from 0.
        header: Rows of the table's header, from 0.
        places: Row of the sheet, from 0, of each `Row`, by its identity.
    """

    title: str
    rows: list[list[Value]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    header: range = range(0)
    places: dict[int, int] = field(default_factory=dict)

    @property
    def widths(self) -> dict[str, int]:
        """Width of each column, in letters."""
        return {column_letters(at): width for at, width in enumerate(_WIDTHS)}


def clean_row(figures: Figures, evidence: str) -> Row:
    """Return a row that is filled in as the form asks."""
    node = figures.node
    cells: dict[str, Value] = {"code": node.code, "name": node.name, "unit": node.unit, "evidence": evidence}
    for part, figure in figures.parts.items():
        cells[part] = int(figure) if float(figure).is_integer() else figure
    return Row(node, cells)


def lay_out(form: Form) -> list[Grid]:
    """Return the sheets of a return: one per branch of the tree, each with its block, table, notes and signatures."""
    return [_grid(form, title, rows) for title, rows in form.branches.items()]


def guide(framework: Framework) -> Grid:
    """Return the sheet that explains the form and carries no figures."""
    lines = (
        SYNTHETIC,
        "HƯỚNG DẪN LẬP BÁO CÁO",
        f"Mẫu biểu {form_name(framework)}: {framework.description.title_vi}",
        "Cột Giá trị: số liệu theo đơn vị tính đã ghi. Tiêu chí là tỷ lệ: chỉ ghi tử số (a) và mẫu số (b).",
        "Cột Tài liệu minh chứng: số, ký hiệu, ngày ban hành hoặc đường dẫn của văn bản.",
        "Dấu chấm phân cách hàng nghìn, dấu phẩy phân cách phần thập phân: 1.234,5.",
    )
    return Grid("Hướng dẫn", [[line] for line in lines])


def _grid(form: Form, title: str, rows: Sequence[Row]) -> Grid:
    grid = Grid(title)
    grid.rows += _block(form)
    _add_header(grid, form.habits)
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        for ancestor in new_sections(form.framework, row.node, seen):
            grid.rows.append([None, ancestor.code, ancestor.name, None, None, None, None, None, None])
        grid.places[id(row)] = len(grid.rows)
        for column, pattern in row.formats.items():
            grid.formats[len(grid.rows), COLUMNS.index(column)] = pattern
        grid.rows.append([_typed({**row.cells, "ordinal": number}, column, row, form.habits) for column in COLUMNS])
    grid.rows += _foot(form)
    if form.habits.decomposed:
        grid.rows = [[_nfd(cell) for cell in row] for row in grid.rows]
    return grid


def _block(form: Form) -> list[list[Value]]:
    day: Value = form.submitted.strftime("%d/%m/%Y") if form.habits.date_as_text else form.submitted
    said: list[tuple[str, Value]] = [
        ("Cơ quan báo cáo", form.agency_text),
        ("Kỳ báo cáo", form.period if form.habits.one_cell else spoken_period(form.period)),
        ("Mẫu biểu", form_name(form.framework)),
        ("Ngày gửi", day),
        ("Lần gửi", form.revision),
    ]
    title = f"BÁO CÁO SỐ LIỆU: {form.framework.description.title_vi or form.framework.name}"
    if form.habits.one_cell:
        labelled: list[list[Value]] = [[f"{label}: {_shown(value)}"] for label, value in said]
    else:
        labelled = [[f"{label}:", None, value] for label, value in said]
    return [[SYNTHETIC], [title], *labelled, []]


def _shown(value: Value) -> str:
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)


def _add_header(grid: Grid, habits: Habits) -> None:
    labels = list(_HEADERS[habits.header])
    if not habits.two_rows:
        grid.header = range(len(grid.rows), len(grid.rows) + 1)
        grid.rows.append(list(labels))
        return
    grid.header = range(len(grid.rows), len(grid.rows) + 2)
    top = len(grid.rows) + 1
    first, last = COLUMNS.index("value"), COLUMNS.index("b")
    upper: list[Value] = [None if first < at <= last else label for at, label in enumerate(labels)]
    upper[first] = _GROUP_HEADER
    lower: list[Value] = [label if first <= at <= last else None for at, label in enumerate(labels)]
    grid.rows += [upper, lower]
    grid.merged.append(f"{column_letters(first)}{top}:{column_letters(last)}{top}")
    for at in range(len(labels)):
        if not first <= at <= last:
            grid.merged.append(f"{column_letters(at)}{top}:{column_letters(at)}{top + 1}")


def _typed(cells: dict[str, Value], column: str, row: Row, habits: Habits) -> Value:
    value = cells.get(column)
    is_figure = column in ("value", "a", "b") and isinstance(value, int | float) and column not in row.formats
    if habits.numbers_as_text and is_figure and isinstance(value, int | float):
        is_percent = column == "value" and cells.get("unit") == "%"
        return vietnamese_number(value, "%" if is_percent else "")
    return value


def _foot(form: Form) -> list[list[Value]]:
    return [
        [],
        [f"Ghi chú: số liệu tính đến ngày {period_end(form.period):%d/%m/%Y}; {SYNTHETIC}."],
        [None, None, None, None, None, f"Ngày {form.submitted:%d} tháng {form.submitted:%m} năm {form.submitted:%Y}"],
        ["Người lập biểu", None, None, None, None, "THỦ TRƯỞNG CƠ QUAN"],
        ["(Ký, ghi rõ họ tên)", None, None, None, None, "(Ký tên, đóng dấu)"],
    ]


def _nfd(value: Value) -> Value:
    return unicodedata.normalize("NFD", value) if isinstance(value, str) else value
