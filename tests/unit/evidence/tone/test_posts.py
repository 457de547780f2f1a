from datetime import date

import pandas as pd
import pytest

from tasks.evidence.surveys.pseudonyms import Pseudonyms
from tasks.evidence.tone.classify import POSTS
from tasks.evidence.tone.posts import pseudonymise_posts

KEY = Pseudonyms("k" * 32)


def kept(*changes, key=KEY, pages=None):
    plain = {
        "channel": "comment",
        "portal": "forum",
        "author": "Nguyễn Văn A",
        "published_at": "2020-08-03T10:00:00+07:00",
        "title": "",
        "text": "Hà Nội làm chậm",
        "about": "",
        "place": "page-1",
    }
    posts = pd.DataFrame([{"post_id": f"p{at}", **plain, **change} for at, change in enumerate(changes)], dtype="str")
    return pseudonymise_posts(posts, key, {"page-1": "a" * 64} if pages is None else pages)


def test_pseudonymise_posts__nobody_is_named():
    table = kept({"text": "Gọi Nguyễn 0912 345 678, a@example.com, @nguyenvana", "title": "Sđt 0912345678"})
    assert table.schema == POSTS
    row = table.to_pylist()[0]
    assert "Nguyễn Văn A" not in str(row)
    assert not any(secret in f"{row['title']} {row['text']}" for secret in ("912", "example", "nguyenvana"))
    assert row["post_id"] != "p0"
    assert (row["day"], row["snapshot"]) == (date(2020, 8, 3), "a" * 64)


def test_pseudonymise_posts__an_author_is_one_within_a_portal_and_not_beyond():
    authors = {row["post_id"]: row["author"] for row in kept({}, {}, {"portal": "other"}, {"author": "B"}).to_pylist()}
    first, second, elsewhere, other = (authors[KEY.exact("post", pd.Series([f"p{at}"]))[0]] for at in range(4))
    assert first == second
    assert len({first, elsewhere, other}) == 3


@pytest.mark.parametrize("author", ["", " "])
def test_pseudonymise_posts__nobody_known__stays_nobody(author):
    assert kept({"author": author}).column("author").to_pylist() == [""]


def test_pseudonymise_posts__another_key__other_pseudonyms():
    one, other = kept({}).to_pylist()[0], kept({}, key=Pseudonyms("q" * 32)).to_pylist()[0]
    assert one["author"] != other["author"]
    assert one["post_id"] != other["post_id"]


@pytest.mark.parametrize("written", ["", "hôm qua", "2020-13-45", "03/08/2020", "2020-8-3", "0000-00-00", "9999-99-99"])
def test_pseudonymise_posts__a_date_that_is_none__is_unknown(written):
    assert kept({"published_at": written}).column("day").to_pylist() == [None]


def test_pseudonymise_posts__a_far_date__is_kept_as_it_is():
    assert kept({"published_at": "2999-01-01"}).column("day").to_pylist() == [date(2999, 1, 1)]


def test_pseudonymise_posts__in_the_order_of_their_ids_whatever_came_first():
    rows = [{"post_id": f"x{at}", "text": f"chậm {at}"} for at in range(9)]
    assert kept(*rows).equals(kept(*rows[::-1]))
    ids = kept(*rows).column("post_id").to_pylist()
    assert ids == sorted(ids)


def test_pseudonymise_posts__a_page_that_nobody_kept__is_no_page():
    assert kept({}, pages={}).column("snapshot").to_pylist() == [""]


def test_pseudonymise_posts__no_posts():
    columns = ["post_id", "channel", "portal", "author", "published_at", "title", "text", "about", "place"]
    empty = pd.DataFrame({name: pd.Series([], dtype="str") for name in columns})
    assert pseudonymise_posts(empty, KEY, {}).num_rows == 0


def test_pseudonymise_posts__a_host_that_names_an_agency_stays():
    text = kept({"text": "vào https://dichvucong.hanoi.gov.vn/x?ma=1 lỗi"}).column("text").to_pylist()[0]
    assert text == "vào dichvucong.hanoi.gov.vn lỗi"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("1500-01-01T00:00:00Z", date(1500, 1, 1)),
        ("2400-01-01T00:00:00Z", date(2400, 1, 1)),
        ("10000-01-01T13:59:59Z", date.max),
        ("", None),
    ],
)
def test_pseudonymise_posts__a_day_far_away__is_no_unknown_day(said, day):
    assert kept({"published_at": said}).column("day").to_pylist() == [day]
