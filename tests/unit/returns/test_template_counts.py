"""The form of a dashboard of counts: nothing earns points, each count is one value."""

import io
from pathlib import Path

import openpyxl
import pytest

from tasks.returns.guide import COVER
from tasks.returns.sheets import LETTERS
from tasks.returns.template import Template
from tasks.sources.agency_report import SOURCE
from warehouse.frameworks.model import Description, Framework, Level, Node


@pytest.fixture(scope="module")
def counts():
    def leaf(code, name, **more):
        return Node(code, "T", "indicator", name, evidence="report", rule="count", **more)

    nodes = (
        Node("DVC", "", "dashboard", "Bảng theo dõi", aggregation="none"),
        Node("T", "DVC", "topic", "Cung cấp dịch vụ", aggregation="none"),
        leaf("C.M4", "Số dịch vụ mức độ 4", unit="dịch vụ"),
        leaf("C.NDXP", "Đã kết nối NDXP (1: đã, 0: chưa)", parameters={"valid_max": 1.0}),
        Node("S.M4", "T", "indicator", "Tỷ lệ", evidence="derived", rule="ratio", unit="%"),
    )
    levels = tuple(Level(level=level) for level in ("dashboard", "topic", "indicator"))
    return Framework(Description(framework="services_2019", levels=levels), nodes, {}, Path("/nonexistent"), "")


@pytest.fixture(scope="module")
def book(counts):
    return openpyxl.load_workbook(io.BytesIO(Template(counts, "2020-08").for_agency("Tỉnh Hà Giang")))


def test_template__of_counts__asks_for_the_counts_and_speaks_of_no_points(book):
    sheet = book.worksheets[2]
    words = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [text for text in words if "điểm" in text]
    assert [text for text in words if text.startswith(("C.", "S."))] == ["C.M4", "C.NDXP"]


def test_template__of_a_month__says_the_month(book):
    assert "Tháng 8/2020" in [row[1].value for row in book[COVER].iter_rows(max_row=6)]


def test_template__filled_in_and_sent_back__is_one_value_a_count(book, counts):
    book[COVER]["B5"] = "04/09/2020"
    sheet = book.worksheets[2]
    for row in range(1, sheet.max_row + 1):
        if str(sheet[f"{LETTERS['code']}{row}"].value).startswith("C."):
            sheet[f"{LETTERS['value']}{row}"] = 1
            sheet[f"{LETTERS['document']}{row}"] = "12/BC"
    written = io.BytesIO()
    book.save(written)
    found = SOURCE.read(written.getvalue(), counts)
    assert found[["item_text", "part", "value_text"]].to_numpy().tolist() == [
        ["C.M4", "value", "=1"],
        ["C.NDXP", "value", "=1"],
    ]
    assert set(found["period_text"]) == {"Tháng 8/2020"}
