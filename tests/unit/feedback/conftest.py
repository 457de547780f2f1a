"""A small framework, returns on its form, and what a person sees in the workbook that is handed back."""

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tasks.feedback.workbook import Subject, feedback_workbook
from tasks.sources.agency_report import SOURCE
from warehouse.frames import QUARANTINE
from warehouse.frameworks.model import Description, Framework, Level, Node

HEADER = ["STT", "Mã tiêu chí", "Tiêu chí", "ĐVT", "Giá trị", "Tử số (a)", "Mẫu số (b)", "Tài liệu minh chứng"]
BLOCK = [
    ["Cơ quan báo cáo:", "UBND tỉnh Bắc Ninh"],
    ["Kỳ báo cáo:", "Năm 2020"],
    ["Mẫu biểu:", "tiny/1"],
    ["Ngày gửi:", "15/01/2021"],
    ["Lần gửi:", 1],
]
ROWS = [
    [1, "A.1", "Tỷ lệ cán bộ được tập huấn", "%", None, 95, 90, "Báo cáo 12/BC"],
    [2, "A.2", "Ban hành kế hoạch", "có/không", "Có", None, None, "Kế hoạch 3/KH"],
    [3, "A.3", "Số người phụ trách", "người", "đang cập nhật", None, None, "Quyết định 5/QĐ"],
]
FIRST = len(BLOCK) + 3  # row of A.1


@pytest.fixture(scope="session")
def framework():
    def leaf(code, name, rule, unit, **more):
        return Node(code, code[0], "criterion", name, evidence="report", rule=rule, unit=unit, **more)

    nodes = (
        Node("DTI", "", "index", "Chỉ số", aggregation="sum"),
        Node("A", "DTI", "pillar", "Chính quyền số", aggregation="sum"),
        leaf("A.1", "Tỷ lệ cán bộ được tập huấn", "ratio", "%"),
        leaf("A.2", "Ban hành kế hoạch", "binary", "có/không"),
        leaf("A.3", "Số người phụ trách", "linear", "người", parameters={"target": 5.0}),
    )
    levels = tuple(Level(level=level) for level in ("index", "pillar", "criterion"))
    return Framework(Description(framework="tiny", levels=levels), nodes, {}, Path(), "")


@pytest.fixture(scope="session")
def form():
    """Makes an XLSX: a return on sheets of the given names; `change` may do anything to it."""

    def make(*names, rows=ROWS, change=None):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in names or ("CQS",):
            sheet = book.create_sheet(name)
            for row in [*BLOCK, [], HEADER, *rows]:
                sheet.append(row)
        if change:
            change(book)
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()

    return make


@pytest.fixture(scope="session")
def as_csv():
    def make(*lines, delimiter=";"):
        written = io.StringIO()
        csv.writer(written, delimiter=delimiter).writerows(lines or [*BLOCK, [], HEADER, *ROWS])
        return written.getvalue().encode("utf-8-sig")

    return make


@pytest.fixture(scope="session")
def refused():
    """Makes QUARANTINE rows: each with a locator, and what else is given."""

    def make(*rows):
        sound = {"item": "A.3", "part": "value", "rule": "value_is_a_number", "value_text": "đang cập nhật"}
        sound |= {"reason_vi": "“đang cập nhật” không phải là một số."}
        return QUARANTINE.conform(pd.DataFrame([{**sound, **row} for row in rows]))

    return make


@pytest.fixture(scope="session")
def handed_back(framework):
    """Hands a return back; gives the bytes."""

    def make(content, rows, refusals=()):
        return feedback_workbook(content, rows, framework, Subject("Bắc Ninh", "2020", "thu", "a.xlsx"), refusals)

    return make


@pytest.fixture(scope="session")
def figures(framework):
    """Reads a return: everything but where it stands."""
    return lambda content: SOURCE.read(content, framework).drop(columns="locator")
