"""Where the synthetic posts stand: on which portal, in which export, and the files of both."""

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.frames import records

EXPORTS = "exports"
TRUTH_OF_EXPORTS = "truth_of_exports.csv"
_EXPORTED = 0.6  # of the comments
_SLOW = 0.06  # of the comments that are served
_NEWS = ("bao-mo-phong", "tin-so", "bao-tinh", "bao-cu")
_NEWS_SHARES = (0.4, 0.3, 0.2, 0.1)
_FORBIDDEN = "bao-cam"
# Portal to what the server has to know; see `tasks.demo.servers.portals`.
PORTALS: dict[str, dict[str, str]] = {
    "bao-mo-phong": {"kind": "feed", "channel": "news", "fault": ""},
    "tin-so": {"kind": "sitemap", "channel": "news", "fault": ""},
    "bao-tinh": {"kind": "pages", "channel": "news", "fault": "broken_html"},
    "bao-cu": {"kind": "pages", "channel": "news", "fault": "windows-1258"},
    "bao-chet": {"kind": "feed", "channel": "news", "fault": "dead"},
    "bao-cam": {"kind": "sitemap", "channel": "news", "fault": "forbidden"},
    "bao-hong": {"kind": "feed", "channel": "news", "fault": "not_xml"},
    "dien-dan": {"kind": "comments", "channel": "comment", "fault": ""},
    "gop-y": {"kind": "comments", "channel": "comment", "fault": "429"},
    "dien-dan-cham": {"kind": "comments", "channel": "comment", "fault": "slow"},
    "kho-ung-dung": {"kind": "reviews", "channel": "app_review", "fault": ""},
    "cho-ung-dung": {"kind": "reviews", "channel": "app_review", "fault": "", "format": "html"},
}
_KEYS = (
    "id",
    "portal",
    "channel",
    "kind",
    "agency",
    "date",
    "author",
    "title",
    "text",
    "stars",
    "about",
    "true_polarity",
    "thread",
)
_THREADS = 120
_STARS = {"negative": (1, 1, 1, 2, 2, 3, 5), "neutral": (2, 3, 3, 3, 4), "positive": (4, 5, 5, 5, 5), "": (1, 3, 5)}


def place_posts(rng: np.random.Generator, posts: pd.DataFrame) -> pd.DataFrame:
    """Give every post a portal, or an empty one where it comes as an export, with id, stars and thread.

    Args:
        rng: Random generator.
        posts: Grain one row a post, with `channel`, `register`, `kind`, `about` and `true_polarity`.
    """
    portals = [_portal(rng, post) for post in records(posts)]
    found = posts.assign(portal=portals)
    # On a portal the ids count its posts, as the server does; in the exports they run through all files.
    ids = found.groupby("portal").cumcount()
    found["id"] = [str(number) if portal else f"mxh-{number:06d}" for number, portal in zip(ids, portals, strict=True)]
    found["stars"] = [_stars(rng, post) for post in records(posts)]
    found["thread"] = [
        f"/web/dien-dan/chu-de/{int(rng.integers(_THREADS))}" if channel == "comment" else ""
        for channel in posts["channel"]
    ]
    return found


def write_portals(folder: Path, posts: pd.DataFrame) -> None:
    """Write `posts.jsonl` and `portals.json` of a folder for the server of portals."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "portals.json").write_text(json.dumps(PORTALS, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_jsonl(folder / "posts.jsonl", records(posts[list(_KEYS)]))


def write_exports(folder: Path, posts: pd.DataFrame) -> None:
    """Write exported comments as JSON Lines, CSV and Parquet, each with the columns of another tool, and their truth.

    Args:
        folder: The round's folder.
        posts: Posts; a third goes into each file.
    """
    place = folder / EXPORTS / "comment"
    place.mkdir(parents=True, exist_ok=True)
    first, second, third = (posts.iloc[part::3] for part in range(3))
    names = {"id": "post_id", "text": "message", "date": "created_at", "author": "author", "thread": "thread"}
    write_jsonl(place / "mang-xa-hoi.jsonl", records(first[list(names)].rename(columns=names)))
    said = [
        (post["id"], datetime.fromisoformat(post["date"]).strftime("%d/%m/%Y %H:%M"), post["author"], post["text"])
        for post in records(second)
    ]
    write_csv(place / "gop-y.csv", ("id", "ngay", "nguoi_gui", "noi_dung"), said, encoding="utf-8-sig")
    names = {"id": "comment_id", "text": "text", "author": "user", "date": "created_at", "channel": "channel"}
    columns = {new: pa.array(third[old].tolist(), pa.string()) for old, new in names.items()}
    pq.write_table(pa.table(columns), place / "dien-dan.parquet", compression="zstd")
    header = ("id", "channel", "agency", "polarity", "kind")
    truth = posts[["id", "channel", "agency", "true_polarity", "kind"]]
    write_csv(folder / TRUTH_OF_EXPORTS, header, truth.itertuples(index=False))


def write_jsonl(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write one JSON object a line."""
    with file.open("w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_csv(file: Path, header: Sequence[str], rows: Iterable[Iterable[Any]], *, encoding: str = "utf-8") -> None:
    """Write rows below a header, exact numbers."""
    with file.open("w", encoding=encoding, newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _portal(rng: np.random.Generator, post: dict[str, Any]) -> str:
    """The portal of a post, empty for an export."""
    place, channel = float(rng.random()), post["channel"]
    if post["kind"] == "unreachable":
        return _FORBIDDEN
    if channel == "news":
        return _NEWS[int(np.searchsorted(np.cumsum(_NEWS_SHARES)[:-1], place, side="right"))]
    if channel == "app_review":
        return "kho-ung-dung" if post["about"] or place < 0.7 else "cho-ung-dung"
    if place < _EXPORTED:
        return ""
    if place > 1 - _SLOW * (1 - _EXPORTED):
        return "dien-dan-cham"
    return "gop-y" if post["register"] == "form" else "dien-dan"


def _stars(rng: np.random.Generator, post: dict[str, Any]) -> str:
    if post["channel"] != "app_review":
        return ""
    ways = _STARS[post["true_polarity"]]
    return str(ways[int(rng.integers(len(ways)))])
