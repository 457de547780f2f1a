"""A small framework, workbooks made on the spot, and a real web server on the loopback address."""

import http.server
import io
import threading
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest

from warehouse.frameworks.model import Description, Framework, Level, Node

HEADER = [
    "STT",
    "Mã tiêu chí",
    "Tiêu chí",
    "ĐVT",
    "Giá trị",
    "Tử số (a)",
    "Mẫu số (b)",
    "Tài liệu minh chứng",
    "Ghi chú",
]
BLOCK = [
    ["Cơ quan báo cáo:", "UBND tỉnh Bắc Ninh"],
    ["Kỳ báo cáo:", "Năm 2020"],
    ["Mẫu biểu:", "tiny/1"],
    ["Ngày gửi:", "15/01/2021"],
]
ROWS = [
    [1, "A.1", "Tỷ lệ cán bộ được tập huấn", "%", None, 45, 90, "Báo cáo 12/BC", None],
    [2, "A.2", "Ban hành kế hoạch", "có/không", "Có", None, None, "Kế hoạch 3/KH", None],
    [3, "A.3", "Số người phụ trách", "người", 1.234, None, None, "Quyết định 5/QĐ", None],
]


def leaf(code, name, rule, unit, **more):
    return Node(code, code[0], "criterion", name, evidence="report", rule=rule, unit=unit, **more)


@pytest.fixture(scope="session")
def framework():
    nodes = (
        Node("DTI", "", "index", "Chỉ số", max_points=40.0, aggregation="sum"),
        Node("A", "DTI", "pillar", "Chính quyền số", max_points=30.0, aggregation="sum"),
        leaf("A.1", "Tỷ lệ cán bộ được tập huấn", "ratio", "%", numerator_vi="Số đã học", denominator_vi="Số cán bộ"),
        leaf("A.2", "Ban hành kế hoạch", "binary", "có/không"),
        leaf("A.3", "Số người phụ trách", "linear", "người", parameters={"target": 20.0}),
        Node("B", "DTI", "pillar", "Kinh tế số", max_points=10.0, aggregation="sum"),
        leaf("B.1", "Tỷ lệ phủ sóng", "linear", "%", parameters={"target": 100.0}),
    )
    levels = tuple(Level(level=level) for level in ("index", "pillar", "criterion"))
    return Framework(Description(framework="tiny", levels=levels), nodes, {}, Path(), "")


@pytest.fixture(scope="session")
def workbook():
    """Make the bytes of an XLSX: sheet name to rows; `merged` lists ranges and `formats` number formats by sheet."""

    def make(sheets, merged=None, formats=None, hidden=()):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
            for cells in (merged or {}).get(name, ()):
                sheet.merge_cells(cells)
            for cell, pattern in (formats or {}).get(name, {}).items():
                sheet[cell].number_format = pattern
            sheet.sheet_state = "hidden" if name in hidden else "visible"
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()

    return make


@pytest.fixture(scope="session")
def filled_in(workbook):
    """Make a return: the block, the header and rows of the small framework, each replaceable."""

    def make(rows=ROWS, block=BLOCK, header=HEADER, name="CQS", **more):
        return workbook({name: [*block, [], header, *rows]}, **more)

    return make


@pytest.fixture(scope="session")
def rezipped():
    """Make an XLSX with one part changed."""

    def make(content, part, change):
        copy = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
            for info in source.infolist():
                written = source.read(info)
                target.writestr(info.filename, change(written) if info.filename == part else written)
        return copy.getvalue()

    return make


@dataclass
class Site:
    """A web server whose answers a test writes.

    Attributes:
        url: Its address.
        answers: Path to a function that answers with the handler, called for each request.
        asked: Paths asked for, in order.
    """

    url: str
    answers: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)


@pytest.fixture
def site():
    """A web server on the loopback address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            found.asked.append(self.path)
            found.answers[self.path](self)

        def answer(self, status, body=b"", **headers):
            self.send_response(status)
            said = {"Content-Length": len(body)} | {name.replace("_", "-"): value for name, value in headers.items()}
            for name, value in said.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()
