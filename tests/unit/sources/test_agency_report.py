import random
import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.harmonise.numbers import parse_number
from tasks.sources.agency_report import SOURCE
from tests.unit.sources.conftest import HEADER
from warehouse.errors import BatchRefused
from warehouse.frames import READING

CSV = """\
Cơ quan báo cáo: Bộ Văn hóa, Thể thao và Du lịch
Kỳ báo cáo: 2020
Mã tiêu chí;Tiêu chí;ĐVT;Giá trị;Tử số (a);Mẫu số (b);Tài liệu minh chứng

A.1;Tỷ lệ cán bộ được tập huấn;%;;1.045;2.090;12/BC
A.3;Số người phụ trách;người;1.234,5;;;"Báo cáo
số 7"
B.1;Tỷ lệ phủ sóng;%;98,5%;;;13/BC
"""


@pytest.fixture(scope="module")
def parts(framework):
    """Read a return into (locator, item, part, text of the figure)."""

    def read(content):
        found = SOURCE.read(content, framework)
        return found[["locator", "item_text", "part", "value_text"]].to_numpy().tolist()

    return read


@pytest.fixture(scope="module")
def why_not(framework):
    """Read what cannot be read; give the sentence."""

    def read(content):
        with pytest.raises(BatchRefused) as error:
            SOURCE.read(content, framework)
        assert error.value.hint
        return error.value.message

    return read


def row(number, code, name, unit, value=None, a=None, b=None, evidence="1/BC"):
    return [number, code, name, unit, value, a, b, evidence, None]


def test_read__one_row_per_figure_with_its_cell(filled_in, parts):
    assert parts(filled_in()) == [
        ["CQS!F7", "A.1", "a", "=45"],
        ["CQS!G7", "A.1", "b", "=90"],
        ["CQS!E8", "A.2", "value", "Có"],
        ["CQS!E9", "A.3", "value", "=1.234"],
    ]


def test_read__carries_what_the_block_says(filled_in, framework):
    first = SOURCE.read(filled_in(), framework).iloc[0]
    assert first["agency_text"] == "UBND tỉnh Bắc Ninh"
    assert (first["period_text"], first["form_version"]) == ("Năm 2020", "tiny/1")
    assert (first["submitted_text"], first["stage"], first["evidence_text"]) == (
        "15/01/2021",
        "self_reported",
        "Báo cáo 12/BC",
    )


def test_read__gives_the_declared_frame(filled_in, framework):
    found = SOURCE.read(filled_in(), framework)
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == READING.columns
    assert found["locator"].is_unique


def test_read__blank_figures_give_no_rows(filled_in, parts):
    assert [found[0] for found in parts(filled_in(rows=[row(1, "A.1", "x", "%"), row(2, "A.3", "y", "người", 0)]))] == [
        "CQS!E8"
    ]


def test_read__totals_sections_and_higher_nodes_give_no_rows(filled_in, parts):
    rows = [
        row("I", "I", "CHÍNH QUYỀN SỐ", None, 50),
        row(None, "A", "Chính quyền số", None, 50),
        row(1, "A.3", "x", "người", 5),
        row(None, None, "Tổng cộng", None, 55),
        row(None, None, None, None, 55),
    ]
    assert [found[1] for found in parts(filled_in(rows=rows))] == ["A.3"]


def test_read__an_unknown_criterion_is_read_with_all_that_was_filled_in(filled_in, parts):
    rows = [row(1, "A.3", "x", "người", 5), row(2, "A.99", "y", "%", 50, 1, 2)]
    assert parts(filled_in(rows=rows))[1:] == [
        ["CQS!E8", "A.99", "value", "=50"],
        ["CQS!F8", "A.99", "a", "=1"],
        ["CQS!G8", "A.99", "b", "=2"],
    ]


def test_read__of_a_ratio_the_quotient_counts_only_where_both_parts_are_blank(filled_in, parts):
    rows = [row(1, "A.1", "x", "%", 50, 1, 2)]
    assert [found[2] for found in parts(filled_in(rows=rows))] == ["a", "b"]
    assert [found[2] for found in parts(filled_in(rows=[row(1, "A.1", "x", "%", 50)]))] == ["value"]
    assert [found[2] for found in parts(filled_in(rows=[row(1, "A.1", "x", "%", 50, 1)]))] == ["a"]


def test_read__of_another_criterion_the_parts_count_only_where_the_value_is_blank(filled_in, parts):
    assert [found[2] for found in parts(filled_in(rows=[row(1, "A.3", "x", "người", 5, 1, 2)]))] == ["value"]
    assert [found[2] for found in parts(filled_in(rows=[row(1, "A.3", "x", "người", None, 1, 2)]))] == ["a", "b"]


def test_read__a_row_without_a_code_is_known_by_its_name(filled_in, parts):
    assert [found[1] for found in parts(filled_in(rows=[row(1, None, "Số người phụ trách", "người", 5)]))] == [
        "Số người phụ trách"
    ]


def test_read__codes_may_stand_in_the_column_of_numbers(filled_in, parts):
    header = ["TT", "Tiêu chí", "ĐVT", "Giá trị", "Minh chứng"]
    rows = [["A.3", "x", "người", 5, "1/BC"]]
    assert parts(filled_in(rows=rows, header=header)) == [["CQS!D7", "A.3", "value", "=5"]]


def test_read__the_unit_of_a_ratio_is_not_the_unit_of_its_parts(filled_in, framework):
    units = [
        SOURCE.read(filled_in(rows=[row(1, "A.1", "x", unit, None, 1, 2)]), framework)["unit_text"].tolist()
        for unit in ("%", "nghìn người")
    ]
    assert units == [["", ""], ["nghìn người", "nghìn người"]]


def test_read__a_typed_percentage_and_a_formatted_one_are_the_same(filled_in, parts):
    rows = [row(1, "B.1", "x", "%", "98,5%"), row(2, "B.1", "x", "%", 0.985)]
    texts = [found[3] for found in parts(filled_in(rows=rows, formats={"CQS": {"E8": "0.0%"}}))]
    assert texts == ["98,5%", "98,5%"]


def test_read__a_formula_without_a_value_is_no_number(filled_in, parts):
    (found,) = parts(filled_in(rows=[row(1, "A.3", "x", "người", "=SUM(A1:A3)")]))
    assert found[3] == "=SUM(A1:A3)"
    assert parse_number(found[3]).value is None


def test_read__a_date_in_place_of_a_number_is_no_number(filled_in, parts):
    (found,) = parts(filled_in(rows=[row(1, "A.3", "x", "người", date(2020, 3, 12))]))
    assert parse_number(found[3]).value is None


def test_read__merged_headers_of_two_rows(workbook, parts):
    upper = ["STT", "Mã tiêu chí", "Tiêu chí", "ĐVT", "Số liệu", None, None, "Tài liệu minh chứng", "Ghi chú"]
    lower = [None, None, None, None, "Giá trị", "Tử số (a)", "Mẫu số (b)"]
    merged = ["A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:G3", "H3:H4", "I3:I4"]
    rows = [
        ["Cơ quan báo cáo: Huế"],
        [],
        upper,
        lower,
        row(1, "A.1", "x", "%", None, 1, 2),
        row(2, "A.3", "y", "người", 3),
    ]
    assert parts(workbook({"S": rows}, merged={"S": merged})) == [
        ["S!F5", "A.1", "a", "=1"],
        ["S!G5", "A.1", "b", "=2"],
        ["S!E6", "A.3", "value", "=3"],
    ]


def test_read__one_sheet_per_pillar_and_sheets_that_are_not_the_return(workbook, framework):
    from_conftest = [["Cơ quan báo cáo:", "Bắc Ninh"], ["Mã tiêu chí", "Giá trị", "Minh chứng"]]
    found = SOURCE.read(
        workbook(
            {
                "Hướng dẫn": [
                    ["Cơ quan báo cáo:", "ghi tên cơ quan"],
                    ["Mã tiêu chí", "ĐVT", "Minh chứng"],
                    ["A.3", "người", "x"],
                ],
                "CQS": [*from_conftest, ["A.3", 5, "1/BC"]],
                "KTS": [["Mã tiêu chí", "Giá trị", "Minh chứng"], ["B.1", 50, "2/BC"]],
                "Biểu đồ": [["A.1", 1], ["A.2", 2], ["A.3", 3], ["B.1", 4]],
            }
        ),
        framework,
    )
    assert found[["locator", "agency_text"]].to_numpy().tolist() == [["CQS!B3", "Bắc Ninh"], ["KTS!B2", "Bắc Ninh"]]


def test_read__the_block_may_stand_on_a_cover(workbook, framework):
    table = [["Mã tiêu chí", "Giá trị", "Minh chứng"], ["A.3", 5, "1/BC"]]
    found = SOURCE.read(
        workbook({"Thông tin chung": [["Cơ quan báo cáo:", "Huế"], ["Lần gửi: 2"], ["Mẫu biểu: tiny/1"]], "S": table}),
        framework,
    )
    assert found[["agency_text", "form_version"]].to_numpy().tolist() == [["Huế", "tiny/1#2"]]


def test_read__notes_and_signatures_below_the_table_give_no_rows(filled_in, parts):
    below = [
        [],
        ["Ghi chú: (1) số liệu ước tính"],
        [None, None, None, None, None, "Bắc Ninh, ngày 15 tháng 01 năm 2021"],
        ["Người lập biểu", None, None, None, "KT. CHỦ TỊCH"],
        ["Nguyễn Văn A", "Nguyễn Văn A", None, None, "Trần Thị B"],
    ]
    assert len(parts(filled_in(rows=[row(1, "A.3", "x", "người", 5), *below]))) == 1


def test_read__a_note_between_criteria_ends_nothing(filled_in, parts):
    rows = [row(1, "A.3", "x", "người", 5), ["Ghi chú: xem phụ lục"], row(2, "B.1", "y", "%", 5)]
    assert [found[1] for found in parts(filled_in(rows=rows))] == ["A.3", "B.1"]


def test_read__decomposed_text_reads_like_composed_text(filled_in, framework):
    def decomposed(rows):
        return [[nfd(cell) if isinstance(cell, str) else cell for cell in cells] for cells in rows]

    header = ["STT", "Mã tiêu chí", "Tiêu chí", "Đơn vị tính", "Giá trị", "", "", "Tài liệu kiểm chứng"]
    rows = [row(1, "A.2", "Ban hành kế hoạch", "có/không", "Có")]
    block = [["Cơ quan báo cáo:", "Đà Nẵng"]]
    content = filled_in(rows=decomposed(rows), block=decomposed(block), header=decomposed([header])[0])
    found = SOURCE.read(content, framework)
    assert found[["agency_text", "value_text", "item_text"]].to_numpy().tolist() == [[nfd("Đà Nẵng"), nfd("Có"), "A.2"]]


def nfd(text):
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_read__a_csv_in_its_encodings_and_delimiters(parts, encoding, delimiter):
    assert parts(CSV.replace(";", delimiter).encode(encoding)) == [
        ["line 5 column 5", "A.1", "a", "1.045"],
        ["line 5 column 6", "A.1", "b", "2.090"],
        ["line 6 column 4", "A.3", "value", "1.234,5"],
        ["line 8 column 4", "B.1", "value", "98,5%"],
    ]


def test_read__a_csv_with_commas_keeps_names_whole(framework):
    text = 'Cơ quan báo cáo: Bộ Văn hóa, Thể thao và Du lịch\nMã tiêu chí,Giá trị,Minh chứng\nA.3,"1.234,5",1/BC\n'
    found = SOURCE.read(text.encode(), framework)
    assert found[["agency_text", "value_text"]].to_numpy().tolist() == [["Bộ Văn hóa, Thể thao và Du lịch", "1.234,5"]]


def test_read__a_csv_of_a_million_empty_lines_is_read(parts):
    assert len(parts((CSV + "\n" * 1_000_000).encode())) == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"<html><body>502 Bad Gateway", "The file is an HTML page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old format .xls"),
        (b"PK\x03\x04truncated", "truncated or damaged"),
        ("Cơ quan;Tỉnh".encode()[:-1] + b"\xd2", "neither UTF-8 nor UTF-16"),
        (b"just some text", "holds no table of a return, with the columns 'Mã tiêu chí', 'Giá trị'"),
        ("Mã tiêu chí;Giá trị;Minh chứng\n;;\n".encode() + b"A.3;1;x\n" * 20_001, "more than 20000 rows"),
    ],
)
def test_read__refuses_what_is_no_return(why_not, content, said):
    assert said in why_not(content)


def test_read__a_truncated_workbook_is_refused(filled_in, why_not):
    content = filled_in()
    assert "truncated or damaged" in why_not(content[: len(content) // 2])


def test_read__a_return_that_names_no_agency_is_refused(filled_in, why_not):
    assert (
        why_not(filled_in(block=[["Kỳ báo cáo:", "2020"]]))
        == "The return does not name the reporting agency ('Cơ quan báo cáo')."
    )


def test_read__a_form_of_another_edition_is_refused(filled_in, why_not):
    block = [["Cơ quan báo cáo:", "Huế"], ["Mẫu biểu:", "tiny_2022/1"]]
    assert "on the form 'tiny_2022/1', not on a form of tiny" in why_not(filled_in(block=block))


def test_read__a_return_without_a_single_figure_is_refused(filled_in, why_not):
    assert why_not(filled_in(rows=[row(1, "A.1", "x", "%")])) == "The return of UBND tỉnh Bắc Ninh has no figure in it."


@pytest.mark.parametrize(
    ("gone", "rows", "said"),
    [
        ("Tài liệu minh chứng", [row(1, "A.3", "x", "người", 5)], "'CQS' has no column 'Tài liệu minh chứng'"),
        ("Mẫu số (b)", [row(1, "A.1", "x", "%", None, 1, 2)], r"'CQS' has no column 'Mẫu số (b)'"),
        ("Giá trị", [row(1, "A.3", "x", "người", 5)], "'CQS' has no column 'Giá trị'"),
    ],
)
def test_read__a_missing_column_that_the_criteria_need_is_named(filled_in, why_not, gone, rows, said):
    assert said in why_not(filled_in(rows=rows, header=["" if name == gone else name for name in HEADER]))


def test_read__a_column_that_no_criterion_needs_may_be_missing(filled_in, parts):
    header = ["STT", "Mã tiêu chí", "Tiêu chí", "ĐVT", "Giá trị", "", "", "Tài liệu minh chứng"]
    assert len(parts(filled_in(rows=[row(1, "A.3", "x", "người", 5)], header=header))) == 1


def test_read__a_sheet_that_lost_its_header_is_not_passed_over(workbook, why_not):
    good = [["Cơ quan báo cáo:", "Huế"], ["Mã tiêu chí", "Giá trị", "Minh chứng"], ["B.1", 5, "x"]]
    lost = [[1, "A.1", 5], [2, "A.2", 6], [3, "A.3", 7]]
    assert (
        why_not(workbook({"KTS": good, "CQS": lost}))
        == "The sheet 'CQS' lists criteria, but its header row is missing."
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_read__damaged_bytes_are_read_or_refused_but_never_crash(filled_in, framework, seed):
    rng = random.Random(seed)
    content = bytearray(filled_in())
    for _ in range(rng.randint(1, 12)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    try:
        found = SOURCE.read(bytes(content), framework)
    except BatchRefused as refusal:
        assert refusal.message  # noqa: PT017 - either outcome is right
    else:
        assert list(found.columns) == list(READING.columns)


def test_read__a_message_shows_no_control_characters(framework):
    text = (
        "Cơ quan báo cáo:\t\x1b[2JBắc Ninh\x9b\nMã tiêu chí\tGiá trị\tTử số (a)\tMẫu số (b)\tTài liệu minh chứng\nA.2\n"
    )
    with pytest.raises(BatchRefused, match="has no figure") as error:
        SOURCE.read(text.encode(), framework)
    assert str(error.value).isprintable()
