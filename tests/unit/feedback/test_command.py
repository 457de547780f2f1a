"""Where `dti returns feedback` writes, and what it never replaces unasked."""

import pytest

from flows.cli import returns_feedback
from warehouse.errors import InputError


class Desk:
    """A desk with two returns of one agency to mend."""

    def agencies(self):
        return ["ha-noi"]

    def workbooks(self, agency):
        return iter([b"first", b"second"])

    def of_nobody(self):
        return 0


@pytest.fixture
def feedback(monkeypatch):
    monkeypatch.setattr(returns_feedback, "load_framework", lambda name: None)
    monkeypatch.setattr(returns_feedback, "_desk", lambda *asked: Desk())
    return lambda **options: returns_feedback.feedback(framework="f", period="2020", **options)


@pytest.mark.parametrize("name", ["ha-noi.xlsx", "ha-noi-2.xlsx"])
def test_feedback__never_replaces_a_file_unasked(feedback, tmp_path, name):
    there = tmp_path / name
    there.write_text("half mended")
    with pytest.raises(InputError, match="is there already"):
        feedback(all=True, out=tmp_path)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["half mended"]
    feedback(all=True, out=tmp_path, overwrite=True)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "ha-noi.xlsx": "first",
        "ha-noi-2.xlsx": "second",
    }


def test_feedback__of_one_agency__never_replaces_a_file_unasked(tmp_path):
    file = tmp_path / "a.xlsx"
    file.write_text("half mended")
    with pytest.raises(InputError, match="is there already") as refused:
        returns_feedback._write(file, [b"new"], overwrite=False)
    assert "--overwrite" in refused.value.hint
    returns_feedback._write(file, [b"new"], overwrite=True)
    assert file.read_bytes() == b"new"


def test_feedback__name_that_is_too_long__is_one_sentence(feedback, tmp_path):
    with pytest.raises(InputError, match="File name too long"):
        feedback(all=True, out=tmp_path / ("x" * 300))
    with pytest.raises(InputError, match="File name too long"):
        returns_feedback._file(Desk(), "ha-noi", tmp_path / ("x" * 300 + ".xlsx"))
