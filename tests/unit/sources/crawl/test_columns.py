import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.sources.crawl import columns
from tasks.sources.crawl.dates import utc_text
from tasks.sources.crawl.plain import one_line, plain
from tasks.sources.posts import post_id

DATES = [
    "2020-08-01T08:30:00+07:00",
    "2020-08-01 08:30:00",
    "2020-08-01",
    "01/08/2020 08:30",
    "",
    "hôm qua",
    "1588555800",
]


def column(*texts):
    return pa.array(texts, pa.large_string())


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
@example("a\u3000b")
@example("e\u0323\u0302 &amp;")
def test_columns__say_the_same_as_the_functions_for_one_text(text):
    assert columns.texts(column(text)).to_pylist() == [plain(text)]
    assert columns.names(column(text)).to_pylist() == [one_line(text)]


@pytest.mark.parametrize("date", DATES)
def test_times__say_the_same_as_the_function_for_one_date(date):
    assert columns.times(column(date, "x", *DATES)).to_pylist()[0] == utc_text(date)


def test_ids__are_those_of_single_posts():
    assert columns.ids(column("a"), column("1")).to_pylist() == [post_id("a", "1")]


def test_columns__of_no_rows__are_empty():
    for maker in (columns.texts, columns.names, columns.times, columns.stars, columns.font_coded):
        assert len(maker(column())) == 0
