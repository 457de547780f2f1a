"""The workbook that an agency fills in: made once for a framework and a period, then addressed to each agency."""

import io
import re
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.workbook.protection import WorkbookProtection

from tasks.returns.archive import rezip, unzip
from tasks.returns.guide import COVER, GUIDE, Filled, write_cover, write_guide
from tasks.returns.layout import branches_of, reported_leaves
from tasks.returns.sheets import CriteriaSheet
from tasks.returns.versions import form_name
from tasks.returns.wording import spoken_period
from tasks.sources.form import BLOCK_LABELS
from warehouse.errors import InputError
from warehouse.frameworks.model import Framework, Node

_AGENCY = "@@AGENCY@@"
_SHEETS = "xl/worksheets/"
# The library stores no result of a formula; a program that does not compute would show and read the formula itself.
_FORMULA = re.compile(rb'<c ([^>]*?)(?: t="\w+")?><f>([^<]*)</f><v ?/?>(?:</v>)?</c>')


class Template:
    """The form of a framework for a period.

    Args:
        framework: The framework.
        period: The period, a year or a month.

    Raises:
        InputError: Agencies report nothing to the framework.
    """

    def __init__(self, framework: Framework, period: str) -> None:
        parts = unzip(_saved(_workbook(framework, period)))
        parts = {name: _with_results(part) if name.startswith(_SHEETS) else part for name, part in parts.items()}
        self._parts = parts
        self._addressed = [name for name, part in parts.items() if _AGENCY.encode() in part]

    def for_agency(self, name: str) -> bytes:
        """Return the XLSX for an agency.

        Args:
            name: Its full name, as it stands in the block.
        """
        written = escape(name).encode()
        mine = {part: self._parts[part].replace(_AGENCY.encode(), written) for part in self._addressed}
        return rezip({**self._parts, **mine})


def _workbook(framework: Framework, period: str) -> Workbook:
    branches = branches_of(framework)
    by_sheet: dict[str, list[Node]] = {}
    for leaf in reported_leaves(framework):
        by_sheet.setdefault(branches[leaf.code], []).append(leaf)
    if not by_sheet:
        raise InputError(
            f"Agencies report nothing to the framework {framework.name}.",
            "The form holds the criteria whose evidence in nodes.csv is `report`.",
        )
    block = [
        (BLOCK_LABELS["agency"], _AGENCY),
        (BLOCK_LABELS["period"], spoken_period(period)),
        (BLOCK_LABELS["form"], form_name(framework)),
    ]
    return _filled_book(framework, block, by_sheet)


def _filled_book(framework: Framework, block: list[tuple[str, str]], by_sheet: dict[str, list[Node]]) -> Workbook:
    book = Workbook()
    guide, cover = book.worksheets[0], book.create_sheet(COVER)
    guide.title = GUIDE
    filled = []
    for title, leaves in by_sheet.items():
        sheet = book.create_sheet(title)
        written = CriteriaSheet(sheet, framework)
        written.write(block, leaves)
        filled.append(Filled(sheet.title, written.first, written.last, len(leaves)))
    write_guide(guide, framework)
    write_cover(cover, block, filled)
    book.security = WorkbookProtection(lockStructure=True)
    book.properties.creator = "dti-warehouse"
    book.properties.title = form_name(framework)
    return book


def _saved(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _with_results(sheet: bytes) -> bytes:
    """A sheet whose formulas carry the results that they have while nothing is filled in: 0, or empty text."""

    def result(found: re.Match[bytes]) -> bytes:
        is_number = found[2].startswith(b"SUMPRODUCT")
        kind, value = (b"", b"0") if is_number else (b' t="str"', b"")
        return b"<c %b%b><f>%b</f><v>%b</v></c>" % (found[1], kind, found[2], value)

    return _FORMULA.sub(result, sheet)
