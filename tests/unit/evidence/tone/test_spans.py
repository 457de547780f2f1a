import time
from datetime import date

import pytest

from tasks.evidence.tone.link import Mention, linked, mentions
from tasks.evidence.tone.names import Names
from tasks.evidence.tone.normalise import compose
from tasks.evidence.tone.spans import words_with

HANOI, DANANG = "province-ha-noi", "province-da-nang"


def part(text, agency, *, news=False):
    text = compose(text)
    found = [one for one in mentions(text, date(2020, 12, 31), Names.bundled()) if one.agency in linked([one])]
    return words_with(text, found, agency, news=news)


def test_words_with__one_agency__is_the_whole_post():
    text = "Nộp ở Hà Nội nhanh. Nhân viên dễ chịu, không phải chờ."
    assert part(text, HANOI) == text


def test_words_with__contrast__each_gets_its_clause():
    text = "Hà Nội trả kết quả đúng hẹn, còn Đà Nẵng bắt chờ cả tháng"
    assert "đúng hẹn" in part(text, HANOI)
    assert "cả tháng" not in part(text, HANOI)
    assert "cả tháng" in part(text, DANANG)
    assert "đúng hẹn" not in part(text, DANANG)


def test_words_with__a_clause_that_names_nobody__goes_with_the_one_before():
    text = "Đà Nẵng làm rất nhanh. Cán bộ lại vui vẻ. Hà Nội thì chậm. Gọi không ai nghe."
    assert part(text, DANANG) == "Đà Nẵng làm rất nhanh Cán bộ lại vui vẻ"
    assert part(text, HANOI) == "Hà Nội thì chậm Gọi không ai nghe."


@pytest.mark.parametrize("news", [True, False])
def test_words_with__two_in_one_clause__both_get_it(news):
    text = "Hà Nội và Đà Nẵng đều trả kết quả đúng hẹn"
    assert part(text, HANOI, news=news) == part(text, DANANG, news=news) == text


def test_words_with__news__only_the_sentences_that_name_the_agency():
    text = "Giá xăng tăng mạnh. Hà Nội dẫn đầu về dịch vụ công. Thời tiết xấu."
    assert part(text, HANOI, news=True) == "Hà Nội dẫn đầu về dịch vụ công."


def test_words_with__an_agency_that_only_the_page_names__is_the_whole_post():
    assert words_with("lỗi hoài", [], HANOI, news=False) == "lỗi hoài"
    assert words_with("lỗi hoài. chán", [], HANOI, news=True) == "lỗi hoài. chán"


@pytest.mark.parametrize("filling", [".", "!", "…", ", ", "a. ", "mà "])
def test_words_with__20000_signs__are_quick(filling):
    start = time.process_time()
    part(f"Hà Nội nhanh {filling * (19_900 // len(filling))} Đà Nẵng chậm", HANOI)
    assert time.process_time() - start < 2


def test_words_with__thousands_of_mentions__cost_no_more_each_than_hundreds(growth):
    def work(size):
        found = [Mention(f"a{at % 90}", 8 * at, 8 * at + 6, 0.9) for at in range(size)]
        for at in range(0, 90, 10):
            assert words_with("Hà Nội, " * size, found, f"a{at}", news=False).startswith("Hà Nội")

    assert growth(work, 600, 2_400) < 8
