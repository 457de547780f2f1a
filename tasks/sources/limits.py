"""How much a source may send: every limit of this room, in one place."""

from dataclasses import dataclass

MIB = 1024 * 1024

MAX_FILE_BYTES = 32 * MIB  # a return of 306 criteria has about 50 KB; scans of documents are not sent as data
MAX_FILES = 10_000  # files below one folder of a round
MAX_PAGE_BYTES = 8 * MIB  # a page, a feed or a sitemap of the web; the largest honest ones have about 2 MiB
MAX_ROBOTS_BYTES = MIB // 2  # as RFC 9309 says
MAX_EXPORT_BYTES = 1024 * MIB  # an export of posts: millions of rows
MAX_EXPORT_ROWS = 20_000_000
MAX_JSON_BYTES = 8 * MIB  # a return or a page in JSON: a thousand records have about 200 KB
MAX_JSON_DEPTH = 32  # objects and lists within each other
MAX_JSON_ITEMS = 50_000  # records of one page, items of one return
MAX_LIST_PAGES = 2_000  # pages of one address of a monitoring system
MAX_LIST_BYTES = 64 * MIB  # all of them
MAX_LIST_SECONDS = 1_800.0  # until they are all there, with what is read again
MAX_TEXT = 20_000  # characters of one post; the rest is cut off


@dataclass(frozen=True)
class WorkbookLimits:
    """What a spreadsheet may unpack to.

    Attributes:
        members: Parts of the ZIP archive.
        unpacked_bytes: All parts together, unpacked.
        rows: Last row that holds anything, of one sheet.
        columns: Last column that holds anything, of one sheet.
        area: Rows times columns, of one sheet: the reader keeps every cell of the rectangle in memory.
        merged: Merged ranges of one sheet.
        merged_area: Cells of all merged ranges of one sheet; ranges that do not overlap have no more than the sheet.
    """

    members: int = 2_000
    unpacked_bytes: int = 16 * MIB
    rows: int = 20_000
    columns: int = 500
    area: int = 500_000
    merged: int = 5_000
    merged_area: int = 500_000


@dataclass(frozen=True)
class FetchLimits:
    """How patient a download is.

    Attributes:
        connect_seconds: Until the connection stands.
        read_seconds: Until the next bytes come.
        total_seconds: Until the whole answer is there, so that a trickle of bytes ends too.
        attempts: Requests made before a url counts as dead.
        backoff_seconds: First pause between two attempts; it doubles.
        retry_after_seconds: The longest pause that a server may ask for.
        redirects: Redirects followed, on one host only.
        max_bytes: Size of the answer.
        pause_seconds: Shortest time between two calls of one API.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 300.0
    attempts: int = 4
    backoff_seconds: float = 1.0
    retry_after_seconds: int = 60
    redirects: int = 5
    max_bytes: int = MAX_FILE_BYTES
    pause_seconds: float = 0.1


def page_limits() -> FetchLimits:
    """How patient the crawler is with one page; a slow portal must not hold up the others."""
    return FetchLimits(read_seconds=20.0, total_seconds=60.0, attempts=3, backoff_seconds=0.5, max_bytes=MAX_PAGE_BYTES)
