"""The form of every agency, and reading the returns of all of them."""

import datetime
import io
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

RETURNS, CRITERIA = 94, 306


def bench():
    return [
        ("templates: forms of 63 provinces and 25 bodies, two commands", _templates(), 30, "s"),
        (f"read_returns: {RETURNS} returns of {CRITERIA} criteria", _read_returns(), 10, "s"),
    ]


def _templates():
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        for name in ("province_2020", "ministry_2020"):
            command = [sys.executable, "-m", "flows.cli", "returns", "template", "--all", "--framework", name]
            command += ["--period", "2020", "--out", f"{folder}/{name}"]
            subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start


def _read_returns():
    from tasks.sources.agency_report import SOURCE

    framework, content = filled_in()
    start = time.perf_counter()
    for _ in range(RETURNS):
        found = SOURCE.read(content, framework)
    seconds = time.perf_counter() - start
    if found["item_text"].nunique() != CRITERIA:
        raise AssertionError(f"{found['item_text'].nunique()} criteria")
    return seconds


def filled_in():
    """The framework of the provinces with every criterion reported, and its form filled in."""
    import openpyxl

    from tasks.returns.sheets import LETTERS
    from tasks.returns.template import Template
    from warehouse.frameworks.loader import load_framework

    loaded = load_framework("province_2020")
    nodes = tuple(replace(node, evidence="report") if node.evidence else node for node in loaded.nodes)
    framework = replace(loaded, nodes=nodes)
    book = openpyxl.load_workbook(io.BytesIO(Template(framework, "2020").for_agency("Tỉnh Bắc Ninh")))
    for sheet in book.worksheets[2:]:
        for row in range(1, sheet.max_row + 1):
            node = framework.by_code.get(sheet[f"B{row}"].value)
            if node and not framework.children[node.code]:
                for part in node.parts:
                    sheet[f"{LETTERS[part]}{row}"] = 1
                sheet[f"{LETTERS['document']}{row}"] = f"{row}/BC-UBND"
                sheet[f"{LETTERS['date']}{row}"] = datetime.date(2020, 12, 1)
    written = io.BytesIO()
    book.save(written)
    return framework, written.getvalue()
