import io

import openpyxl
import polars
import pytest
import svy_io

from tasks.sources.base import Page
from tasks.sources.survey_export import SOURCE
from warehouse.errors import BatchRefused


def read(content, origin="survey/officials.csv"):
    return SOURCE.read_answers([Page(origin, content)])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_read_answers__a_csv_of_any_delimiter(delimiter):
    rows = [["_uuid", "q1", "q 2"], ["u1", "3", "có"], ["u2", "", "không"]]
    answers = read("\n".join(delimiter.join(row) for row in rows).encode())
    assert answers["submission_id"].tolist() == ["u1", "u2"]
    assert answers[["q1", "q 2"]].to_numpy().tolist() == [["3", "có"], ["", "không"]]
    assert set(answers["form"]) == {"officials"}
    assert set(answers["form_version"]) == {"1"}


def test_read_answers__form_and_version_as_the_file_says():
    answers = read(b"submission_id,form,__version__,q1\nu1,f,v2,3\n")
    assert answers[["form", "form_version"]].to_numpy().tolist() == [["f", "v2"]]


def test_read_answers__a_workbook():
    book = openpyxl.Workbook()
    for row in (["_id", "q1"], [7, 3], [8, 4.5]):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    assert read(written.getvalue())[["submission_id", "q1"]].to_numpy().tolist() == [["7", "3"], ["8", "4.5"]]


def test_read_answers__an_spss_file(tmp_path):
    file = tmp_path / "a.sav"
    svy_io.write_sav(polars.DataFrame({"id": [1.0, 2.0], "Q1": [3.0, None], "ghichu": ["à", ""]}), file)
    answers = read(file.read_bytes(), "survey/people.sav")
    assert answers[["submission_id", "Q1", "ghichu", "form"]].to_numpy().tolist() == [
        ["1", "3", "à", "people"],
        ["2", "", "", "people"],
    ]


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n", b"a,b\n1,2\n", b"_id,a,a\n1,2,3\n", b"$FL2 broken", b"<html></html>"]
)
def test_read_answers__what_is_no_export_is_refused(content):
    with pytest.raises(BatchRefused):
        read(content)


def test_read_answers__a_row_wider_than_the_header__is_refused_without_its_words():
    with pytest.raises(BatchRefused, match="Row 3 of the export has more cells") as refusal:
        read(b"_id,note,form\nu1,x,f\nu2,call, me,0912345678\n")
    assert "0912345678" not in f"{refusal.value.message}{refusal.value.hint}"
