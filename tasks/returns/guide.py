"""The sheets in front of the criteria: how to fill in the form, who reports, and how far it is filled in."""

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.worksheet.worksheet import Worksheet

from tasks.returns import styles
from tasks.returns.checks import Check
from tasks.returns.sheets import DATE_CHECK, LETTERS, arrange
from tasks.returns.versions import form_name
from warehouse.frameworks.model import Framework

_GUIDE_WIDTH = 110
GUIDE, COVER = "Hướng dẫn", "Thông tin chung"
_TIMES_MESSAGE = "Nhập lần gửi: 1 cho lần đầu, 2 cho báo cáo gửi lại lần thứ nhất."
_TIMES_CHECK = Check("whole", "between", "1", "99", _TIMES_MESSAGE, _TIMES_MESSAGE)
_LINES = (
    "1. Chỉ nhập vào các ô màu vàng nhạt; các ô khác đã khóa. Không thêm, xóa hoặc đổi tên trang, hàng, cột.",
    "2. Trang Thông tin chung: nhập ngày gửi và lần gửi. Tên cơ quan và kỳ báo cáo đã được điền sẵn.",
    "3. Tiêu chí là tỷ lệ: chỉ nhập tử số (a) và mẫu số (b); cột Giá trị tự tính khi có đủ hai số.",
    "4. Tiêu chí khác: nhập cột Giá trị theo đơn vị tính đã ghi; ô có danh sách thì chọn trong danh sách"
    " (Có/Không, số mục đáp ứng, mức).",
    "5. Không có số liệu thì để trống, không ghi số 0: số 0 là một số liệu.",
    "6. Mỗi số liệu phải có minh chứng: số, ký hiệu văn bản; ngày văn bản; đường dẫn. Ô số, ký hiệu văn bản có màu cam"
    " là số liệu chưa có minh chứng và sẽ không được chấp nhận.",
    "7. Tử số không lớn hơn mẫu số nếu tiêu chí là tỷ lệ phần trăm; ô nhập sai sẽ hiện thông báo.",
    "8. Lưu tệp ở định dạng Excel (.xlsx) và gửi lại nguyên mẫu. Báo cáo gửi lại thay thế báo cáo gửi trước.",
)


@dataclass(frozen=True)
class Filled:
    """Where a sheet of criteria is.

    Attributes:
        title: Its title.
        first: First row of the table.
        last: Last row of the table.
        criteria: Number of its criteria.
    """

    title: str
    first: int
    last: int
    criteria: int


def write_guide(sheet: Worksheet, framework: Framework) -> None:
    """Write how the form is filled in."""
    title = framework.description.title_vi or framework.name
    lines = [("HƯỚNG DẪN LẬP BÁO CÁO", styles.TITLE), (f"Mẫu biểu {form_name(framework)}: {title}", styles.LABEL)]
    if framework.description.legal_basis:
        lines.append((f"Căn cứ: {framework.description.legal_basis}", styles.PARAGRAPH))
    for row, (text, look) in enumerate([*lines, *((line, styles.PARAGRAPH) for line in _LINES)], start=1):
        cell = sheet[f"A{row}"]
        cell.value = text
        look.dress(cell)
        if look is styles.PARAGRAPH:
            sheet.row_dimensions[row].height = styles.height([(text, _GUIDE_WIDTH)])
    arrange(sheet, {"A": _GUIDE_WIDTH})


def write_cover(sheet: Worksheet, block: Sequence[tuple[str, str]], filled: Sequence[Filled]) -> None:
    """Write who reports, the cells for the date and the time of sending, and how many criteria are filled in."""
    _put(sheet, "A1", "THÔNG TIN CHUNG", styles.TITLE)
    for row, (label, value) in enumerate([*block, ("Ngày gửi", None), ("Lần gửi", 1)], start=2):
        _put(sheet, f"A{row}", f"{label}:", styles.LABEL)
        _put(sheet, f"B{row}", value, styles.FIXED)
    sent = len(block) + 2
    for row, check, look in ((sent, DATE_CHECK, styles.DATE_INPUT), (sent + 1, _TIMES_CHECK, styles.WHOLE_INPUT)):
        look.dress(sheet[f"B{row}"])
        sheet.add_data_validation(check.for_cells([f"B{row}"]))
    for column, text in zip("ABC", ("Trang", "Đã nhập", "Tổng cộng"), strict=True):
        _put(sheet, f"{column}{sent + 3}", text, styles.HEADER)
    for row, one in enumerate(filled, start=sent + 4):
        _put(sheet, f"A{row}", one.title, styles.TEXT)
        _put(sheet, f"B{row}", _count(one), styles.TEXT)
        _put(sheet, f"C{row}", one.criteria, styles.TEXT)
    arrange(sheet, {"A": 44, "B": 40, "C": 12})


def _count(one: Filled) -> str:
    title = one.title.replace("'", "''")
    value = LETTERS["value"]
    return f"=SUMPRODUCT(--(LEN('{title}'!{value}{one.first}:{value}{one.last})>0))"


def _put(sheet: Worksheet, place: str, value: object, look: styles.Look) -> None:
    sheet[place].value = value
    look.dress(sheet[place])
