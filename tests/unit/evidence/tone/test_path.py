import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tasks.evidence.tone import path
from tasks.evidence.tone.classify import POSTS
from tasks.evidence.tone.path import account_of, bucket_of, classify_piece, pieces, write_posts
from tasks.evidence.tone.processes import count_posts

TEXTS = (
    "Nộp hồ sơ ở Hà Nội nhanh gọn, cán bộ nhiệt tình số {}",
    "Cổng dịch vụ công Đà Nẵng lỗi hoài, nộp {} lần không được",
    "VNeID cập nhật xong văng liên tục, chán {} phần",
    "hom nay troi dep qua {}",
)


@pytest.fixture
def files(tmp_path, make_posts, monkeypatch):
    """Two files of 60 posts each, in pieces of 20."""
    monkeypatch.setattr(path, "PIECE", 20)
    found = []
    for part in range(2):
        rows = [
            {
                "post_id": f"{part}-{at}",
                "author": f"{part}-{at % 40}",
                "text": TEXTS[at % 4].format(at),
                "snapshot": str(part),
            }
            for at in range(60)
        ]
        found.append(tmp_path / f"part-{part}.parquet")
        write_posts(make_posts(*rows), found[-1])
    return found


def counts_of(files, reader, folder, processes=1):
    counts, account, _ = count_posts(files, reader, folder, processes=processes)
    return counts, account


def test_count_posts__one_process_and_two__give_identical_counts(files, reader, tmp_path):
    one = counts_of(files, reader, tmp_path / "one" / "pieces", 1)
    two = counts_of(files, reader, tmp_path / "two" / "pieces", 2)
    pd.testing.assert_frame_equal(one[0], two[0], check_exact=True)
    assert one[1] == two[1]
    assert one[1]["posts"] == 120
    assert one[1]["unlinked"] == 30
    assert os.environ.get("RAYON_NUM_THREADS") != "1"


def test_count_posts__a_second_run__reads_nothing_again(files, reader, tmp_path, monkeypatch):
    folder = tmp_path / "pieces"
    first = counts_of(files, reader, folder)
    monkeypatch.setattr(path, "classify", _refuse)
    second = counts_of(files, reader, folder)
    pd.testing.assert_frame_equal(first[0], second[0], check_exact=True)
    assert first[1] == second[1]


def test_count_posts__new_posts__only_they_are_read(files, reader, tmp_path, monkeypatch):
    folder = tmp_path / "pieces"
    counts_of(files[:1], reader, folder)
    read = []
    classify = path.classify
    monkeypatch.setattr(path, "classify", lambda posts, with_: read.append(posts.num_rows) or classify(posts, with_))
    _, account = counts_of(files, reader, folder)
    assert read == [20, 20, 20]
    assert account["posts"] == 120


def test_pieces__another_model_or_declaration__is_another_piece(files, reader):
    from dataclasses import replace

    keys = {piece.key for piece in pieces(files, reader)}
    assert len(keys) == 6
    for other in (
        replace(reader, kinds=("province",)),
        replace(reader, threshold=0.6),
        replace(reader, criteria={"X.1": reader.criteria["X.1"]}),
        replace(reader, model=replace(reader.model, card=replace(reader.model.card, sha256="0" * 64))),
    ):
        assert not keys & {piece.key for piece in pieces(files, other)}


def test_pieces__another_word_list__is_another_piece(files, reader, monkeypatch):
    from tasks.evidence.tone import classify

    keys = {piece.key for piece in pieces(files, reader)}
    monkeypatch.setattr(classify, "lists_digest", lambda: "0" * 64)
    assert not keys & {piece.key for piece in pieces(files, reader)}


def test_classify_piece__a_worker_that_is_killed_in_the_middle__changes_nothing(files, reader, tmp_path):
    folder = tmp_path / "pieces"
    whole = counts_of(files, reader, tmp_path / "whole" / "pieces")
    todo = pieces(files, reader)
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(BrokenProcessPool),
    ):
        pool.submit(_die_in_the_middle, todo[0], reader, folder).result()
    assert list(folder.glob("*.tmp"))  # it really had begun
    assert not any((folder / piece.key).exists() for piece in todo)
    again = counts_of(files, reader, folder)
    pd.testing.assert_frame_equal(again[0], whole[0], check_exact=True)
    assert again[1] == whole[1]


def test_classify_piece__two_workers_with_the_same_piece__one_folder(files, reader, tmp_path, monkeypatch):
    folder = tmp_path / "pieces"
    piece = pieces(files, reader)[0]
    classify = path.classify

    def slow(posts, with_):
        monkeypatch.setattr(path, "classify", classify)
        classify_piece(piece, reader, folder)  # another one finishes meanwhile
        return classify(posts, with_)

    monkeypatch.setattr(path, "classify", slow)
    assert classify_piece(piece, reader, folder) == piece.key
    assert [file.name for file in folder.iterdir()] == [piece.key]


def test_account_of__sums_over_pieces(files, reader, tmp_path):
    folder = tmp_path / "pieces"
    folders = [classify_piece(piece, reader, folder) for piece in pieces(files, reader)]
    account = account_of(folders, folder)
    assert account["posts"] == account["mentions"] + account["unlinked"] == 120


def test_count_posts__no_posts(reader, tmp_path):
    file = tmp_path / "none.parquet"
    write_posts(POSTS.empty_table(), file)
    counts, account = counts_of([file], reader, tmp_path / "pieces")
    assert counts.empty
    assert account.get("posts", 0) == 0


def test_write_posts__leaves_no_half_file(tmp_path, make_posts):
    write_posts(make_posts({}), tmp_path / "lake" / "posts.parquet")
    assert [file.name for file in (tmp_path / "lake").iterdir()] == ["posts.parquet"]
    assert pq.read_table(tmp_path / "lake" / "posts.parquet").schema == POSTS


def test_bucket_of__is_the_same_in_every_process():
    assert bucket_of("province-ha-noi") == bucket_of("province-ha-noi")
    assert len({bucket_of(f"agency-{at}") for at in range(500)}) == path.BUCKETS


def _refuse(posts, reader):
    raise AssertionError("read again")


def _die_in_the_middle(piece, reader, folder):
    import tasks.evidence.tone.path as module

    def die(*arguments, **named):
        os._exit(9)

    module.pq.write_table = die  # after the folder was begun, before it is whole
    module.classify_piece(piece, reader, folder)
