"""What an agency is told."""

import unicodedata

import pytest

from expectations.rules import RULES
from tasks.feedback import listing, words
from tasks.feedback.faults import faults, place_of
from tasks.feedback.titles import free_title
from tasks.sources.tables import label_of


def test_every_rule_that_refuses__has_something_to_do():
    assert set(words.ACTIONS) == {rule.name for rule in RULES if rule.refuses}


def test_rule_of_somebody_else__has_something_to_do():
    assert words.action("unheard_of").startswith("Sửa ô này")


def test_all_texts__are_in_unicode_form_nfc():
    said = [*words.ACTIONS.values(), *words.STEPS, *words.STEPS_WITHOUT_RETURN, words.LIST_TITLE, words.HEADLINE]
    assert all(unicodedata.is_normalized("NFC", text) for text in said)


def test_headings_of_the_list__are_none_that_the_reader_knows():
    assert [label_of(text) for text in listing.HEADINGS] == [""] * len(listing.HEADINGS)


@pytest.mark.parametrize("text", ["=1e999", "=nan", "=inf", "=1_000_x", "=--1"])
def test_quoted__what_is_no_number_of_a_cell__is_text(text):
    assert words.quoted(text) == f"“{text}”"


@pytest.mark.parametrize("message", ["", "Something new happened.", "The workbook is protected by a password. Save."])
def test_refusal__any_message__is_told_in_vietnamese_and_kept(message):
    assert words.refusal(message).endswith(f"({message})")
    assert words.refusal(message).startswith("Không đọc được tệp" if "password" not in message else "Tệp bị đặt")


@pytest.mark.parametrize("locator", ["", "!", "Sheet!", "Sheet!E", "Sheet!12", "line", "line 3 column", "page 3"])
def test_place__text_that_names_no_cell__is_none(locator):
    assert place_of(locator) is None


def test_faults__parts_of_a_ratio__are_named(framework, refused):
    found = faults(refused({"locator": "CQS!F8", "item": "A.1", "part": "a"}), framework)
    assert found[0].criterion == "A.1 – Tỷ lệ cán bộ được tập huấn (tử số)"


def test_title__too_long_or_taken__is_cut_and_numbered():
    assert free_title("x" * 40, ["X" * 31]) == "x" * 27 + " (2)"
    assert free_title("''", []) == "Trang"
