"""An XLSX from a stranger, cut down to what may be opened and handed back: cells, formats, lists to choose from.

Macros, links to other files, pictures, objects, tables, pivots and names that compute are left behind; formulas other
than those of the form become the values that were read, so that the reader reads the copy as it read the original.
"""

import io
import posixpath
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from xml.sax.saxutils import quoteattr

from tasks.feedback.formulas import is_of_the_form
from tasks.feedback.pages import MAIN, UNSAFE, defined_names, fitting, page
from tasks.feedback.titles import sheet_titles
from tasks.sources.archive import WORKBOOK, Archive
from tasks.sources.limits import WorkbookLimits
from tasks.sources.workbook import Range, Sheet

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELS, _STYLES, _TEXTS = "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml"
# In the order of the schema. Conditional formats stay behind: they would paint over the marks.
_KEPT = ("sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection", "dataValidations")
_MANY_TAGS = 400_000  # of one part: the library needs some hundred bytes for each
_MANY_STYLE_TAGS = 50_000
_EMPTY_CELLS = 100  # of a row, which are kept for their borders
_MERGED_AREA = 50_000  # cells of all merged ranges of a sheet: the library makes an object for each
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


class UnusualError(Exception):
    """The workbook is readable, but not made the way that can be copied."""


def reduced(content: bytes, sheets: Sequence[Sheet]) -> bytes:
    """Return a copy of a workbook with only what may be opened.

    Args:
        content: Bytes of an XLSX that the reader has read: no part of it declares a document type.
        sheets: What the reader read.

    Raises:
        BatchRefused: It is damaged, or unpacks to too much.
        UnusualError: It is of another dialect, or has more formats than any form.
    """
    archive = Archive(content, WorkbookLimits())
    book = _parsed(archive.read(WORKBOOK))
    parts = list(_sheet_parts(book, _parsed(archive.read(_RELS), dialect="")))
    if [name for name, _ in parts] != [sheet.name for sheet in sheets]:
        raise UnusualError("the sheets are listed twice")
    titles = sheet_titles(sheets)
    copied = {
        f"xl/worksheets/sheet{number}.xml": _worksheet(archive.read(part), sheet, titles)
        for number, ((_, part), sheet) in enumerate(zip(parts, sheets, strict=True), start=1)
    }
    for part, limit in ((_STYLES, _MANY_STYLE_TAGS), (_TEXTS, _MANY_TAGS)):
        if part in archive:
            copied[part] = _measured(archive.read(part), limit)
    copied |= _frame(book, sheets, titles, copied)
    return _zipped(copied)


def _sheet_parts(book: ET.Element, relations: ET.Element) -> Iterator[tuple[str, str]]:
    """Name and part of each worksheet, as the reader takes them."""
    targets = {
        relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        for relation in relations
        if relation.get("Type", "").endswith("/worksheet")
    }
    for sheet in book.iterfind(f"{{{MAIN}}}sheets/{{{MAIN}}}sheet"):
        identity = sheet.get(f"{{{_RELATIONS}}}id")
        if identity in targets:
            yield sheet.get("name", ""), targets[identity]


def _worksheet(content: bytes, sheet: Sheet, titles: Collection[str]) -> bytes:
    source = _parsed(_measured(content, _MANY_TAGS))
    copy = ET.Element(f"{{{MAIN}}}worksheet")
    copy.extend(fitting(source))
    for name in _KEPT:
        copy.extend(source.findall(f"{{{MAIN}}}{name}"))
    for row in copy.iterfind(f"{{{MAIN}}}sheetData/{{{MAIN}}}row"):
        filled = [number for number, cell in enumerate(row, start=1) if len(cell)]
        del row[max([_EMPTY_CELLS, *filled]) :]
        for cell in row.iterfind(f"{{{MAIN}}}c"):
            _freeze(cell, titles)
    for lists in copy.iterfind(f"{{{MAIN}}}dataValidations"):
        for choice in [choice for choice in lists if any(UNSAFE.search(text) for text in choice.itertext())]:
            lists.remove(choice)
    merged = list(_mergeable(sheet))
    if merged:
        ranges = ET.Element(f"{{{MAIN}}}mergeCells")
        ranges.extend(ET.Element(f"{{{MAIN}}}mergeCell", ref=ref) for ref in merged)
        copy.append(ranges)
    copy.extend(page(source))
    return ET.tostring(copy)


def _freeze(cell: ET.Element, titles: Collection[str]) -> None:
    """Put the stored value in the place of a formula; without one its text, as the reader shows it.

    The formulas of the form itself stay alive: a stale quotient would count where the parts are taken out.
    """
    formula = cell.find(f"{{{MAIN}}}f")
    if formula is None:
        return
    written = f"={''.join(formula.itertext()).strip()}"
    if is_of_the_form(written, titles):
        formula.attrib.clear()  # of one cell, never of a range
        return
    cell.remove(formula)
    value = cell.find(f"{{{MAIN}}}v")
    if (value is None or not value.text) and cell.get("t") != "str":
        for child in list(cell):
            cell.remove(child)
        cell.set("t", "inlineStr")
        text = ET.SubElement(ET.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
        text.text = written


def _mergeable(sheet: Sheet) -> Iterator[str]:
    """Merged ranges that hide no cell with content, as far as there are not too many."""
    from openpyxl.utils import get_column_letter

    area = 0
    for (top, left), (bottom, right) in sheet.merged:
        area += (bottom - top + 1) * (right - left + 1)
        if area > _MERGED_AREA:
            return
        if not _hides(sheet, ((top, left), (bottom, right))):
            yield f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"


def _hides(sheet: Sheet, merged: Range) -> bool:
    (top, left), (bottom, right) = merged
    cells = [cell for row in sheet.rows[top : bottom + 1] for cell in row[left : right + 1]]
    return any(cell != "" for cell in cells[1:])


def _frame(book: ET.Element, sheets: Sequence[Sheet], titles: Sequence[str], copied: Iterable[str]) -> dict[str, bytes]:
    """The parts that hold the others together, written anew."""
    properties = book.find(f"{{{MAIN}}}workbookPr")
    since_1904 = properties is not None and properties.get("date1904", "") in ("1", "true")
    entries = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{number}" r:id="rId{number}"'
        f' state="{"hidden" if sheet.is_hidden else "visible"}"/>'
        for number, (title, sheet) in enumerate(zip(titles, sheets, strict=True), start=1)
    )
    names = "".join(defined_names(book, [sheet.name for sheet in sheets], titles))
    workbook = (
        f'{_XML}<workbook xmlns="{MAIN}" xmlns:r="{_RELATIONS}"><workbookPr date1904="{int(since_1904)}"/>'
        f"<bookViews><workbookView/></bookViews><sheets>{entries}</sheets>"
        f"{f'<definedNames>{names}</definedNames>' if names else ''}</workbook>"
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{package}/content-types">{_types(copied)}</Types>'.encode(),
        WORKBOOK: workbook.encode(),
        _RELS: f'{_XML}<Relationships xmlns="{package}/relationships">{relations}</Relationships>'.encode(),
    }


def _types(copied: Iterable[str]) -> str:
    kinds = {_STYLES: "styles", _TEXTS: "sharedStrings"}
    parts = {WORKBOOK: "sheet.main", **{part: kinds.get(part, "worksheet") for part in copied}}
    return "".join(f'<Override PartName="/{part}" ContentType="{_TYPE}.{kind}+xml"/>' for part, kind in parts.items())


def _measured(content: bytes, limit: int) -> bytes:
    if content.count(b"<") > limit:
        raise UnusualError("more cells or formats than any form")
    return content


def _parsed(content: bytes, dialect: str = MAIN) -> ET.Element:
    try:
        root = ET.fromstring(content)  # noqa: S314 - the reader has refused every document type before
    except ET.ParseError as error:
        raise UnusualError(str(error)) from None
    if dialect and not root.tag.startswith(f"{{{dialect}}}"):
        raise UnusualError("another dialect of the format")
    return root


def _zipped(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return written.getvalue()
