import unicodedata

import pytest

from tasks.demo.servers.portal_pages import windows_1258
from tasks.sources.crawl.charset import decode

TEXT = "Cộng hòa xã hội chủ nghĩa Việt Nam: đường dây nóng phản ánh, kiến nghị của người dân"


@pytest.mark.parametrize(
    "said", ["", "text/html; charset=iso-8859-1", "text/html; charset=utf-8", "text/html; charset=no"]
)
def test_decode__windows_1258_under_any_name__is_read_in_nfc(said):
    found = decode(windows_1258(TEXT), {"content-type": said})
    assert found == TEXT == unicodedata.normalize("NFC", found)


@pytest.mark.parametrize("said", ["", "text/html; charset=iso-8859-1", "text/html; charset=windows-1258"])
def test_decode__bytes_that_are_utf8__are_utf8_whatever_is_said(said):
    assert decode(TEXT.encode(), {"content-type": said}) == TEXT


@pytest.mark.parametrize("name", ["utf-16", "utf-8-sig"])
def test_decode__a_byte_order_mark__is_believed(name):
    assert decode(TEXT.encode(name), {"content-type": "text/html; charset=iso-8859-1"}) == TEXT


def test_decode__the_header_goes_before_the_page():
    content = b"<meta charset=windows-1252>" + "Привет, мир".encode("cp1251")
    assert "Привет" in decode(content, {"content-type": "text/html; charset=windows-1251"})
    assert "Привет" in decode(b"<meta charset=windows-1251>" + "Привет, мир".encode("cp1251"), {})


def test_decode__western_text__stays_western():
    assert (
        decode("Où êtes-vous, garçon ? Ça va très bien".encode("cp1252"), {})
        == "Où êtes-vous, garçon ? Ça va très bien"
    )


def test_decode__a_page_cut_within_a_letter__is_still_utf8():
    assert decode(TEXT.encode()[: TEXT.encode().index("ộ".encode()) + 2] + b"", {}).startswith("C")
    assert decode((TEXT + "ộ").encode()[:-1], {}).startswith(TEXT)


def test_decode__zero_bytes__are_left_out():
    assert decode(b"a\0b", {}) == "ab"
