"""`dti returns template`."""

import pytest

from flows.cli import main
from tasks.sources.workbook import read_workbook


@pytest.fixture
def say(capsys, monkeypatch, tmp_path):
    """Run the command in an empty folder; give its exit status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main(["returns", "template", *arguments])
        return int(end.value.code or 0), *capsys.readouterr()

    return run


def test_template__writes_the_form_of_one_agency(say, tmp_path):
    one = ("--framework", "ministry_2020", "--period", "2020", "--agency", "bộ y tế", "--out", "forms/y-te.xlsx")
    assert say(*one) == (0, "The workbook is forms/y-te.xlsx.\n", "")
    sheets = read_workbook((tmp_path / "forms" / "y-te.xlsx").read_bytes())
    assert sheets[1].rows[1][:2] == ["Cơ quan báo cáo:", "Bộ Y tế"]


def test_template__writes_one_for_each_agency(say, tmp_path):
    status, out, _ = say("--framework", "ministry_2020", "--period", "2020", "--all", "--out", "forms")
    assert (status, out) == (0, "25 workbooks are in forms.\n")
    names = {file.name for file in (tmp_path / "forms").iterdir()}
    assert len(names) == 25
    assert "ministry-y-te.xlsx" in names


def test_template__never_replaces_a_file_unasked(say, tmp_path):
    (tmp_path / "a.xlsx").write_text("filled in")
    one = ("--framework", "province_2020", "--period", "2020", "--agency", "Huế", "--out", "a.xlsx")
    status, _, error = say(*one)
    assert status == 1
    assert "a.xlsx is there already." in error
    assert (tmp_path / "a.xlsx").read_text() == "filled in"
    assert say(*one, "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--period", "2020"), "Give either --agency NAME or --all."),
        (("--period", "2020", "--agency", "Huế", "--all"), "Give either --agency NAME or --all."),
        (("--period", "2021", "--all"), "is for 2020, not for 2021."),
        (("--period", "2020", "--agency", "Bộ Y tế"), "Bộ Y tế"),
        (("--period", "2020", "--agency", "Atlantis"), "Atlantis"),
        (("--period", "2020", "--agency", "Huế", "--out", "form.csv"), "ending .xlsx"),
        (("--period", "2020", "--agency", "Huế", "--out", "taken/x.xlsx"), "cannot be written"),
        (
            ("--period", "2020", "--agency", "Huế", "--out", "x" * 300 + ".xlsx"),
            "cannot be written: File name too long.",
        ),
    ],
)
def test_template__what_cannot_be_done_is_one_sentence_and_a_hint(say, tmp_path, options, said):
    (tmp_path / "taken").write_text("a file")
    place = () if "--out" in options else ("--out", "form.xlsx")
    status, _, error = say("--framework", "province_2020", *options, *place)
    assert status == 1
    assert said in error
    assert "Traceback" not in error
    assert list(tmp_path.glob("**/*.xlsx")) == []
