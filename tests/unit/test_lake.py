import time
from datetime import date

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tasks.evidence.tone.classify import POSTS
from tasks.lake import forget_texts, keep_posts
from tasks.sources.base import Page
from tasks.sources.post_export import SOURCE
from warehouse.errors import BatchRefused
from warehouse.files import write_parquet
from warehouse.settings import get_settings

DAY = 86_400


@pytest.fixture(autouse=True)
def lake(tmp_path, monkeypatch):
    monkeypatch.setenv("DTI_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("DTI_PSEUDONYM_KEY", "k" * 32)
    monkeypatch.setenv("DTI_POST_TEXT_DAYS", "30")
    get_settings.cache_clear()
    yield get_settings().lake
    get_settings.cache_clear()


def page(text, name="exports/comment/a.csv"):
    return Page(name, text.encode(), {}, None)


def kept(lake, *pages):
    """What keep_posts says and the file that it wrote."""
    file = lake / "answers" / "post_export" / "2020" / "f-r-00.parquet"
    return keep_posts(SOURCE, pages, {one.origin: "a" * 64 for one in pages}, file), file


GOOD = "id,text,author,date\n1,Hà Nội làm chậm,Nguyễn Văn A,2020-05-04\n2,gọi 0912 000 111 nhé,B,2020-05-05\n"


def test_keep_posts__says_how_many_came(lake):
    said, _ = kept(lake, page(GOOD))
    assert said == "2 posts came in 1 pages."


def test_keep_posts__says_what_could_not_be_read_and_why(lake):
    said, file = kept(lake, page(GOOD + "3,,C,2020-05-04\n4,,C,2020-05-04\n"), page("no posts at all", "exports/b.csv"))
    assert said.startswith("2 posts came in 2 pages; not read: ")
    assert "; 2 " in said or ": 2 " in said  # posts without a text
    assert said.endswith(".")
    assert pq.read_metadata(file).num_rows == 2


def test_keep_posts__authors_are_pseudonyms_and_texts_reach_nobody(lake):
    _, file = kept(lake, page(GOOD))
    table = pq.read_table(file)
    assert table.schema.names == POSTS.names
    written = str(table.to_pylist())
    assert not any(secret in written for secret in ("Nguyễn", "0912", "'B'"))
    assert set(table.column("day").to_pylist()) == {date(2020, 5, 4), date(2020, 5, 5)}
    assert set(table.column("snapshot").to_pylist()) == {"a" * 64}


def test_keep_posts__pages_that_are_none__are_refused_and_nothing_is_written(lake):
    with pytest.raises(BatchRefused):
        kept(lake, page("no posts at all"))
    assert not list(lake.rglob("*.parquet"))


def answers_in(lake):
    """Answers of a survey that happen to have columns of these names."""
    file = lake / "answers" / "survey_export" / "2020" / "f-r-01.parquet"
    write_parquet(pd.DataFrame({"submission_id": ["1"], "title": ["bà"], "text": ["một lời"]}), file)
    return file


def piece_in(lake):
    piece = lake / "tone" / "pieces" / ("c" * 32)
    piece.mkdir(parents=True)
    (piece / "left_out.json").write_text("{}", encoding="utf-8")
    return piece


def test_forget_texts__before_their_time__nothing(lake):
    _, file = kept(lake, page(GOOD))
    before, piece = file.read_bytes(), piece_in(lake)
    assert forget_texts(time.time() + 29 * DAY) == 0
    assert (file.read_bytes(), piece.is_dir()) == (before, True)


def test_forget_texts__after_their_time__posts_and_pieces_but_no_answers_of_surveys(lake):
    _, file = kept(lake, page(GOOD))
    before, answers, piece = pq.read_table(file), answers_in(lake), piece_in(lake)
    unchanged = answers.read_bytes()
    assert forget_texts(time.time() + 31 * DAY) == 2  # a file and a piece
    after = pq.read_table(file)
    assert after.column("text").to_pylist() == after.column("title").to_pylist() == ["", ""]
    rest = [name for name in before.column_names if name not in ("title", "text")]
    assert after.select(rest).equals(before.select(rest))
    assert after.schema.equals(before.schema)
    assert answers.read_bytes() == unchanged
    assert not piece.exists()
    assert sorted(lake.rglob("*.tmp")) == []


def test_forget_texts__again__has_nothing_left_to_forget(lake):
    kept(lake, page(GOOD))
    assert forget_texts(time.time() + 31 * DAY) == 1
    assert forget_texts(time.time() + 62 * DAY) == 0


def test_forget_texts__counts_stay(lake):
    counts = lake / "tone" / "counts" / "f" / "000.parquet"
    write_parquet(pd.DataFrame({"posts": [3]}), counts)
    forget_texts(time.time() + 31 * DAY)
    assert counts.is_file()


def test_forget_texts__empty_lake__nothing(lake):
    assert forget_texts() == 0
