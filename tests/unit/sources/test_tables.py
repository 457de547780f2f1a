import unicodedata

import pytest

from tasks.sources.tables import find_tables, is_guide, label_of, lists_codes_without_header
from tasks.sources.workbook import Sheet
from warehouse.errors import BatchRefused


def sheet(*rows, merged=(), name="CQS", is_hidden=False):
    width = max(map(len, rows))
    cells = [["" if cell is None else cell for cell in row] + [""] * (width - len(row)) for row in rows]
    return Sheet(name, cells, list(range(1, len(rows) + 1)), is_hidden, list(merged))


def columns(*rows, **kwargs):
    (table,) = find_tables(sheet(*rows, **kwargs))
    return {meaning: at[0] if len(at) == 1 else at for meaning, at in table.columns.items()}, table.first


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Mã tiêu chí", "code"),
        ("MÃ SỐ", "code"),
        ("Mã", "code"),
        ("Ma so tieu chi", "code"),
        ("STT", "ordinal"),
        ("TT", "ordinal"),
        ("Tiêu chí", "name"),
        ("Nội dung tiêu chí", "name"),
        ("ĐVT", "unit"),
        ("Đơn vị tính", "unit"),
        ("Đơn vị", "unit"),
        ("Giá trị", "value"),
        ("Số liệu", "value"),
        ("Số liệu báo cáo năm 2020", "value"),
        ("Kết quả thực hiện", "value"),
        ("Tử số (a)", "a"),
        ("Số liệu tử số (a)", "a"),
        ("(a)", "a"),
        ("Mẫu số (b)", "b"),
        ("b", "b"),
        ("Tài liệu minh chứng", "evidence"),
        ("Tài liệu\nkiểm chứng", "evidence"),
        ("Văn bản chứng minh", "evidence"),
        ("Ghi chú", "note"),
        ("Điểm tối đa", ""),
        ("Giá trị tối đa", ""),
        ("Giá trị thẩm định", ""),
        ("Số liệu năm trước", ""),
        ("Tự chấm", ""),
        ("98,5", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_label_of__knows_the_spellings(text, meaning, form):
    assert label_of(unicodedata.normalize(form, text)) == meaning


def test_find_tables__a_header_in_one_row():
    assert columns(["Báo cáo"], ["Mã tiêu chí", "Giá trị", "ĐVT"], ["A.1", 1.0, "%"]) == (
        {"code": 0, "value": 1, "unit": 2},
        2,
    )


def test_find_tables__a_header_in_two_rows_with_merged_cells():
    upper = ["Mã số", "Số liệu báo cáo", None, None, "Tài liệu kiểm chứng", None]
    lower = [None, "Giá trị", "Tử số (a)", "Mẫu số (b)", "Số, ký hiệu", "Ngày"]
    merged = [((0, 0), (1, 0)), ((0, 1), (0, 3)), ((0, 4), (0, 5))]
    assert columns(upper, lower, ["A.1", None, 1.0, 2.0, "12/BC", "1/2/2020"], merged=merged) == (
        {"code": 0, "value": 1, "a": 2, "b": 3, "evidence": (4, 5)},
        2,
    )


def test_find_tables__a_header_in_two_rows_without_merged_cells():
    upper = ["Mã số", "Số liệu", "", ""]
    lower = ["", "Giá trị", "Tử số (a)", "Mẫu số (b)"]
    assert columns(upper, lower, ["A.1", 1.0]) == ({"code": 0, "value": 1, "a": 2, "b": 3}, 2)


def test_find_tables__a_row_of_figures_is_not_the_second_row_of_a_header():
    assert columns(["Mã số", "Tiêu chí", "Giá trị"], ["A.1", "Nội dung đào tạo", 3.0])[1] == 1


@pytest.mark.parametrize("numbering", [["(1)", "(2)", "(3)"], ["A", "B", "1"], ["1", "2", "3=1/2"]])
def test_find_tables__a_row_that_numbers_the_columns_belongs_to_the_header(numbering):
    assert columns(["Mã số", "Tiêu chí", "Giá trị"], numbering, ["A.1", "x", 3.0])[1] == 2


def test_find_tables__a_row_of_small_figures_is_no_numbering():
    assert columns(["Mã số", "Tử số (a)", "Mẫu số (b)"], ["A.1", "1", "2"])[1] == 1


def test_find_tables__a_header_repeated_on_each_page_begins_a_table_of_its_own():
    tables = find_tables(sheet(["Mã số", "Giá trị"], ["A.1", 1.0], ["Mã số", "Giá trị"], ["A.2", 2.0]))
    assert [(table.first, table.end) for table in tables] == [(1, 2), (3, 4)]


@pytest.mark.parametrize(
    "rows",
    [
        [["Hướng dẫn"], ["Cột Giá trị: ghi số liệu"]],
        [["Mã tiêu chí", "Tiêu chí"], ["A.1", "x"]],
        [["Tháng", "Giá trị"], ["1", 2.0]],
        [["Mã tiêu chí", "Điểm tối đa"], ["A.1", 5.0]],
    ],
)
def test_find_tables__a_sheet_without_criteria_and_figures_has_none(rows):
    assert find_tables(sheet(*rows)) == []


def test_find_tables__criteria_without_a_column_of_figures_are_refused():
    with pytest.raises(BatchRefused, match=r"'CQS' has no column 'Giá trị' or 'Tử số \(a\)' or 'Mẫu số \(b\)'"):
        find_tables(sheet(["Mã tiêu chí", "ĐVT", "Tài liệu minh chứng"], ["A.1", "%", "x"]))


@pytest.mark.parametrize("kwargs", [{"name": "Hướng dẫn lập báo cáo"}, {"is_hidden": True}])
def test_find_tables__but_a_guide_may_list_criteria_and_evidence(kwargs):
    assert find_tables(sheet(["Mã tiêu chí", "ĐVT", "Tài liệu minh chứng"], ["A.1", "%", "x"], **kwargs)) == []


def test_find_tables__two_columns_of_figures_are_no_guess():
    with pytest.raises(BatchRefused, match="has 2 columns 'Giá trị'"):
        find_tables(sheet(["Mã số", "Giá trị", "Số liệu"], ["A.1", 1.0, 2.0]))


def test_texts__a_merged_cell_counts_in_each_of_its_rows():
    (table,) = find_tables(
        sheet(
            ["Mã số", "Giá trị", "Minh chứng"],
            ["A.1", 1.0, "12/BC"],
            ["A.2", 2.0, None],
            ["A.3", 3.0, None],
            merged=[((1, 2), (2, 2))],
        )
    )
    assert [table.texts(row, "evidence") for row in (1, 2, 3)] == [["12/BC"], ["12/BC"], []]


def test_texts__a_merged_range_of_the_whole_sheet_does_no_harm():
    (table,) = find_tables(sheet(["Mã số", "Giá trị"], ["A.1", 1.0], merged=[((1, 0), (1048575, 16383))]))
    assert table.texts(1, "code") == ["A.1"]


@pytest.mark.parametrize(("name", "expected"), [("Hướng dẫn", True), ("BIỂU ĐỒ", True), ("CQS", False), ("Bìa", True)])
def test_is_guide__by_the_name_of_the_sheet(name, expected):
    assert is_guide(sheet(["x"], name=name)) is expected


def test_lists_codes_without_header__tells_a_lost_header_from_other_lists():
    codes = {"A.1", "A.2", "A.3"}
    rows = [["A.1", 1.0], ["A.2", 2.0], ["A.3", 3.0]]
    assert lists_codes_without_header(sheet(*rows), codes)
    assert not lists_codes_without_header(sheet(["Mã tiêu chí", "Điểm tối đa"], *rows), codes)
    assert not lists_codes_without_header(sheet(*rows[:2]), codes)
