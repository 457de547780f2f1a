"""Returns of agencies: the form that each ministry and province fills in, as XLSX, CSV or JSON."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tasks.harmonise.items import ItemIndex
from tasks.harmonise.text import tokens
from tasks.harmonise.units import unit_key
from tasks.returns.formula import is_quotient
from tasks.returns.versions import OldForm
from tasks.sources.base import Receipt
from tasks.sources.form import Block, older_form, read_block
from tasks.sources.http import gather_entry
from tasks.sources.messages import shown
from tasks.sources.return_file import read_return
from tasks.sources.rounds import Entry
from tasks.sources.tables import (
    COLUMN_NAMES,
    Table,
    find_tables,
    is_guide,
    lists_codes_without_header,
    the_sheet,
)
from tasks.sources.workbook import Cell, Sheet, figure_text, plain_text
from warehouse.errors import BatchRefused
from warehouse.frames import READING
from warehouse.frameworks.model import Framework, Node

_PARTS = ("value", "a", "b")
_SECTION = re.compile(r"[IVXLC]+|[A-ZĐ]", re.IGNORECASE)
_TOTAL = ("tong", "cong")
_FOOTER = re.compile(
    r"(ghi chu|nguoi lap|lap bieu|thu truong|noi nhan|tm|kt|tl|xac nhan|ky ten|chu tich|lanh dao|dai dien|luu)\b.*"
)
_SEND_FORM = "Send the form back as it was sent out, filled in."


class AgencyReport:
    """Returns on the form of the framework: Vietnamese headers, one sheet or several, one row per criterion."""

    name = "agency_report"
    title_vi = "Báo cáo của cơ quan"
    title_en = "Agency returns"
    evidence_needed = True
    later_replaces = True

    def gather(self, entry: Entry, folder: Path) -> Iterator[Receipt]:
        """Yield the returns; see `tasks.sources.base.Source.gather`."""
        return gather_entry(entry, folder)

    def read(self, content: bytes, framework: Framework) -> pd.DataFrame:
        """Read one return.

        Args:
            content: Bytes of an XLSX, CSV or JSON; the bytes say which, not the name.
            framework: The framework whose criteria are reported.

        Returns:
            READING rows, one per figure in the order of the form, stage `self_reported`. A row of the form without a
            figure gives none; totals, sections and higher nodes of the tree are no criteria and give none. A criterion
            that is a ratio gives its parts `a` and `b`, and `value` only where both parts are blank; any other gives
            `value`, and the parts only where that is blank. What cannot be a criterion of the framework is read too.

        Raises:
            BatchRefused: Not a spreadsheet or JSON, damaged or too large; no table of a return in it, or one without a
                needed column; a form of another framework; no agency named; or not a single figure.
        """
        forms = _forms(read_return(content), framework)
        items = _Items(framework)
        readings = [reading for form in forms for reading in _readings(form, items)]
        if not readings:
            raise BatchRefused(f"The return of {shown(forms[0].block.agency)} has no figure in it.", _SEND_FORM)
        return READING.conform(pd.DataFrame(readings))


SOURCE = AgencyReport()


@dataclass(frozen=True)
class _Form:
    """A table of the return, the block that belongs to it, and the older form that its codes are of, if any."""

    table: Table
    block: Block
    older: OldForm | None


class _Items:
    """What the texts in the column of criteria stand for; each text is looked up once."""

    def __init__(self, framework: Framework) -> None:
        self._index = ItemIndex(framework)
        self._framework = framework
        self._found: dict[str, Node | None] = {}

    def find(self, text: str) -> Node | None:
        if text not in self._found:
            self._found[text] = self._index.find(text) if text else None
        return self._found[text]

    def is_leaf(self, node: Node) -> bool:
        return not self._framework.children[node.code]


def _forms(sheets: list[Sheet], framework: Framework) -> list[_Form]:
    """The tables of a return with their blocks; what one sheet leaves out of its block another may say."""
    found = [(sheet, find_tables(sheet)) for sheet in sheets]
    blocks = {sheet.name: read_block(sheet, tables[0].header if tables else len(sheet.rows)) for sheet, tables in found}
    for sheet, tables in found:
        if not tables and not is_guide(sheet) and lists_codes_without_header(sheet, framework.by_code):
            raise BatchRefused(f"{the_sheet(sheet)} lists criteria, but its header row is missing.", _SEND_FORM)
    if not any(tables for _, tables in found):
        wanted = ", ".join(repr(name) for name in COLUMN_NAMES.values())
        raise BatchRefused(f"The file holds no table of a return, with the columns {wanted}.", _SEND_FORM)
    shared = Block()
    for sheet, tables in sorted(found, key=lambda pair: (not pair[1], is_guide(pair[0]))):
        if tables or not is_guide(sheet):
            shared = shared.filled_from(blocks[sheet.name])
    forms = []
    for sheet, tables in found:
        block = blocks[sheet.name].filled_from(shared)
        forms += [_Form(table, block, older_form(block, framework)) for table in tables]
    if not shared.agency:
        raise BatchRefused("The return does not name the reporting agency ('Cơ quan báo cáo').", _SEND_FORM)
    return forms


def _readings(form: _Form, items: _Items) -> Iterator[dict[str, str]]:
    """One reading per figure of a table."""
    table = form.table
    texts = [_item_text(form, row, items) for row in range(table.first, table.end)]
    _refuse_missing_columns(table, {node.code: node for text in texts if (node := items.find(text))}, items)
    known = [at for at, text in enumerate(texts) if items.find(text)]
    last_known = known[-1] if known else -1
    for at, text in enumerate(texts):
        row = table.first + at
        if at > last_known and _is_footer(table.sheet.rows[row]):
            return
        node = items.find(text)
        if not text or (node and not items.is_leaf(node)) or (not node and _is_no_criterion(text)):
            continue
        for part in _parts(table, row, node):
            yield _reading(form, row, text, node, part)


def _item_text(form: _Form, row: int, items: _Items) -> str:
    """Code of the criterion as written, or today's on an older form; its name where there is no code."""
    table = form.table
    code = plain_text(table.cell(row, "code"))
    if code:
        return form.older.today(code) if form.older else code
    ordinal = plain_text(table.cell(row, "ordinal"))
    if not table.has("code") and "." in ordinal and items.find(ordinal):
        return ordinal
    return plain_text(table.cell(row, "name"))


def _is_no_criterion(text: str) -> bool:
    """Whether a text that is no criterion heads a section or a total."""
    words = tokens(text)
    return bool(_SECTION.fullmatch(text.strip(" ."))) or not words or words[0] in _TOTAL


def _is_footer(cells: Sequence[Cell]) -> bool:
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "")
    return bool(_FOOTER.fullmatch(" ".join(tokens(first)[:8])))


def _parts(table: Table, row: int, node: Node | None) -> list[str]:
    """The parts of a criterion that the row gives: those it needs, or whatever else was filled in."""
    figures = {part: figure_text(table.cell(row, part)) for part in _PARTS}
    filled = [part for part, text in figures.items() if text and not is_quotient(text)]
    wanted = [part for part in filled if node is not None and part in node.parts]
    return wanted or filled


def _reading(form: _Form, row: int, text: str, node: Node | None, part: str) -> dict[str, str]:
    table, sheet = form.table, form.table.sheet
    return {
        "agency_text": form.block.agency,
        "item_text": text,
        "part": part,
        "value_text": figure_text(table.cell(row, part)),
        "unit_text": _unit("".join(table.texts(row, "unit")[:1]), node, part),
        "evidence_text": "; ".join(table.texts(row, "evidence")),
        "period_text": form.block.period,
        "stage": "self_reported",
        "form_version": form.block.form_version,
        "submitted_text": form.block.submitted,
        "locator": sheet.locator(row, table.columns[part][0]),
    }


def _unit(written: str, node: Node | None, part: str) -> str:
    """The unit as written; the unit of a ratio says nothing about what its numerator and denominator count."""
    is_of_the_ratio = node is not None and part in ("a", "b") and unit_key(written) == unit_key(node.unit)
    return "" if is_of_the_ratio else written


def _refuse_missing_columns(table: Table, nodes: dict[str, Node], items: _Items) -> None:
    """Prove that the table has every column that its criteria need."""
    leaves = [node for node in nodes.values() if items.is_leaf(node)]
    missing = [part for part in _PARTS if not table.has(part) and any(part in node.parts for node in leaves)]
    if not table.has("evidence"):
        missing.append("evidence")
    if leaves and missing:
        names = ", ".join(repr(COLUMN_NAMES[part]) for part in missing)
        raise BatchRefused(
            f"{the_sheet(table.sheet)} has no column {names}.",
            "Send the form back as it was sent out, with all columns.",
        )
