import pytest

from tasks.sources.base import Page
from tasks.sources.expert_panel import COLUMN_NAMES, RATING_COLUMNS, SOURCE
from tasks.sources.registry import micro_sources
from warehouse.errors import BatchRefused

HEADER = list(COLUMN_NAMES.values())
ROW = ["CG-01", "Bộ Y tế", "Tỉnh Bắc Ninh", "CQS.1.4.3", 2, 7.5, 4, "Đã có kế hoạch"]


def read(*contents):
    return SOURCE.read_answers([Page(f"experts/{at}", content) for at, content in enumerate(contents)])


def test_registry__knows_the_panel_as_answers_of_experts():
    assert micro_sources()["expert_panel"].evidence == "expert"


def test_read_answers__a_workbook_below_a_title(workbook):
    answers = read(workbook({"Phiếu": [["PHIẾU PHỎNG VẤN CHUYÊN GIA"], [], HEADER, ROW, [], ["Người lập biểu"]]}))
    assert tuple(answers.columns) == RATING_COLUMNS
    assert answers.to_numpy().tolist() == [
        ["CG-01", "Bộ Y tế", "Tỉnh Bắc Ninh", "CQS.1.4.3", "2", "=7.5", "=4", "Đã có kế hoạch"]
    ]


@pytest.mark.parametrize(
    "header",
    [
        ["Họ và tên", "Nơi công tác", "Đơn vị được chấm", "Tiêu chí", "Vòng", "Điểm chấm", "Độ chắc chắn", "Nhận xét"],
        ["CHUYÊN GIA", "ĐƠN VỊ CÔNG TÁC", "TỈNH, THÀNH PHỐ", "MÃ SỐ", "VÒNG", "ĐIỂM (1-10)", "TIN CẬY (1-5)", "LÝ DO"],
        ["expert", "employer", "agency", "criterion", "round", "rating", "confidence", "justification"],
        ["Expert ID", "Affiliation", "Judged agency", "Code", "Delphi round", "Score", "Confidence (1-5)", "Comments"],
    ],
)  # fmt: skip
def test_read_answers__headers_as_people_write_them(header):
    row = ["E1", "Bộ Y tế", "Bắc Ninh", "A.1", "2", "7,5", "80%", "tốt; rõ"]
    table = "\r\n".join(";".join(f'"{cell}"' for cell in cells) for cells in (header, row))
    assert read(table.encode("utf-8-sig")).to_numpy().tolist() == [row]


def test_read_answers__the_code_of_an_expert_goes_before_the_name():
    answers = read("Họ và tên,Mã chuyên gia,Tỉnh,Tiêu chí,Điểm\nLê Văn A,E1,Bắc Ninh,A.1,7\n".encode())
    assert answers["expert"].tolist() == ["E1"]
    assert "Lê Văn A" not in answers.to_csv()


def test_read_answers__what_is_no_part_of_a_rating_is_not_read():
    answers = read("expert,agency,criterion,rating,điện thoại\nE1,Bắc Ninh,A.1,7,0000012345\n".encode())
    assert "0000012345" not in answers.to_csv()


def test_read_answers__a_sheet_a_round(workbook):
    short = ["Chuyên gia", "Tỉnh", "Tiêu chí", "Điểm"]
    sheets = {f"Vòng {number}": [short, ["E1", "Bắc Ninh", "A.1", 5 + number]] for number in (1, 2)}
    assert read(workbook(sheets))[["round", "rating"]].to_numpy().tolist() == [["1", "=6"], ["2", "=7"]]


def test_read_answers__hidden_sheets_are_passed_over(workbook):
    assert len(read(workbook({"a": [HEADER, ROW], "b": [HEADER, ROW]}, hidden=("b",)))) == 1


def test_read_answers__all_files_of_an_entry_together():
    one, two = (f"expert,agency,criterion,rating\n{expert},Bắc Ninh,A.1,7\n".encode() for expert in ("E1", "E2"))
    assert read(one, two)["expert"].tolist() == ["E1", "E2"]


def test_read_answers__blank_ratings_are_kept_to_be_counted():
    answers = read("expert,agency,criterion,rating\nE1,Bắc Ninh,A.1,\nE1,Bắc Ninh,A.2,7\nNgười lập,,,\n".encode())
    assert answers[["criterion", "rating"]].to_numpy().tolist() == [["A.1", ""], ["A.2", "7"]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n",
        b"a,b\n1,2\n",
        b"expert,agency,criterion\nE1,x,A.1\n",
        b"expert,agency,criterion,rating\n",
        b"expert,agency,criterion,rating\nE1,x,A.1,\n",
        b"<html></html>",
        b"PK\x03\x04 broken",
    ],
)
def test_read_answers__what_is_no_panel_is_refused(content):
    with pytest.raises(BatchRefused):
        read(content)
