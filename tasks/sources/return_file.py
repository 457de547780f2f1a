"""The file of a return, whatever its format: its sheets, of which a CSV and a JSON have one."""

from tasks.sources.archive import is_archive, refuse_foreign
from tasks.sources.delimited import decode, delimiter_of, lines
from tasks.sources.json_return import read_json_return
from tasks.sources.limits import WorkbookLimits
from tasks.sources.strict_json import looks_like_json
from tasks.sources.tables import label_of
from tasks.sources.workbook import Cell, Sheet, read_workbook
from warehouse.errors import BatchRefused


def read_return(content: bytes) -> list[Sheet]:
    """Return the sheets of a return.

    Args:
        content: Bytes of an XLSX, CSV or JSON; the bytes say which.

    Raises:
        BatchRefused: It is none of them, damaged, or too large.
    """
    refuse_foreign(content)
    if is_archive(content):
        return read_workbook(content)
    return read_json_return(content) if looks_like_json(content) else read_delimited(content)


def read_delimited(content: bytes) -> list[Sheet]:
    """Return the one table of a CSV, separated by commas, semicolons or tabs.

    Raises:
        BatchRefused: It is not text, or longer than any return.
    """
    text = decode(content)
    limit = WorkbookLimits().rows
    rows: list[list[Cell]] = []
    numbers = []
    for line in lines(text, delimiter_of(text, _labels_in)):
        rows.append([cell.strip() for cell in line.cells])
        numbers.append(line.number)
        if len(rows) > limit:
            raise BatchRefused(
                f"The table has more than {limit} rows, more than any return.",
                "Send the form back as it was sent out, filled in.",
            )
    return [Sheet("", rows, numbers)]


def _labels_in(cells: list[str]) -> int:
    return sum(bool(label_of(cell.strip())) for cell in cells)
