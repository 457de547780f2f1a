"""What a workbook from a stranger may bring along, and what becomes of it."""

import contextlib
import io
import random
import re
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tasks.returns.formula import quotient
from warehouse.errors import BatchRefused

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def rezipped(content, changes=(), added=()):
    """The archive with texts of its parts replaced, and parts added."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name).decode()
            for part, old, new in changes:
                assert part != name or old in text, text
                text = text.replace(old, new) if part == name else text
            target.writestr(name, text)
        for name, text in dict(added).items():
            target.writestr(name, text)
    return copy.getvalue()


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def same(refused, handed_back, figures):
    """Hands a return back, proves that the reader reads it as before, and gives its sheet."""

    def check(content):
        back = handed_back(content, refused({"locator": "CQS!E10"}))
        assert figures(back).equals(figures(content))
        return openpyxl.load_workbook(io.BytesIO(back))["CQS"]

    return check


def test_formula__with_a_stored_value__is_handed_back_as_the_value(form, same):
    content = form(change=lambda book: book["CQS"].__setitem__("F8", "=[1]Other!A1"))
    sheet = same(rezipped(content, [(SHEET, "<f>[1]Other!A1</f><v></v>", "<f>[1]Other!A1</f><v>45</v>")]))
    assert sheet["F8"].value == 45


def test_formula__without_a_stored_value__is_handed_back_as_text(form, same):
    cell = same(form(change=lambda book: book["CQS"].__setitem__("E10", "=WEBSERVICE(A1)")))["E10"]
    assert (cell.value, cell.data_type) == ("=WEBSERVICE(A1)", "s")


def test_formula__of_the_form_itself__stays_alive(form, same):
    cell = same(form(change=lambda book: book["CQS"].__setitem__("E8", quotient("F8", "G8", True))))["E8"]
    assert (cell.value, cell.data_type) == (quotient("F8", "G8", True), "f")


def test_macros_links_and_objects__stay_behind(form, refused, handed_back):
    content = rezipped(
        form(),
        [
            (
                BOOK,
                "</workbook>",
                '<externalReferences><externalReference r:id="rId99" xmlns:r="x"/></externalReferences></workbook>',
            ),
            (SHEET, "</worksheet>", '<legacyDrawing r:id="rId7" xmlns:r="x"/><oleObjects/></worksheet>'),
        ],
        {"xl/vbaProject.bin": "macro", "xl/externalLinks/externalLink1.xml": "<a/>", "customXml/item1.xml": "<a/>"},
    )
    found = parts(handed_back(content, refused({"locator": "CQS!E10"})))
    assert not [name for name in found if re.search("vba|external|custom", name)]
    assert not [name for name, text in found.items() if "externalReference" in text or "oleObject" in text]


@pytest.mark.parametrize(
    "bomb",
    [
        '<mergeCells><mergeCell ref="A30:XFD1048576"/></mergeCells>',
        '<hyperlinks><hyperlink ref="A1:XFD1048576" display="x"/></hyperlinks>',
        '<dataValidations><dataValidation sqref="A1:XFD1048576" type="whole"/></dataValidations>',
        '<conditionalFormatting sqref="A1:XFD1048576"><cfRule type="nonsense"/></conditionalFormatting>',
    ],
)
def test_ranges_over_the_whole_sheet__cost_nothing(form, same, bomb):
    same(rezipped(form(), [(SHEET, "</sheetData>", f"</sheetData>{bomb}")]))


@pytest.mark.parametrize("row", ["<row>" + "<c/>" * 100_000 + "</row>", '<row r="1048576"><c r="XFD1048576"/></row>'])
def test_empty_cells_without_end__cost_nothing(form, same, row):
    sheet = same(rezipped(form(), [(SHEET, "</sheetData>", f"{row}</sheetData>")]))
    assert sheet.max_column < 120 or sheet.max_row > 1_000


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, "<sheetViews>", '<sheetViews nonsense="1">'),
        (SHEET, "<sheetFormatPr ", '<sheetFormatPr nonsense="1" '),
        ("xl/styles.xml", "<fills", "<fills nonsense='1'"),
        ("xl/styles.xml", "<fonts", "<fonts><font><sz val='a'/></font></fonts><fonts"),
        (SHEET, "<sheetData>", f"<sheetData>{'<row/>' * 410_000}"),
    ],
)
def test_formats_that_nobody_expects__are_lost_but_the_cells_are_handed_back(form, same, part, old, new):
    content = rezipped(form(), [(part, old, new)])
    if part == SHEET and "<row/>" in new:
        content = rezipped(form(), [(SHEET, "</sheetData>", new.removeprefix("<sheetData>") + "</sheetData>")])
    assert same(content)["B8"].value == "A.1"


def test_percentage__without_formats__stays_a_percentage(form, same):
    def change(book):
        book["CQS"]["E10"].value = 0.985
        book["CQS"]["E10"].number_format = "0.0%"

    same(rezipped(form(change=change), [("xl/styles.xml", "<fills", "<fills nonsense='1'")]))


def test_cell_hidden_in_a_merged_range__is_not_lost(form, same):
    merged = '<mergeCells count="1"><mergeCell ref="E8:G8"/></mergeCells>'
    same(rezipped(form(), [(SHEET, "</sheetData>", f"</sheetData>{merged}")]))


def test_lists_to_choose_from__stay_unless_they_reach_outside(form, same):
    def change(book):
        book.defined_names["Units"] = DefinedName("Units", attr_text="CQS!$A$1:$A$3")
        for cell, formula in (("D8", "Units"), ("D9", "[1]Other!$A$1:$A$2"), ("D10", '"người,%"')):
            choice = DataValidation(type="list", formula1=formula)
            choice.add(cell)
            book["CQS"].add_data_validation(choice)

    sheet = same(form(change=change))
    assert [str(one.sqref) for one in sheet.data_validations.dataValidation] == ["D8", "D10"]
    assert "Units" in sheet.parent.defined_names


def test_dates_of_the_other_calendar__stay_the_same_days(form, same):
    def change(book):
        book.epoch = CALENDAR_MAC_1904
        book["CQS"]["E10"].value = 42_000
        book["CQS"]["E10"].number_format = "dd/mm/yyyy"

    same(form(change=change))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_the_reader_would_not_take__is_refused_here_too(refused, handed_back, content):
    with pytest.raises(BatchRefused):
        handed_back(content, refused({"locator": "CQS!E10"}))


@pytest.mark.parametrize("seed", range(20))
def test_damaged_parts__are_refused_or_handed_back_but_never_crash(form, refused, handed_back, seed):
    rng = random.Random(seed)
    found = parts(form("CQS", "KTS"))
    name = rng.choice(["xl/styles.xml", SHEET, BOOK])
    text = found[name]
    for _ in range(3):
        at = rng.randrange(60, len(text))
        text = text[:at] + rng.choice(["", "9", "x", "-1", "<a/>"]) + text[at + rng.randrange(2) :]
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as target:
        for part, whole in found.items():
            target.writestr(part, text if part == name else whole)
    with contextlib.suppress(BatchRefused):
        handed_back(copy.getvalue(), refused({"locator": "CQS!E10"}))
