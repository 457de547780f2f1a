import io
import json
import time

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.sources.base import Page
from tasks.sources.crawl import dumps
from tasks.sources.post_export import SOURCE
from tasks.sources.posts import POST_COLUMNS
from tasks.sources.rounds import Entry
from warehouse.errors import BatchRefused, SourceUnavailable

ROWS = [
    {"id": "1", "content": "App lỗi hoài", "user": "An", "created_at": "2020-08-01T08:30:00+07:00", "rating": "2"},
    {"id": "2", "content": "Rất nhanh, tiện", "user": "Bình", "created_at": "02/08/2020 10:00", "rating": "5"},
]
WANTED = [
    ("App lỗi hoài", "An", "2020-08-01T01:30:00Z", "2"),
    ("Rất nhanh, tiện", "Bình", "2020-08-02T03:00:00Z", "5"),
]


def parquet(rows):
    written = io.BytesIO()
    pd.DataFrame(rows).to_parquet(written)
    return written.getvalue()


FORMATS = {
    "csv": lambda rows: pd.DataFrame(rows).to_csv(index=False).encode("utf-8-sig"),
    "semicolon.csv": lambda rows: pd.DataFrame(rows).to_csv(index=False, sep=";").encode("utf-16"),
    "jsonl": lambda rows: "\n".join(json.dumps(row) for row in rows).encode(),
    "json": lambda rows: json.dumps(rows, ensure_ascii=False).encode(),
    "parquet": parquet,
}
every_format = pytest.mark.parametrize("ending", FORMATS)


def read(content, origin="exports/x"):
    return SOURCE.read_answers([Page(origin, content)])


def why_not(content):
    with pytest.raises(BatchRefused) as error:
        read(content)
    assert error.value.hint
    return error.value.message


@every_format
def test_read__each_format__gives_the_same_posts(ending):
    found = read(FORMATS[ending](ROWS), f"exports/app_review/ch_play.{ending}")
    assert list(found.columns) == list(POST_COLUMNS)
    assert set(found.dtypes.astype(str)) == {"str"}
    assert list(found[["text", "author", "published_at", "stars"]].itertuples(index=False, name=None)) == WANTED
    assert set(found["channel"]) == {"app_review"}
    assert found["post_id"].str.fullmatch("[0-9a-f]{32}").all()


def test_read__the_place__is_the_file_it_came_in_whatever_address_it_has():
    content = b"id,text,url\n1,cham qua,https://mang.example.vn/1\n2,nhanh that,\n"
    assert read(content, "exports/x.csv#again=1")["place"].tolist() == ["exports/x.csv#again=1"] * 2


def test_read__vietnamese_headers__are_known():
    content = "Mã;Nội dung;Người gửi;Ngày;Kênh;Ứng dụng\n1;Chậm quá;An;01/08/2020;comment;VNeID\n".encode()
    (post,) = read(content).to_dict("records")
    assert (post["text"], post["author"], post["published_at"], post["about"]) == (
        "Chậm quá",
        "An",
        "2020-08-01T00:00:00Z",
        "VNeID",
    )


def test_read__the_channel__is_the_rows_own_else_the_folders_else_comment():
    rows = [{"text": "a", "channel": "news"}, {"text": "b", "channel": "?"}]
    assert read(parquet(rows), "app_review/x.parquet")["channel"].tolist() == ["news", "app_review"]
    assert read(parquet(rows), "x.parquet")["channel"].tolist() == ["news", "comment"]


def test_read__a_post_that_came_twice__counts_as_it_came_last():
    first, later = parquet([{"id": 1, "text": "a"}]), parquet([{"id": 1, "text": "b"}])
    found = SOURCE.read_answers([Page("x.parquet", first), Page("x.parquet#again=1", later)])
    assert found["text"].tolist() == ["b"]


def test_read__dirt__is_cleaned_or_left_out_and_counted():
    texts = ["a\0b", "x" * 100_000, " \n ", "<script>x</script>", "\ud83d!", "Céng hßa x· héi ViÖt Nam", "😡👍", "Tốt"]
    content = "\n".join(json.dumps({"id": at, "text": text}) for at, text in enumerate(texts)) + "\n{broken"
    found, left_out = SOURCE.read_counted([Page("x.jsonl", content.encode())])
    assert found["text"].tolist() == ["ab", "x" * 20_000, "?!", "😡👍", "Tốt"]
    assert left_out == {"blank text": 2, "row that cannot be read": 1, "text for an old font (TCVN3 or VNI)": 1}


def test_read__zero_bytes_in_a_csv__are_left_out():
    assert read(b"id,text\n1,a\0b\n")["text"].tolist() == ["ab"]


def test_read__rows_of_a_csv_with_too_many_cells__are_counted():
    _, left_out = SOURCE.read_counted([Page("x.csv", b'id,text\n1,a\n2,b,c\n3,"d\ne"\n')])
    assert left_out == {"row that cannot be read": 1}


def test_read__numbers_dates_and_nulls_of_parquet__become_text():
    when = pd.Series(pd.to_datetime(["2020-08-01T01:30:00Z", None]))
    frame = pd.DataFrame({"id": [1, 2], "text": ["a", "b"], "date": when, "stars": [4.0, None], "author": [None, "An"]})
    found = read(parquet(frame))
    assert found["published_at"].tolist() == ["2020-08-01T01:30:00Z", ""]
    assert found["stars"].tolist() == ["4", ""]
    assert found["author"].tolist() == ["", "An"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PAR1" + b"\0" * 100 + b"PAR1", "damaged"),
        (parquet(ROWS)[:-20], "damaged"),
        (b"id,name\n1,a\n", "no column of text"),
        (b"text,text\na,b\n", "two columns of one name"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": 1', "no posts"),
        ("nội dung".encode("cp1258", errors="replace") + b"\xff", "neither UTF-8"),
    ],
)
def test_read__what_is_no_export__is_refused_in_a_sentence(content, words):
    assert words in why_not(content)


def test_read__parquet_whose_text_is_no_utf8__is_refused():
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")])
    written = io.BytesIO()
    pq.write_table(pa.table({"text": bad}), written)
    assert "damaged" in why_not(written.getvalue())


def test_read__parquet_that_unpacks_to_too_much__is_refused(monkeypatch):
    monkeypatch.setattr(dumps, "_MOST_TEXT_BYTES", 1_000_000)
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 10_000]))
    written = io.BytesIO()
    pq.write_table(pa.table({"text": long}), written)
    assert len(written.getvalue()) < 100_000
    assert "unpacks to more" in why_not(written.getvalue())


def test_read__more_rows_than_allowed__is_refused(monkeypatch):
    monkeypatch.setattr(dumps, "MAX_EXPORT_ROWS", 1)
    for ending, maker in FORMATS.items():
        assert "more than 1 rows" in why_not(maker(ROWS)), ending


def test_read__a_bad_file_beside_a_good_one__is_counted():
    found, left_out = SOURCE.read_counted([Page("a.csv", b"id,name\n1,a\n"), Page("b.parquet", parquet(ROWS))])
    assert len(found) == 2
    assert left_out == {"The export has no column of text.": 1}


def test_read__100_000_rows__take_seconds():
    text = [f"Đăng nhập VNeID không được {number}" for number in range(100_000)]
    content = parquet({"id": range(100_000), "text": text, "created_at": "2020-08-01T08:30:00+07:00"})
    started = time.monotonic()
    assert len(read(content)) == 100_000
    assert time.monotonic() - started < 10


def test_gather__a_folder__gives_its_files(tmp_path):
    (tmp_path / "exports" / "news").mkdir(parents=True)
    (tmp_path / "exports" / "news" / "a.parquet").write_bytes(parquet(ROWS))
    (receipt,) = SOURCE.gather(Entry(source="post_export", path="exports"), tmp_path)
    assert receipt.origin == "exports/news/a.parquet"
    with pytest.raises(SourceUnavailable):
        list(SOURCE.gather(Entry(source="post_export", path="none"), tmp_path))


def test_read__a_heading_with_the_delimiter_in_it__is_one_column():
    assert list(read('id,"Ghi chú, nếu có",text\n1,a,Chậm\n'.encode())["text"]) == ["Chậm"]


def test_read__parquet_with_two_columns_of_one_name__is_refused():
    written = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), written)
    assert "two columns of one name" in why_not(written.getvalue())
