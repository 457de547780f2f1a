"""Keys of Vietnamese names: which spellings meet, and which stay apart."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.harmonise.text import agency_key, clean_cell, fold, nfc

VIETNAMESE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậòóỏõọừứửữự AĐƯ-–.,&()")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa Bình", "Hoà Bình"),
        ("Thừa Thiên – Huế", "thua thien hue"),
        ("ĐẮK LẮK", "đắk lắk"),
        ("Đà Nẵng", "Da Nang"),
        ("Ðà Nẵng", "Đà Nẵng"),
        ("Bộ TT&TT", "Bộ TTTT"),
        ("Bộ Khoa học & Công nghệ", "Bộ Khoa học và Công nghệ"),
        ("Bà Rịa-Vũng Tàu", "Bà Rịa \u2014 Vũng Tàu"),
        ("Hà\u00a0Nội", "Hà Nội"),
        ("Hà\u200bNội", "Hà Nội"),
        ("Bộ Văn hóa, Thể thao và Du lịch", "Bộ Văn hoá Thể thao Du lịch"),
    ],
)
def test_fold__spellings_meet(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Hà Nam", "Hà Nội"), ("Bộ Tài chính", "Sở Tài chính"), ("a", "b")])
def test_fold__names_stay_apart(one, other):
    assert fold(one) != fold(other)


def test_fold__a_word_that_only_joins_is_still_a_name_alone():
    assert fold("và") == "va"


@given(st.text())
def test_fold__is_idempotent(text):
    assert fold(fold(text)) == fold(text)


@given(VIETNAMESE)
def test_fold__ignores_the_unicode_form(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(VIETNAMESE)
def test_fold__ignores_case(text):
    assert fold(text.upper()) == fold(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Tỉnh Hà Giang", ("hagiang", False)),
        ("UBND tỉnh Hà Giang", ("hagiang", False)),
        ("Ủy ban nhân dân tỉnh Hà Giang", ("hagiang", False)),
        ("Uỷ ban nhân dân thành phố Hà Nội", ("hanoi", True)),
        ("TP.HCM", ("hcm", True)),
        ("T.P Hà Nội", ("hanoi", True)),
        ("Ha Giang Province", ("hagiang", False)),
        ("Hanoi City People's Committee", ("hanoi", True)),
        ("Bộ Tài chính", ("botaichinh", False)),
        ("Ủy ban Dân tộc", ("uybandantoc", False)),
    ],
)
def test_agency_key__drops_the_type(text, key):
    assert agency_key(text) == key


@pytest.mark.parametrize("text", ["Tỉnh", "TP.", "UBND", "City"])
def test_agency_key__never_drops_the_whole_name(text):
    assert agency_key(text)[0] == fold(text)


def test_clean_cell__removes_what_cannot_be_seen():
    assert clean_cell("\ufeff Sở\u00a0 Y\ttế\r\nHà\u00ad Nội \u200b") == "Sở Y tế Hà Nội"


def test_clean_cell__keeps_commas_and_dashes():
    assert clean_cell("Bộ Lao động - Thương binh và Xã hội, 2020") == "Bộ Lao động - Thương binh và Xã hội, 2020"


@given(st.text())
def test_clean_cell__is_idempotent_and_nfc(text):
    cleaned = clean_cell(text)
    assert clean_cell(cleaned) == cleaned == nfc(cleaned)
