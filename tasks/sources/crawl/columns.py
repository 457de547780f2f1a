"""Whole columns of posts at once: inert text, dates, stars and ids of millions of rows without a loop over them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tasks.sources.crawl.comments import stars_of
from tasks.sources.crawl.dates import utc_text
from tasks.sources.crawl.fontcodes import SUSPECT, is_font_coded
from tasks.sources.crawl.plain import one_line, plain
from tasks.sources.limits import MAX_TEXT
from tasks.sources.posts import post_id

# What a text must not hold to be plain already; all else is looked at row by row. RE2, as Arrow has it.
_NOT_PLAIN = (
    r"[<&\x00-\x1f\x7f-\x{9f}\x{ad}\x{61c}\x{200b}\x{200e}\x{200f}\x{2028}\x{2029}\x{202a}-\x{202e}\x{2060}-\x{206f}"
    r"\x{feff}\x{fff9}-\x{fffb}\x{e0000}-\x{e007f}\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]|  |\pM{30}"
)
_ISO = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_ZONE = r"(Z|[+-]\d{2}:?\d{2})$"
_BEHIND = np.timedelta64(7 * 3600, "s")  # a time without a zone is Vietnamese


def scalar(text: str) -> pa.Scalar:
    """One text for a whole column."""
    return pa.scalar(text, pa.large_string())


def texts(column: pa.Array) -> pa.Array:
    """A column as inert plain text in NFC, blanks trimmed, cut at the longest post."""
    cut = pc.utf8_slice_codeunits(_inert(column, plain), 0, MAX_TEXT)
    return pc.utf8_rtrim_whitespace(cut)


def names(column: pa.Array) -> pa.Array:
    """A column of titles or authors, each on one line."""
    return pc.utf8_slice_codeunits(_inert(column, one_line), 0, 500)


def times(column: pa.Array) -> pa.Array:
    """A column of dates, as ISO 8601 in UTC; what is not understood becomes empty."""
    zoned = pc.match_substring_regex(column, _ISO + _ZONE)
    naive = pc.match_substring_regex(column, _ISO + "$")
    regular = pc.or_(zoned, naive).to_numpy(zero_copy_only=False)
    said = column.to_pandas()
    found = pd.to_datetime(said.where(regular), format="ISO8601", utc=True, errors="coerce").dt.tz_localize(None)
    moments = found.to_numpy().astype("datetime64[s]")
    moments = np.where(naive.to_numpy(zero_copy_only=False), moments - _BEHIND, moments)
    written = pa.array(np.datetime_as_string(moments, unit="s")).cast(pa.large_string())
    written = pc.binary_join_element_wise(written, scalar("Z"), scalar(""))
    written = pc.if_else(pa.array(np.isnat(moments)), scalar(""), written)
    rest = pa.array(~regular)
    return _where(written, pc.and_(rest, pc.not_equal(column, "")), column, utc_text)


def stars(column: pa.Array) -> pa.Array:
    """A column of stars as `1` to `5` or empty."""
    return _by_value(column, stars_of)


def ids(portals: pa.Array, natives: pa.Array) -> pa.Array:
    """The ids of posts; see `tasks.sources.posts.post_id`."""
    pairs = zip(portals.to_pylist(), natives.to_pylist(), strict=True)
    return pa.array([post_id(portal, native) for portal, native in pairs], pa.large_string())


def font_coded(column: pa.Array) -> pa.Array:
    """Which texts were written for an old font."""
    suspect = pc.match_substring_regex(column, SUSPECT).to_numpy(zero_copy_only=False)
    found = np.zeros(len(column), dtype=bool)
    for at in np.flatnonzero(suspect):
        found[at] = is_font_coded(column[int(at)].as_py())
    return pa.array(found)


def _inert(column: pa.Array, maker: Callable[[str], str]) -> pa.Array:
    """Rows that are plain already are trimmed and normalised, the others made plain one by one."""
    mask = pc.match_substring_regex(column, _NOT_PLAIN)
    ready = pc.utf8_trim_whitespace(pc.utf8_normalize(pc.if_else(mask, "", column), form="NFC"))
    return _where(ready, mask, column, maker)


def _where(ready: pa.Array, mask: pa.Array, column: pa.Array, maker: Callable[[str], str]) -> pa.Array:
    """`ready`, but where the mask holds, what is made of the column."""
    ready = ready.cast(pa.large_string())
    if not pc.any(mask).as_py():
        return ready
    made = pa.array([maker(text) for text in column.filter(mask).to_pylist()], pa.large_string())
    return pc.replace_with_mask(ready, mask, made)


def _by_value(column: pa.Array, maker: Callable[[str], str]) -> pa.Array:
    coded = column.dictionary_encode()
    values = pa.array([maker(value) for value in coded.dictionary.to_pylist()], pa.large_string())
    return values.take(coded.indices)
