"""What an agency is told, in Vietnamese: what to do about each rule, and how its return comes back."""

import math
import re

from tasks.feedback.cells import is_computed
from tasks.sources.messages import shown, visible
from tasks.sources.tables import label_of
from warehouse.frames import as_written

# The reader passes over sheets that are called a "danh mục": what stands on it is never taken for figures.
LIST_TITLE = "Danh mục cần sửa"
HEADLINE = "CÁC Ô CẦN SỬA TRONG BÁO CÁO"
PARTS = {"a": "tử số", "b": "mẫu số"}
_NEW_DATE, _NEW_NUMBER = "Khi gửi lại: ghi ngày gửi mới.", "Khi gửi lại: tăng số lần gửi thêm 1."
# Label in the block of the form, without marks, to what is to be done there.
ON_RESENDING = {
    **dict.fromkeys(("ngay gui", "ngay lap", "ngay nop", "ngay bao cao"), _NEW_DATE),
    **dict.fromkeys(("lan gui", "lan bao cao", "lan nop", "lan thu"), _NEW_NUMBER),
}
STEPS = (
    "Sửa từng ô được tô màu đỏ nhạt ngay trên các trang của tệp này; di chuột vào ô để đọc lý do.",
    "Đừng đổi tên trang, đừng xóa hay thêm cột. Trang danh mục này không phải là một phần của báo cáo.",
    "Ở đầu biểu (ô màu vàng), ghi ngày gửi mới và tăng số lần gửi thêm 1, rồi lưu và gửi lại cả tệp.",
    "Bản gửi sau thay bản gửi trước; bản trước vẫn được lưu để đối chiếu.",
    "Công thức do cơ quan tự thêm đã được thay bằng giá trị mà hệ thống đọc được.",
)
STEPS_WITHOUT_RETURN = (
    "Không có bảng nào để đánh dấu: tệp đã gửi không đọc được.",
    "Điền lại vào biểu mẫu đã được gửi cho cơ quan và gửi lại cả tệp dưới dạng XLSX.",
)
_OTHERWISE = "Sửa ô này theo lý do đã nêu; nếu số liệu đúng, ghi rõ căn cứ ở cột ghi chú."
ACTIONS = {
    "agency_is_known": "Ghi tên đầy đủ của cơ quan ở đầu biểu, đúng như trong văn bản pháp lý.",
    "agency_is_ranked": "Kiểm tra lại tên cơ quan ở đầu biểu; báo cáo này dành cho cơ quan thuộc diện xếp hạng.",
    "item_is_known": "Ghi đúng mã tiêu chí của biểu mẫu, hoặc xóa dòng không thuộc bộ chỉ số.",
    "item_is_reported_here": "Xóa số liệu ở dòng này; tiêu chí được đo bằng cách khác, cơ quan không phải báo cáo.",
    "period_matches": "Ghi đúng kỳ báo cáo ở đầu biểu và kiểm tra số liệu có đúng là của kỳ đó không.",
    "stage_is_known": "Gửi lại theo đúng biểu mẫu tự đánh giá.",
    "unit_is_expected": "Quy đổi số liệu sang đơn vị tính của tiêu chí và ghi lại đơn vị tính.",
    "value_is_a_number": "Ghi một con số, không ghi chữ, ngày tháng hay công thức; để trống nếu chưa có số liệu.",
    "value_not_below_minimum": "Kiểm tra dấu và đơn vị tính, ghi lại số không nhỏ hơn mức nhỏ nhất.",
    "value_not_above_maximum": "Kiểm tra dấu phẩy thập phân và đơn vị tính, ghi lại số không vượt mức lớn nhất.",
    "value_is_whole": "Ghi một số nguyên.",
    "ratio_is_complete": "Điền đủ cả tử số và mẫu số.",
    "denominator_is_positive": "Ghi mẫu số lớn hơn 0; để trống cả hai ô nếu không phát sinh.",
    "numerator_not_above_denominator": "Kiểm tra tử số và mẫu số có đổi chỗ hay khác đơn vị tính không, rồi ghi lại.",
    "item_not_above_limit": "Kiểm tra lại cả hai số liệu nêu trong lý do và đơn vị tính của chúng, rồi ghi lại số sai.",
    "evidence_is_named": "Ghi số, ký hiệu, ngày hoặc đường dẫn của văn bản ở cột tài liệu minh chứng.",
    "observation_is_unique": "Chỉ giữ lại một dòng cho số liệu này và xóa các dòng còn lại.",
    "ratio_partner_refused": "Sửa ô còn lại của tỷ lệ; ô này giữ nguyên nếu đã đúng.",
}
_REFUSALS = (
    (r"The file is empty\.", "Tệp rỗng."),
    (r"The file is an HTML page", "Tệp là một trang web, không phải bảng tính."),
    (r"The file is a PDF", "Tệp là PDF, không phải bảng tính."),
    (r"protected by a password", "Tệp bị đặt mật khẩu; hãy lưu lại không có mật khẩu."),
    (r"old format \.xls|binary format|OpenDocument", "Tệp không ở định dạng XLSX; hãy lưu lại dưới dạng XLSX."),
    (r"not an Excel workbook|packed in a way", "Tệp là một tệp nén, không phải bảng tính XLSX."),
    (r"truncated or damaged|is damaged|declares a document type|no worksheet", "Tệp bị hỏng hoặc bị cắt cụt."),
    (r"unpacks to more|further than any return|more rows|parts, which|merged ranges", "Tệp lớn hơn mọi báo cáo."),
    (
        r"neither UTF-8 nor UTF-16|not a text",
        "Không đọc được bảng mã của tệp CSV; hãy lưu lại dạng CSV UTF-8 hoặc XLSX.",
    ),
    (r"cannot be read as CSV", "Không đọc được tệp CSV: có thể thiếu dấu ngoặc kép đóng."),
    (r"header row is missing", "Bảng số liệu thiếu dòng tiêu đề."),
    (r"holds no table of a return", "Tệp không có bảng số liệu theo biểu mẫu."),
    (r"does not name the reporting agency", "Đầu biểu không ghi tên cơ quan báo cáo."),
    (r"is on the form", "Báo cáo lập theo biểu mẫu của bộ chỉ số khác."),
    (r"has no figure in it", "Báo cáo không có số liệu nào."),
    (r"has no column", "Bảng số liệu thiếu cột của biểu mẫu."),
    (r"has \d+ columns", "Bảng số liệu có hai cột cùng ý nghĩa."),
)
_EXACT = re.compile(r"=-?\d[\w.+-]*")


def action(rule: str) -> str:
    """Return what the agency is to do about a cell that a rule refused."""
    return ACTIONS.get(rule, _OTHERWISE)


def refusal(message: str) -> str:
    """Return in Vietnamese why a whole file was refused, with the message as it was recorded.

    >>> refusal("The file is a PDF, not a spreadsheet. Ask for the table as XLSX.")
    'Tệp là PDF, không phải bảng tính. (The file is a PDF, not a spreadsheet. Ask for the table as XLSX.)'
    """
    known = next((said for pattern, said in _REFUSALS if re.search(pattern, message)), "Không đọc được tệp.")
    return f"{known} ({spoken(message)})"


def spoken(text: str) -> str:
    """Return a sentence of the warehouse as people read it: on one line, numbers without the mark of exactness.

    >>> spoken("Giá trị =1.5 tính bằng “điểm”")
    'Giá trị 1,5 tính bằng “điểm”'
    """
    return " ".join(visible(_EXACT.sub(lambda found: _number(found[0]), text), " ").split())


def quoted(value_text: str) -> str | float:
    """Return a figure as the list shows it: a number as a number, anything else in quotation marks.

    >>> quoted("=1.5"), quoted("=SUM(J1:J9)"), quoted("Tử số (a)")
    (1.5, '“=SUM(J1:J9)”', 'Ô ghi “Tử số (a)”')
    """
    if _EXACT.fullmatch(value_text) and (number := _exact(value_text)) is not None:
        return number
    mark = "Ô ghi " if label_of(value_text) else ""
    return f"{mark}“{shown(value_text)}”"


def inert(text: str) -> str:
    """Return a text that no spreadsheet computes, whichever way it gets there.

    >>> inert("@SUM(A1)"), inert("CQS.1")
    ("'@SUM(A1)", 'CQS.1')
    """
    return f"'{text}" if is_computed(text) else text


def _exact(text: str) -> float | None:
    """The number that a text marks as exact; None where it is none, or too large for a cell."""
    plain = as_written(text)
    return float(plain) if plain != text and math.isfinite(float(plain)) else None


def _number(text: str) -> str:
    """An exact number as it is written in Vietnam; anything else stays."""
    number = _exact(text)
    return text if number is None else f"{number:,.15g}".translate(str.maketrans(",.", ".,"))
