"""The audit loop of tone: a sample of a round's posts for annotators, and what their labels say of the model."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.evidence.tone.audit import draw, drift, join, kappa
from tasks.evidence.tone.audit_book import read_book, write_book
from tasks.evidence.tone.path import BUCKETS, classify_piece, mentions_of, pieces
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.job import Job
from tasks.snapshots.store import SnapshotStore
from tasks.sources.base import Receipt
from tasks.tone import audits_folder, pieces_folder, post_files, reader_of
from warehouse.errors import InputError
from warehouse.files import write_parquet, writing
from warehouse.frames import records
from warehouse.frameworks.tone import load_tone
from warehouse.settings import get_settings

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AGREEMENT = 0.6  # kappa below which the guide is discussed before the labels are used


@dataclass(frozen=True)
class Imported:
    """What the labels of a sample say.

    Attributes:
        labelled: Posts with a label.
        missing: Posts of the sample without one.
        used: Whether the labels correct the next measurement: the annotators agree enough, or it was accepted.
        kappas: Two annotators, the number of posts that both labelled, and Cohen's kappa.
        confusion: Weighted posts by true (index) and predicted label (columns).
        drift: The model month by month; see `tasks.evidence.tone.audit.drift`.
    """

    labelled: int
    missing: int
    used: bool
    kappas: list[dict[str, Any]]
    confusion: pd.DataFrame
    drift: pd.DataFrame


def make_sample(job: Job, parts: Sequence[str], size: int, seed: int, out: Path, annotators: int) -> list[Path]:
    """Draw posts of a round and write one workbook for each annotator.

    Args:
        job: The round.
        parts: Workspace partitions of all entries of the round.
        size: Number of posts.
        seed: Seed of the draw.
        out: The file, with the ending .xlsx; a number is put before the ending where there are several annotators.
        annotators: Number of annotators.

    Returns:
        The files.

    Raises:
        InputError: The round has no posts in the lake, or their texts were forgotten.
    """
    files = post_files(job, parts)
    if not files:
        raise InputError("The round has no posts in the lake.", "Run it first: `dti run annual --round DIR`.")
    reader = reader_of(job, load_tone(job.loaded_framework.folder))
    folder = pieces_folder()
    folders = [classify_piece(piece, reader, folder) for piece in pieces(files, reader)]
    mentions = pa.concat_tables([mentions_of(bucket, folders, folder) for bucket in range(BUCKETS)])
    if (ranked := job.ranked_agencies) is not None:
        mentions = mentions.filter(pa.compute.is_in(mentions.column("agency"), pa.array(sorted(ranked))))
    if not mentions.num_rows:
        raise InputError(
            "No post of the round is about an agency, or their texts were forgotten.",
            "Run the round again, then draw the sample.",
        )
    sample = draw(mentions, reader.model.card, size, seed, list(reader.criteria))
    if sample.empty:
        raise InputError("No post of the round tells of a criterion.", "Nothing can be audited.")
    texts = _texts(files, set(sample["post_id"]))
    at = period_end(job.period)
    posts = [
        {**row, "agency": Registry.bundled().by_id(row["agency"], at).full_name_vi, "text": texts[row["post_id"]]}
        for row in records(sample)
    ]
    name = hashlib.sha256("".join(sample["key"]).encode()).hexdigest()[:12]
    place = audits_folder() / f"sample-{name}.parquet"
    write_parquet(sample, place)
    books = [out] if annotators == 1 else [out.with_stem(f"{out.stem}-{number + 1}") for number in range(annotators)]
    for book in books:
        with writing(book):
            book.parent.mkdir(parents=True, exist_ok=True)
            book.write_bytes(write_book(name, posts))
    return books


def import_labels(books: Sequence[Path], *, accept: bool = False) -> Imported:
    """Take in the workbooks of one sample; importing them again replaces what was taken in before.

    Args:
        books: The workbooks, one an annotator; their bytes are kept as snapshots.
        accept: Use the labels though the annotators agree less than `AGREEMENT`.

    Raises:
        InputError: One is no workbook of an audit, they are of different samples, or the sample is not known here.
    """
    contents = {book.stem: _bytes(book) for book in books}
    read = {book.stem: read_book(contents[book.stem], book.name) for book in books}
    names = {name for name, _ in read.values()}
    if len(names) != 1:
        raise InputError("The workbooks are of different samples.", "Import those of one sample at a time.")
    (name,) = names
    place = audits_folder() / f"sample-{name}.parquet"
    if not name.isalnum() or not place.is_file():
        raise InputError(f"The sample {name!r} was not drawn here.", "Import it where `dti tone audit --sample` ran.")
    sample = pd.read_parquet(place)
    labels = {annotator: said for annotator, (_, said) in read.items()}
    rows = join(sample, labels)
    if rows.empty:
        raise InputError("No post of the sample is labelled.", "Fill in the column Sắc thái, then import again.")
    kappas = _kappas(labels)
    used = accept or all(one["kappa"] >= AGREEMENT for one in kappas)
    if used:
        _keep(contents, name)
        write_parquet(rows, audits_folder() / f"audited-{name}.parquet")
    others = [file for file in sorted(audits_folder().glob("audited-*.parquet")) if file.stem != f"audited-{name}"]
    whole = pd.concat([*map(pd.read_parquet, others), rows])
    model = whole[whole["model"] == sample["model"].iloc[0]]
    confusion = rows.pivot_table(index="true", columns="predicted", values="weight", aggfunc="sum", fill_value=0.0)
    labelled = rows["post_id"].nunique()
    return Imported(labelled, len(sample) - labelled, used, kappas, confusion, drift(model))


def _keep(contents: Mapping[str, bytes], sample: str) -> None:
    store = SnapshotStore(get_settings().snapshots)
    for name, content in contents.items():
        receipt = Receipt(content, f"{name}.xlsx", XLSX, datetime.now(UTC))
        store.put(receipt, source="tone_audit", round_name=sample)


def _kappas(labels: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    found = []
    for one, other in combinations(labels, 2):
        shared = sorted(set(labels[one]) & set(labels[other]))
        agreed = kappa([labels[one][key] for key in shared], [labels[other][key] for key in shared])
        found.append({"annotators": f"{one}, {other}", "posts": len(shared), "kappa": agreed})
    return found


def _texts(files: Sequence[Path], wanted: set[str]) -> dict[str, str]:
    found = dict.fromkeys(wanted, "")
    for file in files:
        rows = pq.read_table(file, columns=["post_id", "title", "text"], filters=[("post_id", "in", list(wanted))])
        for row in rows.to_pylist():
            found[row["post_id"]] = "\n".join(filter(None, (row["title"], row["text"])))
    return found


def _bytes(book: Path) -> bytes:
    try:
        return book.read_bytes()
    except OSError as error:
        raise InputError(f"{book} cannot be read: {error.strerror}.", "Give the path of a workbook.") from error
