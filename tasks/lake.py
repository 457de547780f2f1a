"""Posts in the lake: how they are kept, and when their texts are forgotten."""

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.evidence.surveys.pseudonyms import load_pseudonyms
from tasks.evidence.tone.path import write_posts
from tasks.evidence.tone.posts import pseudonymise_posts
from tasks.sources.base import Page, PostSource
from warehouse.files import writing
from warehouse.settings import get_settings

TONE = "tone"  # kind of evidence
_DAY_SECONDS = 86_400


def keep_posts(source: PostSource, pages: Sequence[Page], origins: Mapping[str, str], file: Path) -> str:
    """Read the posts of one entry and write them to the lake, authors as pseudonyms.

    Args:
        source: What they came from.
        pages: The pages.
        origins: Origin of each page to its sha256.
        file: Where they go.

    Returns:
        How many posts came, and what could not be read, as a sentence.

    Raises:
        BatchRefused: The pages are not what the source gives.
    """
    posts, unread = source.read_counted(pages)
    with writing(file):
        write_posts(pseudonymise_posts(posts, load_pseudonyms(get_settings()), origins), file)
    lost = "; ".join(f"{count} {reason}" for reason, count in sorted(unread.items()))
    return f"{len(posts)} posts came in {len(pages)} pages" + (f"; not read: {lost}." if lost else ".")


def forget_texts(now: float | None = None) -> int:
    """Empty the texts of posts that were kept longer than `DTI_POST_TEXT_DAYS`; counts stay.

    Pieces of classified posts of that age are removed: without their texts no near-duplicates can be found among them,
    so that a later run would count them wrongly instead of classifying them again.

    Args:
        now: The time, in seconds since 1970; None: this moment.

    Returns:
        Number of files and pieces whose texts were forgotten.
    """
    settings = get_settings()
    oldest = (time.time() if now is None else now) - settings.post_text_days * _DAY_SECONDS
    forgotten = 0
    for file in settings.lake.glob("answers/*/*/*.parquet"):
        if file.stat().st_mtime < oldest and _forget(file):
            forgotten += 1
    for piece in settings.lake.glob("tone/pieces/*"):
        if piece.stat().st_mtime < oldest:
            shutil.rmtree(piece)
            forgotten += 1
    return forgotten


def _forget(file: Path) -> bool:
    table = pq.read_table(file)
    told = ["title", "text"] if "post_id" in table.column_names else []  # answers of surveys lie there too
    if not any(pa.compute.any(pa.compute.not_equal(table.column(name), "")).as_py() for name in told):
        return False
    for name in told:
        empty = pa.array([""] * table.num_rows, pa.string())
        table = table.set_column(table.column_names.index(name), name, empty)
    unfinished = file.with_suffix(".forgotten.tmp")
    pq.write_table(table, unfinished, compression="zstd")
    unfinished.replace(file)
    return True
