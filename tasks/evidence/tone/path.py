"""The path from posts to counts, in pieces: each piece is read, classified and written by itself.

A piece that was classified before, by the same model and declaration, is not classified again: its folder is named
after everything it depends on, and appears whole or not at all. So a run that is cut goes on, a worker that dies in the
middle changes nothing, and the same functions run here, in a pool of processes and on a cluster.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.evidence.tone.classify import MENTIONS, POSTS, Reader, classify
from tasks.evidence.tone.weigh import COUNTS, weigh

VERSION = "2"  # of the way from posts to mentions: another version classifies again
PIECE = 50_000  # posts
BUCKETS = 64  # an agency is in one of them
_DONE = "left_out.json"


@dataclass(frozen=True)
class Piece:
    """A row group of a Parquet file of posts.

    Attributes:
        file: The file.
        group: Number of the row group.
        posts: Number of posts.
        key: Names the piece and everything that its mentions depend on.
    """

    file: str
    group: int
    posts: int
    key: str


def write_posts(posts: pa.Table, file: Path) -> None:
    """Keep posts as Parquet, in pieces."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    pq.write_table(posts.cast(POSTS), unfinished, row_group_size=PIECE, compression="zstd")
    unfinished.replace(file)


def pieces(files: Sequence[Path], reader: Reader) -> list[Piece]:
    """Return the pieces of files of posts, in their order."""
    depends = hashlib.sha256(json.dumps(reader.identity() | {"path": VERSION}, sort_keys=True).encode())
    found = []
    for file in files:
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").digest()
        about = pq.ParquetFile(file).metadata
        for group in range(about.num_row_groups):
            key = hashlib.sha256(depends.digest() + content + str(group).encode()).hexdigest()[:32]
            found.append(Piece(str(file), group, about.row_group(group).num_rows, key))
    return found


def classify_piece(piece: Piece, reader: Reader, folder: Path) -> str:
    """Classify one piece, unless that is done, and write its mentions by bucket of agencies.

    Args:
        piece: The piece.
        reader: What reading needs.
        folder: Folder of all pieces.

    Returns:
        Name of the piece's own folder.
    """
    own = folder / piece.key
    if (own / _DONE).is_file():
        return own.name
    posts = pq.ParquetFile(piece.file).read_row_group(piece.group)
    found, left_out = classify(posts, reader)
    unfinished = folder / f"{piece.key}.{secrets.token_hex(4)}.tmp"
    unfinished.mkdir(parents=True)
    bucket = pa.array([bucket_of(agency) for agency in found.column("agency").to_pylist()], pa.int16())
    for number in sorted(set(bucket.to_pylist())):
        rows = found.filter(pa.compute.equal(bucket, number))
        pq.write_table(rows, unfinished / f"{number:03d}.parquet", compression="zstd")
    content = {"posts": posts.num_rows, "mentions": found.num_rows, "left_out": dict(sorted(left_out.items()))}
    (unfinished / _DONE).write_text(json.dumps(content), encoding="utf-8")
    try:
        unfinished.rename(own)
    except OSError:  # another worker was faster with the same piece
        shutil.rmtree(unfinished)
        if not (own / _DONE).is_file():
            raise
    return own.name


def weigh_bucket(bucket: int, folders: Sequence[str], folder: Path, criteria: list[str]) -> pd.DataFrame:
    """Count the mentions of the agencies of one bucket over all pieces, unless that is done.

    Args:
        bucket: Number of the bucket.
        folders: Names of the pieces' folders.
        folder: Folder of all pieces.
        criteria: Codes of the criteria in the order of their bits.

    Returns:
        Rows of `weigh.COUNTS`.
    """
    key = hashlib.sha256(json.dumps([VERSION, list(COUNTS), sorted(folders), criteria]).encode()).hexdigest()[:32]
    file = folder.parent / "counts" / key / f"{bucket:03d}.parquet"
    if file.is_file():
        return pd.read_parquet(file).astype(COUNTS)
    counts = weigh(mentions_of(bucket, folders, folder), criteria)
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{secrets.token_hex(4)}.tmp")
    counts.to_parquet(unfinished, index=False)
    unfinished.replace(file)
    return counts


def mentions_of(bucket: int, folders: Sequence[str], folder: Path) -> pa.Table:
    """Return the mentions of one bucket over all pieces."""
    files = [folder / name / f"{bucket:03d}.parquet" for name in folders]
    tables = [pq.read_table(file, schema=MENTIONS) for file in files if file.is_file()]
    return pa.concat_tables(tables) if tables else MENTIONS.empty_table()


def bucket_of(agency: str) -> int:
    """Return the bucket of an agency."""
    return int.from_bytes(hashlib.blake2b(agency.encode(), digest_size=4).digest()) % BUCKETS


def account_of(folders: Iterable[str], folder: Path) -> dict[str, int]:
    """Return how many posts there were, how many mentions they gave, and how many posts were left out, by reason."""
    total: Counter[str] = Counter()
    for name in folders:
        said = json.loads((folder / name / _DONE).read_text(encoding="utf-8"))
        total.update({"posts": said["posts"], "mentions": said["mentions"], **said["left_out"]})
    return dict(total)


def counted(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the counts of all buckets as one frame, in a fixed order."""
    found = [table for table in tables if len(table)]
    if not found:
        return pd.DataFrame({name: [] for name in COUNTS}).astype(COUNTS)
    order = ["criterion", "agency", "channel", "variant", "month"]
    return pd.concat(found, ignore_index=True).sort_values(order, kind="stable", ignore_index=True)
