import pandas as pd
import pytest

from expectations.reasons import EN, SHOWN, VI, reasons, show_number
from expectations.rules import RULES

NAMED = {rule.name: rule for rule in RULES}


@pytest.mark.parametrize(
    ("number", "vietnamese", "english"),
    [
        (1234567.25, "1.234.567,25", "1,234,567.25"),
        (100.0000001, "100,0000001", "100.0000001"),
        (0.0, "0", "0"),
        (-1.0, "-1", "-1"),
        (float("inf"), "∞", "∞"),
        (float("nan"), "(trống)", "(empty)"),
    ],
)
def test_show_number__each_language(number, vietnamese, english):
    assert (show_number(number, VI), show_number(number, EN)) == (vietnamese, english)


def test_reasons__limit_of_each_row__is_filled_in():
    rows = pd.DataFrame({"item": ["A", "B"], "value": [120.5, 6.0], "valid_max": [100.0, 5.0]})
    assert reasons(NAMED["value_not_above_maximum"], rows, VI) == [
        "Giá trị 120,5 lớn hơn mức lớn nhất 100 của tiêu chí A.",
        "Giá trị 6 lớn hơn mức lớn nhất 5 của tiêu chí B.",
    ]


def test_reasons__empty_text__is_said():
    rows = pd.DataFrame({"value_text": [""]})
    assert reasons(NAMED["value_is_a_number"], rows, EN) == ["“(empty)” is not a number."]


def test_reasons__part_of_a_ratio__names_the_other_one():
    rows = pd.DataFrame({"part": ["a", "b"], "item": ["R", "R"]})
    assert reasons(NAMED["ratio_is_complete"], rows, VI) == [
        "Thiếu mẫu số của tiêu chí R.",
        "Thiếu tử số của tiêu chí R.",
    ]


def test_reasons__braces_in_what_was_written__stay_as_they_are():
    rows = pd.DataFrame({"value_text": ["{value}"]})
    assert reasons(NAMED["value_is_a_number"], rows, EN) == ["“{value}” is not a number."]


def test_reasons__many_rows_of_one_figure__are_counted_and_the_first_shown():
    rows = pd.DataFrame({"given": [[(f"{number}", f"line {number}") for number in range(SHOWN + 1)]]})
    (told,) = reasons(NAMED["observation_is_unique"], rows, EN)
    assert told.startswith("This figure is given 6 times: 0 (line 0); ")
    assert told.endswith("4 (line 4); ....")
