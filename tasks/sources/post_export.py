"""Exports of social platforms and feedback portals: files of posts, put into the round by whoever may see them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tasks.sources.base import Page, Receipt
from tasks.sources.files import gather_path
from tasks.sources.http import gather_urls
from tasks.sources.limits import MAX_EXPORT_BYTES
from tasks.sources.posts import CHANNELS, POST_COLUMNS, post_frame
from tasks.sources.rounds import Entry
from warehouse.errors import BatchRefused

_BLANK, _BAD_ROW = "blank text", "row that cannot be read"


class PostExport:
    """Posts in files: CSV, JSON Lines or Parquet, one row a post."""

    name = "post_export"
    title_vi = "Tệp xuất dữ liệu bài viết, bình luận"
    title_en = "Exported posts and comments"
    evidence = "tone"

    def gather(
        self,
        entry: Entry,
        folder: Path,
        earlier: Sequence[Page] = (),  # noqa: ARG002 - files are always read whole
    ) -> Iterator[Receipt]:
        """Yield the files; see `tasks.sources.base.MicroSource.gather`."""
        if entry.path is not None:
            return gather_path(entry.path, folder, max_bytes=MAX_EXPORT_BYTES)
        return gather_urls(entry.addresses)

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read the files; see `tasks.sources.base.MicroSource.read_answers`.

        Returns:
            POST rows; see `tasks.sources.posts`.

        Raises:
            BatchRefused: No file can be read.
        """
        return self.read_counted(pages)[0]

    def read_counted(self, pages: Sequence[Page]) -> tuple[pd.DataFrame, dict[str, int]]:
        """Read the files, and count what was left out.

        A file that cannot be used is counted under the sentence that says why; the others are read.

        Returns:
            POST rows, and reason to number of files or rows. The channel is that of the row's own column, else that of
            the folder `news`, `comment` or `app_review` in which the file lies, else `comment`. The portal is the
            row's own, else the name of the file without its ending.

        Raises:
            BatchRefused: No file can be read.
        """
        left_out: Counter[str] = Counter()
        frames: list[pd.DataFrame] = []
        refusals: list[BatchRefused] = []
        for page in pages:
            try:
                frames.append(_read(page, left_out))
            except BatchRefused as refusal:
                refusals.append(refusal)
                left_out[refusal.message] += 1
        if refusals and not frames:
            raise refusals[0]
        if not frames:
            return post_frame([]), {}
        found = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
        found = found[~found.duplicated("post_id", keep="last")].reset_index(drop=True)
        return found, {reason: number for reason, number in sorted(left_out.items()) if number}


SOURCE = PostExport()


def _read(page: Page, left_out: Counter[str]) -> pd.DataFrame:
    """POST rows of one file."""
    # Loading the parsers of web pages costs time that commands that read nothing do not pay.
    from tasks.sources.crawl import columns
    from tasks.sources.crawl.dumps import read_dump
    from tasks.sources.crawl.reading import OLD_FONT

    table, bad = read_dump(page.content)
    place = PurePosixPath(page.origin.partition("#again=")[0])
    said = {name: table.column(name).combine_chunks() for name in table.column_names}
    nothing = pa.array([""], pa.large_string()).take(pa.array([0] * table.num_rows, pa.int32()))

    def of(name: str, default: str = "") -> pa.Array:
        column = said.get(name, nothing)
        return pc.if_else(pc.equal(column, ""), columns.scalar(default), column) if default else column

    text, title = columns.texts(of("text")), columns.names(of("title"))
    portal = columns.names(of("portal", place.stem))
    author, published = columns.names(of("author")), columns.times(of("date"))
    written = pc.binary_join_element_wise(author, published, text, columns.scalar("\0"))
    url = columns.names(of("url"))
    native = pc.coalesce(*(pc.if_else(pc.equal(one, ""), None, one) for one in (of("id"), url, written)))
    found = {
        "post_id": columns.ids(portal, native),
        "channel": _channel(of("channel"), place),
        "portal": portal,
        "place": pa.repeat(columns.scalar(page.origin), table.num_rows),
        "author": author,
        "published_at": published,
        "title": title,
        "text": text,
        "stars": columns.stars(of("stars")),
        "thread": columns.names(of("thread")),
        "about": columns.names(of("about")),
    }
    blank = pc.equal(text, "")
    old = pc.and_not(columns.font_coded(pc.binary_join_element_wise(title, text, columns.scalar(" "))), blank)
    counts = {_BLANK: pc.sum(blank).as_py(), OLD_FONT: pc.sum(old).as_py(), _BAD_ROW: bad}
    left_out.update({reason: number or 0 for reason, number in counts.items()})
    kept = pa.table(found).filter(pc.invert(pc.or_(blank, old)))
    rows: pd.DataFrame = kept.to_pandas()
    return rows[list(POST_COLUMNS)].astype("str")


def _channel(column: pa.Array, place: PurePosixPath) -> pa.Array:
    """The channel of each row, where it is one of ours, else that of the folder."""
    by_folder = next((part for part in reversed(place.parts[:-1]) if part in CHANNELS), "comment")
    known = pc.is_in(column, pa.array(CHANNELS, pa.large_string()))
    return pc.if_else(known, column, pa.scalar(by_folder, pa.large_string()))
