"""Declared corrections: applied while the source says what they expect, a fault as soon as it does not."""

import math
import re

import pandas as pd
import pytest

from tasks.harmonise.corrections import apply_corrections, load_corrections
from tasks.harmonise.identity import counterparts, observation_ids
from warehouse.errors import InputError
from warehouse.frames import CANDIDATE

ENTRY = {
    "id": "typo",
    "source": "agency_report",
    "agency": "TP. Đà Nẵng",
    "item": "1.2",
    "period": "2020",
    "action": "replace",
    "expect": 9850,
    "value": 98.5,
    "reason": "The decimal comma was left out.",
    "status": "open",
    "by": "A",
    "date": "2021-03-01",
}
ROW = {
    "framework": "f_2020",
    "round": "r",
    "period": "2020",
    "agency": "province-da-nang",
    "item": "1.2",
    "part": "value",
    "stage": "self_reported",
    "source": "agency_report",
    "value": 9850.0,
    "value_text": "9.850",
    "unit": "%",
    "unit_expected": "%",
    "snapshot_sha256": "abc",
    "locator": "S!E5",
}


def written(tmp_path, *entries):
    """Write a corrections file, letting None remove a field."""
    file = tmp_path / "corrections.yaml"
    lines = ["corrections:"]
    for entry in entries:
        fields = {key: value for key, value in {**ENTRY, **entry}.items() if value is not None}
        lines += [
            f"  {'-' if number == 0 else ' '} {key}: {value!r}" for number, (key, value) in enumerate(fields.items())
        ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def candidates(*rows):
    frame = CANDIDATE.conform(pd.DataFrame([{**ROW, **row} for row in rows]))
    frame["counterpart"] = counterparts(frame)
    return frame.assign(observation_id=observation_ids(frame))


@pytest.fixture
def corrected(tmp_path):
    def run(rows, *entries):
        return apply_corrections(candidates(*rows), load_corrections(written(tmp_path, *entries)))

    return run


def test_apply__replaces_the_value_and_says_by_which_entry(corrected):
    rows, applied, faults = corrected([{}], {})
    assert (rows["value"][0], rows["correction"][0], rows["value_text"][0]) == (98.5, "typo", "9.850")
    assert [(one.correction.id, one.snapshot_sha256, one.locator, one.value_text) for one in applied] == [
        ("typo", "abc", "S!E5", "9.850")
    ]
    assert faults == []


def test_apply__corrected_row_is_another_observation(corrected):
    rows, _, _ = corrected([{}, {"item": "1.3"}], {})
    before = candidates({}, {"item": "1.3"})
    assert (rows["observation_id"] == before["observation_id"]).tolist() == [False, True]


def test_apply__drops_the_row_and_lists_it(corrected):
    rows, applied, _ = corrected([{}, {"item": "1.3"}], {"action": "drop", "value": None})
    assert rows["item"].tolist() == ["1.3"]
    assert [one.locator for one in applied] == ["S!E5"]


@pytest.mark.parametrize("expect", [9850, "9.850"])
def test_apply__expects_a_number_or_the_text_of_the_cell(corrected, expect):
    assert corrected([{}], {"expect": expect})[0]["value"][0] == 98.5


def test_apply__text_that_is_no_number_can_be_replaced(corrected):
    rows, _, _ = corrected([{"value": math.nan, "value_text": "98.5.", "unit": "người"}], {"expect": "98.5."})
    assert (rows["value"][0], rows["unit"][0]) == (98.5, "%")


def test_apply__value_in_another_unit_is_converted(corrected):
    assert corrected([{}], {"value": 985, "unit": "‰"})[0]["value"][0] == 98.5


def test_apply__counterpart_follows(corrected):
    parts = [{"part": "a", "value": 9850.0, "unit_expected": ""}, {"part": "b", "value": 100.0, "unit_expected": ""}]
    rows, _, _ = corrected(parts, {"part": "a"})
    assert rows["counterpart"].tolist() == [100, 98.5]


def test_apply__mended_source_is_a_fault_that_names_the_entry(corrected):
    rows, applied, faults = corrected([{"value": 98.5, "value_text": "98,5"}], {})
    assert (rows["correction"][0], applied) == ("", [])
    assert faults[0].correction_id == "typo"
    assert "typo expects 9850.0, but the source says 98,5" in faults[0].message
    assert "set its status to mended" in faults[0].message


@pytest.mark.parametrize("field", ["source", "agency", "item", "period"])
def test_apply__entry_that_matches_nothing_is_a_fault(corrected, field):
    _, applied, faults = corrected([{field: "2019" if field == "period" else "other"}], {})
    assert applied == []
    assert "typo matches nothing" in faults[0].message


def test_apply__value_in_a_unit_that_cannot_be_converted_is_a_fault(corrected):
    rows, _, faults = corrected([{}], {"unit": "người"})
    assert rows["value"][0] == 9850
    assert "in người, which cannot be converted to %" in faults[0].message


def test_apply__a_replaced_return_is_left_as_it_was(corrected):
    earlier = {"superseded_by": "later"}
    later = {"snapshot_sha256": "later", "value": 98.5, "value_text": "98,5"}
    rows, applied, faults = corrected([earlier, later], {})
    assert rows["value"].tolist() == [9850, 98.5]
    assert applied == []
    assert len(faults) == 1


def test_apply__mended_entry_changes_nothing(corrected):
    rows, applied, faults = corrected([{"value": 98.5, "value_text": "98,5"}], {"status": "mended"})
    assert (rows["value"][0], applied, faults) == (98.5, [], [])


def test_apply__mended_entry_whose_fault_is_still_there(corrected):
    rows, _, faults = corrected([{}], {"status": "mended"})
    assert rows["value"][0] == 9850
    assert "marked mended, but the source still says 9850.0" in faults[0].message


def test_apply__only_the_stage_that_is_named(corrected):
    rows, _, _ = corrected([{}, {"stage": "final"}], {"stage": "final"})
    assert rows["correction"].tolist() == ["", "typo"]


def test_apply__entry_for_another_framework_is_passed_over(corrected):
    rows, applied, faults = corrected([{}], {"framework": "ministry_2020"})
    assert (rows["value"][0], applied, faults) == (9850, [], [])


def test_apply__unit_that_is_no_agency_is_matched_by_its_name(corrected):
    rows, _, _ = corrected([{"agency": "Laos"}], {"agency": "Laos"})
    assert rows["value"][0] == 98.5


def test_apply__rows_given_are_not_changed(tmp_path):
    rows = candidates({})
    apply_corrections(rows, load_corrections(written(tmp_path, {})))
    assert rows["value"][0] == 9850


def test_load__fields_of_an_entry(tmp_path):
    (entry,) = load_corrections(written(tmp_path, {"period": 2020}))
    assert (entry.id, entry.part, entry.period, entry.expect, entry.date.isoformat()) == (
        "typo",
        "value",
        "2020",
        9850,
        "2021-03-01",
    )


@pytest.mark.parametrize("content", ["", "corrections:", "corrections: []", "[]"])
def test_load__no_entries(tmp_path, content):
    file = tmp_path / "corrections.yaml"
    file.write_text(content, encoding="utf-8")
    assert load_corrections(file) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": None}, r"correction typo: reason: Field required"),
        ({"colour": "red"}, r"correction typo: colour: Extra inputs"),
        ({"action": "guess"}, r"correction typo: action"),
        ({"status": "closed"}, r"correction typo: status"),
        ({"period": "soon"}, r"correction typo: period: .*'soon' is not a period"),
        ({"value": None}, r"`value` is needed with `action: replace`"),
        ({"action": "drop"}, r"`value` is needed with `action: replace`, and only there"),
        ({"id": None}, r"correction number 1: id"),
    ],
)
def test_load__fault_names_the_entry(tmp_path, change, says):
    with pytest.raises(InputError, match=says):
        load_corrections(written(tmp_path, change))


def test_load__infinite_value(tmp_path):
    file = written(tmp_path, {})
    file.write_text(file.read_text(encoding="utf-8").replace("98.5", ".inf"), encoding="utf-8")
    with pytest.raises(InputError, match="not a finite number"):
        load_corrections(file)


def test_load__two_entries_of_one_id(tmp_path):
    with pytest.raises(InputError, match="two entries with the id 'typo'"):
        load_corrections(written(tmp_path, {}, {}))


@pytest.mark.parametrize(
    ("content", "says"), [("a: [", "cannot be read"), ("corrections: 5", "no list"), ("[5]", "number 1")]
)
def test_load__not_a_list_of_entries(tmp_path, content, says):
    file = tmp_path / "corrections.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        load_corrections(file)


def test_load__no_file(tmp_path):
    with pytest.raises(InputError, match=r"corrections\.yaml cannot be read"):
        load_corrections(tmp_path / "corrections.yaml")


@pytest.mark.parametrize("content", ["date: 2021-02-31", "[" * 3000, 'corrections: [{id: "\\ud800"}]'])
def test_load__what_yaml_stumbles_over_is_one_sentence(tmp_path, content):
    file = tmp_path / "corrections.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"corrections\.yaml") as error:
        load_corrections(file)
    assert str(error.value).isprintable()


def test_load__half_a_character_in_expect(tmp_path):
    file = written(tmp_path, {})
    file.write_text(re.sub("expect: .*", 'expect: "\\\\ud800"', file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError, match="correction typo: expect"):
        load_corrections(file)
