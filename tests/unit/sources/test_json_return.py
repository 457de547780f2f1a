"""Returns in JSON: understood as the same return in a workbook is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.harmonise.numbers import parse_number
from tasks.sources.agency_report import SOURCE
from warehouse.errors import BatchRefused
from warehouse.frames import READING

ITEM = {"code": "A.3", "value": 1234, "unit": "người", "evidence": "Quyết định 5/QĐ"}
BLOCK = {
    "agency": "UBND tỉnh Bắc Ninh",
    "period": "2020",
    "form_version": "tiny/1",
    "submitted_on": "2021-01-15",
}


def return_of(*items, **block):
    return json.dumps({**BLOCK, **block, "items": items}, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def read(framework):
    return lambda content: SOURCE.read(content, framework)


@pytest.fixture(scope="module")
def why_not(framework):
    def ask(content):
        with pytest.raises(BatchRefused) as error:
            SOURCE.read(content, framework)
        assert error.value.hint
        return error.value.message

    return ask


def test_read__a_figure__with_everything_the_block_says(read):
    (row,) = read(return_of(ITEM, revision=2)).to_dict("records")
    assert row == {
        "agency_text": "UBND tỉnh Bắc Ninh",
        "item_text": "A.3",
        "part": "value",
        "value_text": "=1234",
        "unit_text": "người",
        "evidence_text": "Quyết định 5/QĐ",
        "note": "",
        "period_text": "2020",
        "stage": "self_reported",
        "form_version": "tiny/1#2",
        "submitted_text": "2021-01-15",
        "locator": "/items/0/value",
    }


def test_read__a_ratio__has_two_parts_each_with_its_pointer(read):
    found = read(return_of(ITEM, {"code": "A.1", "a": 45, "b": "90", "evidence": "1/BC"}))
    assert found.loc[found["item_text"] == "A.1", ["part", "value_text", "locator"]].to_numpy().tolist() == [
        ["a", "=45", "/items/1/a"],
        ["b", "90", "/items/1/b"],
    ]


@pytest.mark.parametrize(
    ("agency", "period", "items", "code", "value", "evidence"),
    [
        ("Cơ quan báo cáo", "Kỳ báo cáo", "Số liệu", "Mã tiêu chí", "Giá trị", "Minh chứng"),
        ("co_quan_bao_cao", "ky_bao_cao", "so_lieu", "ma_tieu_chi", "gia_tri", "minh_chung"),
        ("coQuanBaoCao", "kyBaoCao", "chiTieu", "maTieuChi", "giaTri", "minhChung"),
        ("agency", "period", "items", "indicator", "value", "document"),
    ],
)
def test_read__keys_in_any_usual_spelling(read, agency, period, items, code, value, evidence):
    said = {agency: "Huế", period: 2020, items: [{code: "A.3", value: 5, evidence: "x"}]}
    (row,) = read(json.dumps(said, ensure_ascii=False).encode()).to_dict("records")
    wanted = ("agency_text", "period_text", "item_text", "value_text", "evidence_text", "locator")
    assert tuple(row[name] for name in wanted) == ("Huế", "2020", "A.3", "=5", "x", f"/{items}/0/{value}")


def test_read__an_agency_with_code_and_name__is_called_by_its_name(read):
    assert set(read(return_of(ITEM, agency={"code": "46", "name": "Huế"}))["agency_text"]) == {"Huế"}


def test_read__the_bytes_say_what_it_is__not_a_byte_order_mark_or_spaces(read):
    content = return_of(ITEM)
    assert read(b"\xef\xbb\xbf\n " + content).equals(read(content))


def test_read__a_figure_left_empty__is_none(read):
    assert read(return_of(ITEM, {**ITEM, "code": "B.1", "value": None}))["item_text"].tolist() == ["A.3"]


def test_read__a_code_that_ends_in_zero__stays_a_code(read):
    content = return_of(ITEM).replace(b'"A.3"', b"1.10")
    assert read(content)["item_text"].tolist() == ["1.10"]


def test_read__a_text_of_a_person__is_no_exact_number(read):
    (text,) = read(return_of({**ITEM, "value": "1.234"}))["value_text"]
    assert parse_number(text).value == 1234.0


@pytest.mark.parametrize("value", ["1e999", "9" * 400])
def test_read__a_number_beyond_all_numbers__is_read_and_understood_by_nobody(read, value):
    (text,) = read(return_of(ITEM).replace(b"1234", value.encode()))["value_text"]
    assert parse_number(text).value is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"agency": "x"}]', "holds a list"),
        (b"{}", "no list 'items'"),
        (b'{"agency": "x", "items": {"code": 1}}', "no list 'items'"),
        (return_of(1), "Item 1 of the JSON is no object"),
        (return_of(), "no table"),
        (return_of({**ITEM, "value": None}), "has no figure"),
        (return_of({"code": "A.3", "value": 1}), "no column 'Tài liệu minh chứng'"),
        (return_of({"value": 1, "evidence": "x"}), "no table of a return"),
        (return_of({**ITEM, "gia_tri": 3}), "Item 1 has two keys of one meaning, 'value' and 'gia_tri'"),
        (return_of(ITEM, ky_bao_cao="2019"), "The return has two keys of one meaning"),
        (return_of(ITEM, agency=None), "does not name the reporting agency"),
        (return_of(ITEM, form_version="other/1"), "not on a form of tiny"),
        (return_of(ITEM)[:-20], "cut"),
        (return_of(ITEM).replace(b"1234", b"NaN"), "NaN"),
        (return_of(ITEM).replace(b'"value"', b'"value": 1, "value"'), "stands twice"),
        (b'{"items": ' + b"[" * 200_000, "nested too deeply"),
        (return_of(*[ITEM] * 20_001), "more than 20000 items"),
    ],
)
def test_read__what_is_no_return__is_refused_in_a_sentence(why_not, content, said):
    assert said in why_not(content)


KEYS = st.sampled_from(["agency", "items", "code", "value", "a", "b", "evidence", "Giá trị", "ky_bao_cao", "x"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


@given(ANYTHING)
def test_read__any_json__gives_rows_or_one_sentence(read, value):
    try:
        found = read(json.dumps(value).encode())
    except BatchRefused as refusal:
        found = READING.empty()
        told = [refusal.message, refusal.hint]
    else:
        told = ["read"]
    assert all(told)
    assert list(found.columns) == list(READING.columns)
    assert found["locator"].is_unique
