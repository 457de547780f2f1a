"""Refused rows as people read them first: one line a cause."""

import pandas as pd

from tasks.feedback.groups import COLUMNS, group_rows
from warehouse.frames import QUARANTINE, WARNING

HUE = {"agency": "province-hue", "agency_text": "TT Huế", "item": "C.M4", "value_text": "=900"}


def grouped(*rows, frame=QUARANTINE):
    reasons = {"reason_vi": "Quá lớn.", "reason_en": "Too large."}
    sound = {"rule": "too_large", "source": "agency_report", **HUE, **reasons}
    return group_rows(frame.conform(pd.DataFrame([{**sound, **row} for row in rows])))


def test_groups__one_a_rule_and_source__most_rows_first():
    found = grouped({"rule": "a"}, {"rule": "b"}, {"rule": "b", "source": "monitoring"}, {"rule": "b"})
    assert found[["rule", "source", "rows", "share"]].to_numpy().tolist() == [
        ["b", "agency_report", 2, 0.5],
        ["a", "agency_report", 1, 0.25],
        ["b", "monitoring", 1, 0.25],
    ]


def test_groups__agencies__unknown_names_count_too():
    found = grouped({}, {}, {"agency": "", "agency_text": "Sao Hỏa"}, {"agency": "", "agency_text": "Sao Kim"})
    assert found["agencies"].tolist() == [3]


def test_groups__samples__say_who_what_and_why_in_both_languages():
    found = grouped({})
    assert found["samples_vi"].tolist() == ["• TT Huế: C.M4 900 -> Quá lớn."]
    assert found["samples_en"].tolist() == ["• TT Huế: C.M4 900 -> Too large."]


def test_groups__samples__three_at_most_of_as_many_agencies_as_there_are():
    many = [{"value_text": f"{number}"} for number in range(5)]
    others = [{"agency": f"province-{name}", "agency_text": name} for name in "ab"]
    (told,) = grouped(*many, *others)["samples_en"]
    assert told == "• TT Huế: C.M4 0 -> Too large. • a: C.M4 900 -> Too large. • b: C.M4 900 -> Too large."
    (told,) = grouped(*many)["samples_en"]
    assert told.count("•") == 3


def test_groups__what_people_wrote__is_cut_and_on_one_line():
    (told,) = grouped({"agency_text": "x\n\x1b[31m" + "y" * 500, "value_text": "1\n2"})["samples_en"]
    assert "\n" not in told
    assert "\x1b" not in told
    assert len(told) < 200


def test_groups__full_name_of_a_view__goes_before_what_was_written():
    rows = QUARANTINE.conform(pd.DataFrame([{**HUE, "rule": "r", "source": "s"}]))
    (told,) = group_rows(rows.assign(agency_full_name="Tỉnh Thừa Thiên Huế"))["samples_vi"]
    assert told.startswith("• Tỉnh Thừa Thiên Huế: C.M4")


def test_groups__of_warnings__are_made_alike():
    assert grouped({}, frame=WARNING)["rows"].tolist() == [1]


def test_groups__nothing_refused__is_empty_with_its_columns():
    assert list(group_rows(QUARANTINE.empty()).columns) == list(COLUMNS)
    assert group_rows(QUARANTINE.empty()).empty
