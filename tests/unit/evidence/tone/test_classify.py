from dataclasses import replace
from datetime import date

import pytest

from tasks.evidence.tone.classify import MENTIONS, POSTS, classify
from tasks.evidence.tone.model import ASPECTS

HANOI, DANANG = "province-ha-noi", "province-da-nang"


def agencies(found):
    return found.mentions.column("agency").to_pylist()


def test_classify__a_post__one_mention_with_probabilities(reader, make_posts):
    found = classify(make_posts({}), reader)
    row = found.mentions.to_pylist()[0]
    assert found.mentions.schema == MENTIONS
    assert (row["post_id"], row["agency"], row["snapshot"]) == ("p0000", HANOI, "a" * 64)
    assert row["negative"] + row["neutral"] + row["positive"] == pytest.approx(1, abs=1e-5)
    assert row["label"] == 2
    assert not found.left_out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "", "title": ""}, "empty"),
        ({"text": " \x00 "}, "empty"),
        ({"day": date(2021, 1, 1)}, "future"),
        ({"day": date(2019, 12, 31)}, "too_old"),
        ({"text": "Ha Noi office answered none of my questions about the residence permit application"}, "foreign"),
        ({"text": "App lỗi hoài không vào được"}, "unlinked"),
        ({"text": "mong hòa bình cho mọi người"}, "doubtful"),
        ({"text": "😍😍😍"}, "unlinked"),
    ],
)
def test_classify__what_is_left_out__is_counted_by_reason(reader, make_posts, change, reason):
    found = classify(make_posts(change, {}), reader)
    assert agencies(found) == [HANOI]
    assert dict(found.left_out) == {reason: 1}


def test_classify__every_post_is_a_mention_or_left_out(reader, make_posts):
    posts = make_posts({}, {"text": ""}, {"text": "ok"}, {"day": date(2031, 1, 1)}, {"text": "Đà Nẵng nhanh quá"})
    found = classify(posts, reader)
    assert len(set(found.mentions.column("post_id").to_pylist())) + found.left_out.total() == posts.num_rows


def test_classify__no_posts(reader):
    found = classify(POSTS.empty_table(), reader)
    assert found.mentions.schema == MENTIONS
    assert found.mentions.num_rows == 0


def test_classify__several_agencies__each_by_its_clause(reader, make_posts):
    text = "Hà Nội trả kết quả rất nhanh, cán bộ nhiệt tình, còn Đà Nẵng thì chậm trễ, hạch sách, quá tệ"
    found = {row["agency"]: row for row in classify(make_posts({"text": text}), reader).mentions.to_pylist()}
    assert set(found) == {HANOI, DANANG}
    assert (found[HANOI]["label"], found[DANANG]["label"]) == (2, 0)


def test_classify__a_page_names_the_agency_that_the_text_does_not(reader, make_posts):
    found = classify(make_posts({"text": "lỗi hoài, quá tệ", "about": "VNeID"}), reader)
    assert agencies(found) == ["ministry-cong-an"]


@pytest.mark.parametrize(
    "text", ["😍😍😍", "🇻🇳", "👍🏽", "...", "💯", "!!!", "\ud83d lỗi".encode("utf-8", "ignore").decode()]
)
def test_classify__only_signs_on_an_agencys_page__is_no_error(reader, make_posts, text):
    assert agencies(classify(make_posts({"text": text, "about": "VNeID"}), reader)) == ["ministry-cong-an"]


def test_classify__no_date__counts_and_has_no_day(reader, make_posts):
    assert classify(make_posts({"day": None}), reader).mentions.column("day").to_pylist() == [None]


def test_classify__kinds_of_agencies_that_do_not_count(reader, make_posts):
    ministries = replace(reader, kinds=("ministry",))
    found = classify(make_posts({}, {"text": "VNeID lỗi hoài, quá tệ"}), ministries)
    assert agencies(found) == ["ministry-cong-an"]
    assert dict(found.left_out) == {"unlinked": 1}


def test_classify__news__by_the_sentences_that_name_the_agency(reader, make_posts):
    post = {
        "channel": "news",
        "title": "Tin trong ngày",
        "text": "Tai nạn thảm khốc, lỗi tệ hại. Hà Nội được khen nhanh gọn, thuận tiện.",
    }
    row = classify(make_posts(post), reader).mentions.to_pylist()[0]
    assert row["folded"] == "ha noi duoc khen nhanh gon thuan tien"


def test_classify__100000_characters__is_one_mention(reader, make_posts):
    found = classify(make_posts({"text": "Hà Nội làm chậm. " * 6_000}), reader)
    assert found.mentions.num_rows == 1


def test_classify__nothing_that_reaches_a_person__is_in_a_mention(reader, make_posts):
    text = "Hà Nội làm chậm, gọi 0912 345 678 hay a.nguyen@example.com, @nguyenvana"
    row = classify(make_posts({"text": text}), reader).mentions.to_pylist()[0]
    assert not any(part in row["folded"] for part in ("912", "nguyen", "example"))


def test_classify__scripts_are_words_and_nothing_else(reader, make_posts):
    row = classify(make_posts({"text": "<script>alert(1)</script> Hà Nội làm chậm"}), reader).mentions.to_pylist()[0]
    assert "<" not in row["folded"]


def test_classify__batches_make_no_difference(reader, make_posts):
    posts = make_posts(*[{"text": f"Hà Nội {word} quá"} for word in ("chậm", "nhanh", "tệ", "tốt", "lỗi")])
    whole = classify(posts, reader).mentions
    parts = [classify(posts.slice(at, 1), reader).mentions.to_pylist()[0] for at in range(5)]
    for one, other in zip(whole.to_pylist(), parts, strict=True):
        assert one == pytest.approx(other, abs=1e-6) if isinstance(one, float) else one.keys() == other.keys()
        assert one["label"] == other["label"]
        assert one["negative"] == pytest.approx(other["negative"], abs=1e-6)


def test_bits__aspects_phrases_and_both(reader):
    def bits(aspect, folded):
        return reader.bits(ASPECTS.index(aspect), folded)

    assert bits("delay", "cham qua") == 0b001
    assert bits("other", "bi lua dao roi") == 0b010
    assert bits("delay", "bi lua dao roi") == 0b011
    assert bits("payment", "quet ma qr") == 0b100
    assert bits("payment", "chuyen khoan") == 0
    assert bits("other", "quet ma qr") == 0
    assert bits("irrelevant", "bi lua dao roi") == 0
    assert bits("other", "xlua dao") == 0
