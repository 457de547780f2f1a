"""Files of posts as tables of text: CSV, JSON Lines and Parquet, within limits."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from tasks.harmonise.text import tokens
from tasks.sources.delimited import decode, delimiter_of
from tasks.sources.limits import MAX_EXPORT_ROWS, MIB
from warehouse.errors import BatchRefused

PARQUET = b"PAR1"
# Our name of a column to what exports call it, the likeliest first.
NAMES: Mapping[str, Sequence[str]] = {
    "id": ("id", "post_id", "comment_id", "review_id", "message_id"),
    "text": ("text", "content", "message", "body", "noi_dung", "comment", "binh_luan", "review"),
    "author": ("author", "user", "nguoi_gui", "username", "user_name", "author_name", "nguoi_dung", "ho_ten"),
    "date": (
        "created_at",
        "date",
        "published_at",
        "ngay",
        "created_time",
        "time",
        "timestamp",
        "thoi_gian",
        "ngay_gui",
    ),
    "stars": ("stars", "rating", "score", "so_sao"),
    "url": ("url", "link", "permalink", "dia_chi"),
    "title": ("title", "tieu_de", "subject"),
    "channel": ("channel", "kenh"),
    "about": ("about", "app", "ung_dung", "co_quan"),
    "portal": ("portal", "platform", "nen_tang"),
    "thread": ("thread", "parent_url", "post_url", "article_url"),
}
_BATCH = 131_072
_MOST_TEXT_BYTES = 4 * 1024 * MIB  # of all columns that are used, unpacked
_LONGEST = 200_000  # characters of one cell that are looked at
_EXPORT_AGAIN = (
    "Export it again as CSV in UTF-8, JSON Lines or Parquet, one row a post; docs/portals.md names the columns."
)


def read_dump(content: bytes) -> tuple[pa.Table, int]:
    """Read a file of posts.

    Args:
        content: Its bytes.

    Returns:
        The known columns under our names, all of them text and without nulls, and the number of rows that could not be
        read.

    Raises:
        BatchRefused: It is none of the formats, damaged, too large, or has no column of text.
    """
    if content.startswith(PARQUET):
        return _parquet(content), 0
    try:
        text = decode(content.replace(b"\0", b"") if not content.startswith((b"\xff\xfe", b"\xfe\xff")) else content)
    except UnicodeDecodeError:
        raise BatchRefused("The export is not whole: it ends within a letter.", _EXPORT_AGAIN) from None
    if text.lstrip()[:1] in ("{", "["):
        return _json(text)
    return _csv(text)


def _known(columns: Sequence[str]) -> dict[str, str]:
    """Our name to the column of a file."""
    spelled: dict[str, str] = {}
    for column in columns:
        spelled.setdefault("_".join(tokens(column)), column)
    found = {ours: next((spelled[name] for name in names if name in spelled), "") for ours, names in NAMES.items()}
    if not found["text"]:
        raise BatchRefused("The export has no column of text.", f"It may be called: {', '.join(NAMES['text'])}.")
    return {ours: column for ours, column in found.items() if column}


def _parquet(content: bytes) -> pa.Table:
    try:
        file = pyarrow.parquet.ParquetFile(pa.BufferReader(content))
        schema = file.schema_arrow
        known = _known(schema.names)
        if any(schema.names.count(name) > 1 for name in known.values()):
            raise BatchRefused("The export has two columns of one name.", _EXPORT_AGAIN)
        if file.metadata.num_rows > MAX_EXPORT_ROWS:
            raise BatchRefused(f"The export has more than {MAX_EXPORT_ROWS} rows.", "Split it into several files.")
        texts = [name for name in known.values() if _is_text(schema.field(name).type)]
        # Repeated values stay packed until they are cut: a few bytes may stand for millions of long texts.
        file = pyarrow.parquet.ParquetFile(pa.BufferReader(content), read_dictionary=texts)
        batches = list(_within(file.iter_batches(_BATCH, columns=list(known.values())), known))
    except BatchRefused:
        raise
    except (pa.ArrowException, OSError, ValueError, MemoryError, LookupError):
        raise BatchRefused("The Parquet file is damaged.", _EXPORT_AGAIN) from None
    if not batches:
        raise BatchRefused("The export has no posts in it.", _EXPORT_AGAIN)
    return pa.Table.from_batches(batches)


def _within(batches: Iterator[pa.RecordBatch], known: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    rows = size = 0
    for batch in batches:
        columns = {ours: _as_text(batch.column(batch.schema.get_field_index(name))) for ours, name in known.items()}
        found = pa.RecordBatch.from_pydict(columns)
        rows, size = rows + found.num_rows, size + found.nbytes
        if rows > MAX_EXPORT_ROWS or size > _MOST_TEXT_BYTES:
            raise _too_much()
        yield found


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _as_text(column: pa.Array) -> pa.Array:
    """A column as text, whatever it is; long cells are cut."""
    if pa.types.is_dictionary(column.type):
        values = _cut(column.dictionary.cast(pa.large_string()))
        if (pc.sum(pc.binary_length(values).cast(pa.int64()).take(column.indices)).as_py() or 0) > _MOST_TEXT_BYTES:
            raise _too_much()
        return pc.fill_null(values.take(column.indices), "")
    kind = column.type
    if pa.types.is_timestamp(kind):
        form = "%Y-%m-%dT%H:%M:%SZ" if kind.tz else "%Y-%m-%dT%H:%M:%S"
        seconds = column.cast(pa.timestamp("s", "UTC" if kind.tz else None), safe=False)
        return pc.fill_null(pc.strftime(seconds, form).cast(pa.large_string()), "")
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise BatchRefused("A column of the Parquet file is no text, number or date.", _EXPORT_AGAIN)
    return pc.fill_null(_cut(column.cast(pa.large_string())), "")


def _cut(column: pa.Array) -> pa.Array:
    """A column of texts without what nobody looks at.

    Raises:
        ArrowInvalid: Its bytes only claim to be text.
    """
    column.validate(full=True)
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    return pc.utf8_slice_codeunits(column, 0, _LONGEST) if longest > _LONGEST else column


def _too_much() -> BatchRefused:
    return BatchRefused("The export unpacks to more than is taken.", "Split it into several files.")


def _json(text: str) -> tuple[pa.Table, int]:
    rows, bad = [], 0
    try:
        found = json.loads(text) if text.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        raise BatchRefused("The export is not JSON.", _EXPORT_AGAIN) from None
    for row in found if isinstance(found, list) else _lines(text):
        if isinstance(row, dict):
            rows.append(row)
        else:
            bad += 1
        if len(rows) > MAX_EXPORT_ROWS:
            raise BatchRefused(f"The export has more than {MAX_EXPORT_ROWS} rows.", "Split it into several files.")
    if not rows:
        raise BatchRefused("The export has no posts in it.", _EXPORT_AGAIN)
    known = _known(list(dict.fromkeys(name for row in rows for name in row)))
    columns = {
        ours: pa.array([_cell(row.get(name)) for row in rows], pa.large_string()) for ours, name in known.items()
    }
    return pa.table(columns), bad


def _lines(text: str) -> Iterator[object]:
    for line in io.StringIO(text):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield None


def _cell(value: object) -> str:
    """A JSON value as text; of a nested author its name; half an emoji, which no file takes, is replaced."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("username")
    if value is None or isinstance(value, list | dict):
        return ""
    text = str(value)[:_LONGEST]
    return text if text.isascii() else text.encode(errors="replace").decode()


def _csv(text: str) -> tuple[pa.Table, int]:
    bad = 0

    def skip(row: pa.csv.InvalidRow) -> str:  # noqa: ARG001 - one more or one less cell than the header has
        nonlocal bad
        bad += 1
        return "skip"

    delimiter = delimiter_of(text[:100_000].rpartition("\n")[0] or text, len)
    header = next(iter(text.splitlines()), "")
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    known = _known(names)
    if len(set(names)) < len(names):
        raise BatchRefused("The export has two columns of one name.", _EXPORT_AGAIN)
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text.encode(errors="replace")),
            read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=1, block_size=16 * MIB),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=list(known.values()),
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowException, ValueError):
        raise BatchRefused("The export cannot be read as CSV.", _EXPORT_AGAIN) from None
    if table.num_rows > MAX_EXPORT_ROWS:
        raise BatchRefused(f"The export has more than {MAX_EXPORT_ROWS} rows.", "Split it into several files.")
    columns = {ours: table.column(name).combine_chunks() for ours, name in known.items()}
    return pa.table({ours: _cut(column) for ours, column in columns.items()}), bad
