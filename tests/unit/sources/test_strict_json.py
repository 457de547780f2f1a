"""JSON of strangers: what two readers would read differently is refused in a sentence."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.sources import strict_json
from tasks.sources.strict_json import Figure, figure, looks_like_json, parse_json, plain, pointer
from warehouse.errors import BatchRefused

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_parse_json__what_json_writes__is_what_it_says(value):
    written = json.dumps(value)
    assert json.dumps(parse_json(written.encode()), default=str) == json.dumps(_numbers_as_text(value))


def _numbers_as_text(value):
    if isinstance(value, list):
        return [_numbers_as_text(one) for one in value]
    if isinstance(value, dict):
        return {key.replace("\ud800", "\ufffd"): _numbers_as_text(one) for key, one in value.items()}
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_parse_json__as_deep_as_allowed__is_read():
    assert parse_json(b"[" * 32 + b"]" * 32)


def test_parse_json__a_number__stays_as_it_was_written():
    found = parse_json(b"[0.10, 12345678901234567890, 1e999]")
    assert found == ["0.10", "12345678901234567890", "1e999"]
    assert all(isinstance(one, Figure) for one in found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"value": NaN}', "NaN"),
        (b'{"value": -Infinity}', "-Infinity"),
        (b'{"value": 1, "value": 2}', "'value' stands twice"),
        ('{"Gi\u00e1": 1, "Gia\u0301": 2}'.encode(), "stands twice"),
        (b"<html>login</html>", "web page"),
        (b'{"value": 1', "cut"),
        (b"", "cut"),
        (b'{"a": 1} x', "line 1 column 10"),
        ('{"a": "Bắc"}'.encode("utf-16"), "UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[" * 40 + b"]" * 40, "nested too deeply"),
        (b"[" * 950 + b"]" * 950, "nested too deeply"),
    ],
)
def test_parse_json__what_is_ambiguous_or_broken__is_refused(content, said):
    with pytest.raises(BatchRefused, match=said) as error:
        parse_json(content)
    assert error.value.hint


def test_parse_json__more_than_allowed__is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(strict_json, "MAX_JSON_BYTES", 10)
    with pytest.raises(BatchRefused, match="more than"):
        parse_json(b"x" * 11)


def test_parse_json__a_number_of_a_million_digits__costs_nothing():
    began = time.monotonic()
    (found,) = parse_json(b"[" + b"9" * 1_000_000 + b"]")
    assert len(found) == 1_000_000
    assert time.monotonic() - began < 2.0


def test_plain__half_a_character__is_replaced():
    assert plain(parse_json(b'["\\ud83d!"]')) == "\ufffd!"


@pytest.mark.parametrize(
    ("value", "exact", "text"),
    [
        (Figure("12"), False, "=12"),
        ("1.234", False, "1.234"),
        ("1.234", True, "=1.234"),
        ("12 dịch vụ", True, "12 dịch vụ"),
        (True, True, "true"),
        (None, True, ""),
    ],
)
def test_figure__only_a_number_is_exact(value, exact, text):
    assert figure(value, exact=exact) == text


@pytest.mark.parametrize(
    ("content", "is_json"),
    [
        (b'\xef\xbb\xbf {"a": 1}', True),
        (b"{}", True),
        (b"[[1]]", True),
        ("[Mẫu 01];Báo cáo".encode(), False),
        (b"{x};y", False),
        (b"code;value", False),
        (b"", False),
    ],
)
def test_looks_like_json__by_its_bytes(content, is_json):
    assert looks_like_json(content) is is_json


def test_pointer__marks_of_the_pointer_itself_are_escaped():
    assert pointer("a/b", 0, "c~d") == "/a~1b/0/c~0d"
