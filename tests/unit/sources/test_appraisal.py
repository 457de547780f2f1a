import io

import openpyxl
import pytest

from tasks.sources.appraisal import SOURCE
from warehouse.errors import BatchRefused
from warehouse.frames import READING

HEADER = "Cơ quan,Mã tiêu chí,Giá trị thẩm định,Điểm thẩm định,Kết luận,Lý do,Văn bản căn cứ\n"


def read(text, framework):
    return SOURCE.read(text.encode(), framework)


@pytest.mark.parametrize(
    ("row", "part", "text", "column"),
    [
        ("A.1,,,Công nhận,,", "upheld", "Công nhận", 5),
        ("A.1,,,Không công nhận,Thiếu minh chứng,", "upheld", "Không công nhận", 5),
        ('A.1,"45,5%",,Điều chỉnh,,', "value", "45,5%", 3),
        ('A.1,,"1,5",Điều chỉnh,,', "points", "1,5", 4),
        ('A.1,"45,5%","1,5",,,', "points", "1,5", 4),
        ("A.1,45,,Không công nhận,,", "upheld", "Không công nhận; 45", 5),
    ],
)
def test_read__what_was_decided(framework, row, part, text, column):
    (found,) = read(f"{HEADER}Bắc Ninh,{row}\n", framework).to_dict("records")
    assert (found["part"], found["value_text"], found["locator"]) == (part, text, f"line 2 column {column}")
    assert found["stage"] == "appraised"


def test_read__reason_and_document_go_with_the_decision(framework):
    (found,) = read(f"{HEADER}Bắc Ninh,A.1,,,Không công nhận,Thiếu minh chứng,TB 1/TB\n", framework).to_dict("records")
    assert (found["note"], found["evidence_text"]) == ("Thiếu minh chứng", "TB 1/TB")


def test_read__a_row_without_a_decision_gives_none(framework):
    found = read(f"{HEADER}Bắc Ninh,A.1,,,,Chưa xem xét,\nBắc Ninh,A.2,1,,,,\n", framework)
    assert found["item_text"].tolist() == ["A.2"]


def test_read__the_reported_figure_beside_it_is_not_the_appraised_one(framework):
    text = "Tỉnh,Mã tiêu chí,Giá trị báo cáo,Giá trị thẩm định,Lý do\nBắc Ninh,A.1,90,45,x\n"
    assert read(text, framework)["value_text"].tolist() == ["45"]


def test_read__a_workbook_with_a_title_above_the_table(framework):
    book = openpyxl.Workbook()
    for row in (["KẾT QUẢ THẨM ĐỊNH"], [], ["Đơn vị", "Mã tiêu chí", "Điểm thẩm định"], ["Bắc Ninh", "A.1", 1.25]):
        book.active.append(row)
    book.active.title = "TĐ"
    buffer = io.BytesIO()
    book.save(buffer)
    found = SOURCE.read(buffer.getvalue(), framework)
    assert list(found.columns) == list(READING.columns)
    assert found[["value_text", "locator"]].to_numpy().tolist() == [["=1.25", "TĐ!C4"]]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Cơ quan,Mã tiêu chí\nBắc Ninh,A.1\n", HEADER])
def test_read__no_table_of_appraisals_is_refused(framework, text):
    with pytest.raises(BatchRefused):
        read(text, framework)
