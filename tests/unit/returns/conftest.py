"""A small framework with a criterion of every rule, its form, and LibreOffice where it is installed."""

import datetime
import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from tasks.returns.guide import COVER
from tasks.returns.sheets import LETTERS
from tasks.returns.template import Template
from warehouse.frameworks.model import Description, Framework, Level, Node

SENT = datetime.date(2021, 1, 15)
FIGURES = {
    "A.1": {"a": 45, "b": 90},
    "A.2": {"value": "Có"},
    "A.3": {"value": 2},
    "A.4": {"value": 1},
    "A.5": {"value": 1.5},
    "A.6": {"a": 2.5, "b": 3},
    "B.1": {"value": 99.5},
}


def leaf(code, rule, unit, name="Tiêu chí", **more):
    return Node(code, code[0], "criterion", f"{name} {code}", evidence="report", rule=rule, unit=unit, **more)


@pytest.fixture(scope="session")
def framework():
    nodes = (
        Node("DTI", "", "index", "Chỉ số", aggregation="sum"),
        Node("A", "DTI", "pillar", "Chính quyền số: nền tảng", max_points=20.0, aggregation="sum"),
        leaf("A.1", "ratio", "%", numerator_vi="Số đã học", denominator_vi="Tổng số cán bộ", max_points=4.0),
        leaf("A.2", "binary", "có/không"),
        leaf("A.3", "checklist", "mục", items_vi=("một", "hai", "ba")),
        leaf(
            "A.4",
            "tier",
            "mức",
            items_vi=("Chưa có", "Đã có"),
            parameters={"tiers": ((0.0, 0.0), (1.0, 1.0)), "valid_max": 1.0},
        ),
        leaf("A.5", "linear", "triệu đồng", "Kinh phí", parameters={"target": 20.0}),
        leaf(
            "A.6",
            "linear",
            "triệu đồng/người",
            numerator_vi="Chi (triệu đồng)",
            denominator_vi="Số người",
            parameters={"target": 15.0, "valid_max": 1000.0},
        ),
        Node("A.7", "A", "criterion", "Khảo sát", evidence="survey", rule="likert", unit="1-5"),
        Node("B", "DTI", "pillar", "Kinh tế số & 'xã hội' số", max_points=10.0, aggregation="sum"),
        leaf("B.1", "linear", "%", parameters={"floor": 99.0, "target": 99.9}),
        leaf("B.2", "linear", "người", "Số người phụ trách", parameters={"target": 5.0, "valid_max": 50.0}),
    )
    levels = tuple(Level(level=level) for level in ("index", "pillar", "criterion"))
    description = Description(framework="tiny", title_vi="Bộ chỉ số nhỏ", levels=levels, population=("province",))
    return Framework(description, nodes, {}, Path("/nonexistent"), "")


@pytest.fixture(scope="session")
def form(framework):
    """The form of the province Bắc Ninh for 2020."""
    return Template(framework, "2020").for_agency("Tỉnh Bắc Ninh")


@pytest.fixture(scope="session")
def fill():
    """Fill in a form as people do: figures of some criteria, each with its document."""

    def filled(content, figures=FIGURES, sent=SENT, form_version=None):
        book = openpyxl.load_workbook(io.BytesIO(content))
        book[COVER]["B5"] = sent
        for sheet in book.worksheets[1:]:
            for row in range(1, sheet.max_row + 1):
                if form_version and sheet[f"C{row}"].value == "Mẫu biểu:":
                    sheet[f"D{row}"] = form_version
                for part, figure in figures.get(sheet[f"B{row}"].value, {}).items():
                    sheet[f"{LETTERS[part]}{row}"] = figure
                    sheet[f"{LETTERS['document']}{row}"] = "12/BC-UBND"
                    sheet[f"{LETTERS['date']}{row}"] = datetime.date(2020, 12, 1)
                    sheet[f"{LETTERS['link']}{row}"] = "https://bacninh.gov.vn/12"
        return saved(book)

    return filled


@pytest.fixture(scope="session")
def resave():
    """Open a workbook and save it again, as a program that computes no formula does."""
    return lambda content: saved(openpyxl.load_workbook(io.BytesIO(content)))


def saved(book):
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.fixture(scope="session")
def office(tmp_path_factory):
    """Open a workbook in LibreOffice and save it again as XLSX; skipped where it is not installed."""
    program = shutil.which("soffice")
    if not program:
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("office")

    def convert(content):
        source, target = folder / "return.xlsx", folder / "saved" / "return.xlsx"
        source.write_bytes(content)
        target.unlink(missing_ok=True)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(target.parent), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return target.read_bytes()

    return convert
