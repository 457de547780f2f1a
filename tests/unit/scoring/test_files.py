"""Reading measurements from files and writing scores."""

import csv
import io
import math

import pandas as pd
import pytest

from tasks.scoring.engine import score
from tasks.scoring.files import read_inputs, write_scores
from warehouse.errors import InputError

HEADER = "agency,node,value,period,stage\n"


@pytest.fixture
def csv_file(tmp_path):
    def write(content: str | bytes, name: str = "in.csv"):
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write


def test_csv__texts_stay_texts_and_numbers_keep_all_digits(csv_file):
    frame = read_inputs(csv_file(HEADER + "01,a,0.30000000000000004,2020,\n"))
    assert frame.to_dict("records") == [
        {"agency": "01", "node": "a", "value": 0.30000000000000004, "period": "2020", "stage": ""}
    ]


def test_csv__only_the_needed_columns(csv_file):
    assert list(read_inputs(csv_file("note,value,node,agency\nx,1,a,X\n")).columns) == ["agency", "node", "value"]


def test_csv__byte_order_mark_windows_line_ends_and_capitals(csv_file):
    frame = read_inputs(csv_file(b"\xef\xbb\xbfAgency,Node ,VALUE\r\nX,a,1\r\n"))
    assert frame.to_dict("records") == [{"agency": "X", "node": "a", "value": 1.0}]


def test_csv__texts_are_brought_into_nfc(csv_file):
    frame = read_inputs(csv_file("agency,node,value\n Hà Nội ,a,1\n"))
    assert frame["agency"].tolist() == ["Hà Nội"]


def test_csv__names_with_commas(csv_file):
    frame = read_inputs(csv_file('agency,node,value\n"Bộ Văn hóa, Thể thao và Du lịch",a,1\n'))
    assert frame["agency"].tolist() == ["Bộ Văn hóa, Thể thao và Du lịch"]


def test_csv__blank_rows_are_left_out_and_counted(csv_file, build):
    file = csv_file("agency,node,value\nX,a,1\n\n,,\nX,q,1\n")
    assert read_inputs(file).index.tolist() == [0, 3]
    with pytest.raises(InputError, match="row 5: 'q' is not a node"):
        score(build("code,parent,rule", "T,,", "a,T,binary"), read_inputs(file))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", "row 3: the value is blank"),
        ("n/a", "row 3: the value 'n/a' is not a finite number"),
        ("nan", "row 3: the value 'nan' is not a finite number"),
        ("inf", "row 3: the value 'inf' is not a finite number"),
        ("1e999", "row 3: the value '1e999' is not a finite number"),
        ("1_000", "row 3: the value '1_000' is not a finite number"),
        ('"0,5"', "row 3: the value '0,5' is not a finite number"),
        ("0,5", "row 3: there are 4 cells under 3 columns"),
    ],
)
def test_csv__a_value_that_is_no_number(csv_file, cell, words):
    file = csv_file(f"agency,node,value\nX,a,1\nY,a,{cell}\n")
    with pytest.raises(InputError) as caught:
        read_inputs(file)
    assert str(file) in caught.value.message
    assert words in caught.value.message


def test_csv__other_numbers_may_be_blank(csv_file):
    frame = read_inputs(csv_file("agency,node,value,standard_error,n\nX,a,1,,\n"))
    assert math.isnan(frame["standard_error"][0])
    assert math.isnan(frame["n"][0])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"agency,node,value\n", "has a header but no rows"),
        (b"agency,node,value\n,,\n", "has a header but no rows"),
        (b"<!DOCTYPE html><html></html>", "has no columns agency, node, value"),
        (b"agency;node;value\nX;a;1\n", "has no columns agency, node, value"),
        (b"agency,node,value\nX,a,1\nY,\xff,1\n", "line 3: the file is not text in UTF-8"),
        (b'agency,node,value\n"X,a,1\n', "cannot be read as CSV"),
        (b"PK\x03\x04\xff\xfe", "is not text in UTF-8"),
        (b"PAR1 cut off", "is not a whole Parquet file"),
    ],
)
def test_file__that_cannot_be_used(csv_file, content, words):
    file = csv_file(content)
    with pytest.raises(InputError) as caught:
        read_inputs(file)
    assert words in caught.value.message
    assert str(file) in caught.value.message
    assert caught.value.hint


def test_file__that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        read_inputs(tmp_path / "absent.csv")


def test_file__that_is_a_folder(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_inputs(tmp_path)


def test_parquet__same_as_csv(tmp_path, csv_file):
    file = tmp_path / "in.parquet"
    frame = pd.DataFrame(
        {"agency": ["01"], "node": ["a"], "value": [0.1], "period": ["2020"], "n": pd.array([None], "Int64")}
    )
    frame.to_parquet(file)
    pd.testing.assert_frame_equal(
        read_inputs(file), read_inputs(csv_file("agency,node,value,period,n\n01,a,0.1,2020,\n"))
    )


@pytest.mark.parametrize("periods", [[2020], [2020.0], ["2020"]])
def test_parquet__a_period_is_text_whatever_its_type(tmp_path, periods):
    file = tmp_path / "in.parquet"
    pd.DataFrame({"agency": ["X"], "node": ["a"], "value": [1], "period": periods}).to_parquet(file)
    frame = read_inputs(file)
    assert frame["period"].tolist() == ["2020"]
    assert str(frame["value"].dtype) == "float64"


def test_parquet__a_missing_value_names_its_row(tmp_path):
    file = tmp_path / "in.parquet"
    pd.DataFrame({"agency": ["X", "Y"], "node": ["a", "a"], "value": [1.0, None]}).to_parquet(file)
    with pytest.raises(InputError, match="row 3: the value is blank"):
        read_inputs(file)


def test_write__every_digit_comes_back(tmp_path, build, measured):
    scores = score(
        build("code,parent,rule", "T,,", "a,T,published"), measured({"X": {"a": 0.1 + 0.2}, "Y": {"a": 1 / 3}})
    )
    file = tmp_path / "out.csv"
    write_scores(scores, file)
    with file.open(encoding="utf-8", newline="") as stream:
        back = list(csv.DictReader(stream))
    assert list(back[0]) == list(scores.columns)
    assert [float(row["share"]) for row in back] == scores["share"].tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_write__to_the_standard_output(capsys, build, measured):
    scores = score(build("code,parent,rule", "T,,", "a,T,published"), measured({"X": {"a": 0.5}}))
    write_scores(scores, None)
    assert pd.read_csv(io.StringIO(capsys.readouterr().out))["node"].tolist() == ["T", "a"]


def test_write__into_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_scores(pd.DataFrame({"a": [1]}), tmp_path / "absent" / "out.csv")
