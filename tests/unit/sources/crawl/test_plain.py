import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.sources.crawl.plain import clean, one_line, plain


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<p>Một</p><p>Hai</p>", "Một\nHai"),
        ("a<script>alert(1)</script>b", "ab"),
        ("a<SCRIPT src=x>alert(1)", "a"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;x", "x"),
        ("&amp;lt;img src=x onerror=alert(1)&amp;gt;x", "x"),
        ("<img src=x onerror=alert(1)", ""),
        ("<!-- <b> -->x", "x"),
        ("a < b và c > d", "a < b và c > d"),
        ("Tôi <3 VNeID", "Tôi <3 VNeID"),
        ("A&amp;B &#7879;", "A&B ệ"),
        ("\u202eabc\u2066\u200b\x00\x1b[31m", "abc[31m"),
        ("a\ud83db", "a\ufffdb"),
        ("a \t b\r\n\r\n\r\nc", "a b\nc"),
        ("Hòa".encode().decode() and unicodedata.normalize("NFD", "Hòa"), "Hòa"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_plain__is_text_without_markup(text, wanted):
    assert plain(text) == wanted


@given(st.text(max_size=200))
def test_plain__whatever_comes__is_inert_and_in_nfc(text):
    found = plain(text)
    assert found == unicodedata.normalize("NFC", found)
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in found if letter != "\n")
    assert "<script" not in found.lower()


def test_plain__a_million_signs__is_quick():
    assert len(plain("<" * 1_000_000)) <= 200_000
    assert plain("<script " * 200_000) == ""
    plain("<!--" * 50_000)
    plain("&lt;" * 50_000)


def test_one_line__has_no_line_break_and_an_end():
    assert one_line("Tin\n<b>mới</b>\u2028nhất") == "Tin mới nhất"
    assert len(one_line("a " * 5_000)) <= 500


def test_clean__leaves_signs_that_are_no_tags_alone():
    assert clean("<b> & &amp;") == "<b> & &amp;"


def test_plain__code_of_a_character_with_thousands_of_digits__is_dropped():
    assert plain(f"a &#{'9' * 5_000}; b").startswith("a")
    assert plain("a &#7873; b") == "a ề b"


def test_plain__a_letter_with_100_000_marks__is_cut_in_no_time():
    began = time.monotonic()
    assert len(plain("a" + "\u0301\u0323" * 50_000 + " b")) < 40
    assert time.monotonic() - began < 2
