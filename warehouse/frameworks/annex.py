"""Reading the table of criteria out of a ministry's annex: XLSX or CSV, Vietnamese or English headers."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import FrameworkError

HEADER_ROWS = 30  # the header stands in one of the first so many rows, below titles and legal references
_LARGEST = 200_000_000  # bytes of an unpacked workbook; a real annex has a thousandth of it

# Headers by column of nodes.csv, folded (see `folded`), the preferred one first.
_HEADERS = {
    "code": ("code", "ma", "ma tieu chi", "ma chi tieu", "ma chi so", "ma so", "stt", "tt", "so tt", "so thu tu"),
    "parent": ("parent", "ma cha", "ma cap tren", "ma tieu chi cha", "ma chi so cha", "thuoc"),
    "level": ("level", "cap", "cap do"),
    "name_vi": (
        *("name vi", "ten", "ten tieu chi", "ten chi tieu", "ten chi so", "ten tieng viet", "chi tieu ten"),
        *("tieu chi ten", "chi tieu", "tieu chi", "chi so", "noi dung", "noi dung tieu chi"),
    ),
    "name_en": ("name en", "ten tieng anh", "english name", "name", "criterion", "indicator"),
    "max_points": ("max points", "diem toi da", "diem chuan", "thang diem", "diem", "maximum points", "points"),
    "weight": ("weight", "trong so"),
    "aggregation": ("aggregation", "cach tong hop"),
    "evidence": ("evidence", "loai bang chung"),
    "measured_by": ("measured by", "don vi danh gia", "co quan danh gia", "nguon so lieu"),
    "rule": ("rule", "quy tac", "quy tac tinh diem"),
    "parameters": ("parameters", "tham so"),
    "unit": ("unit", "don vi", "don vi tinh"),
    "direction": ("direction", "chieu"),
    "missing": ("missing", "khi thieu so lieu"),
    "numerator_vi": ("numerator vi", "tu so"),
    "denominator_vi": ("denominator vi", "mau so"),
    "items_vi": ("items vi", "cac muc"),
}
_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")  # the first bytes of XLSX, and of XLS or a workbook with a password
_SUFFIXES = (".xlsx", ".xlsm", ".xls")
_NEEDED = ("code", "max_points")
_TOTALS = ("tong", "tong cong", "tong so", "tong diem", "total")
_CODE = re.compile(r"[^\W_](?:[\w.-]*[\w-])?")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")


@dataclass(frozen=True)
class AnnexRow:
    """One row of the annex that describes a node.

    Attributes:
        place: Where it stands, for messages.
        cells: Text by column of nodes.csv; columns that the annex lacks are absent.
    """

    place: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def folded(text: str) -> str:
    """Return a label without marks, case, punctuation and remarks in brackets.

    >>> folded("Điểm tối đa (điểm)") == folded("DIEM_TOI_DA")
    True
    """
    bare = re.sub(r"\(.*?\)", " ", unicodedata.normalize("NFC", text)).translate({273: "d", 272: "D"})
    letters = (letter for letter in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", "".join(letters).casefold()))


def read_annex(file: Path) -> list[AnnexRow]:
    """Read the rows of every sheet that has a table of criteria.

    Args:
        file: XLSX, or CSV in UTF-8 with commas, semicolons or tabs.

    Returns:
        One row per node in the order of the annex. Titles, notes, repeated headers and totals are left out.

    Raises:
        FrameworkError: The file cannot be read or is not what its name says, or no sheet has a header with a code, a
            name and the maximum points.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise FrameworkError(f"{file} cannot be read: {error.strerror}.", "Give the path of the annex.") from error
    is_workbook = data.startswith(_WORKBOOKS)
    if file.suffix.lower() in _SUFFIXES and not is_workbook:
        raise FrameworkError(
            f"{file.name} is not an XLSX workbook, although its name says so.",
            "Save the annex as XLSX from a spreadsheet; a table that is text must be named .csv.",
        )
    sheets = _workbook(data, file) if is_workbook else _texts(data, file)
    found = [row for place, rows in sheets for row in _nodes(place, rows)]
    if not found:
        raise FrameworkError(
            f"{file.name} has no table of criteria: no header with a code, a name and the maximum points "
            f"in the first {HEADER_ROWS} rows of a sheet.",
            "Name the columns, for example, Mã, Tên tiêu chí, Điểm tối đa; or code, name_vi, max_points.",
        )
    return found


def _workbook(data: bytes, file: Path) -> Iterator[tuple[str, Iterable[list[str]]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                    raise FrameworkError(
                        f"{file.name} unpacks to more than {_LARGEST // 10**6} MB.", "This is no annex."
                    )
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield f"sheet {name!r}, row", [[_text(cell) for cell in row] for row in rows]
    except (CalamineError, zipfile.BadZipFile) as error:
        raise FrameworkError(
            f"{file.name} is not a readable workbook: {error}.",
            "Open it in a spreadsheet and save it again as XLSX, without a password.",
        ) from error


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _texts(data: bytes, file: Path) -> Iterator[tuple[str, Iterable[list[str]]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FrameworkError(
            f"{file.name} is neither a workbook nor text in UTF-8.", "Save the annex as XLSX, or as CSV in UTF-8."
        ) from error
    delimiter = max(",;\t", key=lambda mark: max(line.count(mark) for line in text.split("\n")[:HEADER_ROWS]))
    try:
        yield "row", list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FrameworkError(f"{file.name} cannot be read as CSV: {error}.", "Save the annex as XLSX.") from error


def _nodes(place: str, rows: Iterable[list[str]]) -> Iterator[AnnexRow]:
    columns: dict[str, int] = {}
    header: Sequence[str] = ()
    for number, cells in enumerate(rows, start=1):
        if not columns:
            columns, header = _columns(cells), cells
            if number == HEADER_ROWS and not columns:
                return
        elif list(cells) != list(header):
            row = _row(f"{place} {number}", cells, columns, plain="max_points" in header)
            if row is not None:
                yield row


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """Position of each column of nodes.csv if the cells are the header, otherwise nothing."""
    labels = [folded(cell) for cell in cells]
    columns = {
        column: next(labels.index(header) for header in headers if header in labels)
        for column, headers in _HEADERS.items()
        if any(header in labels for header in headers)
    }
    has_name = "name_vi" in columns or "name_en" in columns
    return columns if has_name and all(column in columns for column in _NEEDED) else {}


def _row(place: str, cells: Sequence[str], columns: dict[str, int], *, plain: bool) -> AnnexRow | None:
    """The row as a node, or None if it is a title, a note or a total."""
    named = {column: _tidy(cells[at]) if at < len(cells) else "" for column, at in columns.items()}
    named["code"] = named["code"].rstrip(".")
    name = named.get("name_vi") or named.get("name_en", "")
    if name.strip("()").isdigit():
        # Annexes number their columns below the header: (1), (2), (3).
        return None
    if not named["max_points"] and not _CODE.fullmatch(named["code"]):
        return None
    if not named["code"] and folded(name) in _TOTALS:
        return None
    for column in ("max_points", "weight"):
        if column in named and not plain:
            named[column] = vietnamese_number(named[column])
    return AnnexRow(place, named)


def _tidy(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).split())


def vietnamese_number(text: str) -> str:
    """Write a number with a point before its decimals, as nodes.csv does; anything else stays as it is.

    >>> [vietnamese_number(text) for text in ("1.000", "2,5", "2.5", "0.125", "1.234,5", "?")]
    ['1000', '2.5', '2.5', '0.125', '1234.5', '?']
    """
    if "," in text:
        return text.replace(".", "").replace(",", ".")
    return text.replace(".", "") if _THOUSANDS.fullmatch(text) else text
