import io
import zipfile
from datetime import date

import openpyxl

from tasks.demo.files import csv_bytes, xlsx_bytes
from tasks.demo.sheet import Grid

GRID = Grid(
    "S", [["Mã", "Giá trị", None], ["A.1", 1.5, None], [], ["x", date(2021, 1, 5), "=A1"]], formats={(1, 1): "0%"}
)


def test_xlsx_bytes__is_a_workbook_of_those_cells():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([GRID])))["S"]
    assert [cell.value for cell in sheet[2]] == ["A.1", 1.5, None]
    assert sheet["B2"].number_format == "0%"
    assert sheet["C4"].value == "=A1"


def test_xlsx_bytes__merges_what_the_grid_merges():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([Grid("S", [["x", None]], merged=["A1:B1"])])))["S"]
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:B1"]


def test_xlsx_bytes__carry_no_time():
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes([GRID]))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"2021-01-01T00:00:00Z") == 2


def test_csv_bytes__is_what_a_spreadsheet_program_in_vietnamese_saves():
    assert csv_bytes(GRID) == "\ufeffMã;Giá trị;\r\nA.1;1,5;\r\n\r\nx;05/01/2021;=A1\r\n".encode()
