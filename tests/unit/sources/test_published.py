import pytest

from tasks.harmonise.numbers import parse_number
from tasks.sources.published import SOURCE
from warehouse.errors import BatchRefused
from warehouse.frames import READING

HEADER = "agency,node,value,citation,url,note\n"


def read(text, framework):
    return SOURCE.read(text.encode(), framework)


def test_read__one_row_per_figure_with_its_citation(framework):
    found = read(HEADER + "TP. Đà Nẵng,A,0.5346,Báo A,https://a.vn/1,\n\nBắc Ninh,DTI,0.4096,Báo B,,x\n", framework)
    assert list(found.columns) == list(READING.columns)
    assert found[["agency_text", "item_text", "part", "stage", "locator"]].to_numpy().tolist() == [
        ["TP. Đà Nẵng", "A", "value", "final", "line 2"],
        ["Bắc Ninh", "DTI", "value", "final", "line 4"],
    ]
    assert found["evidence_text"].tolist() == ["Báo A, https://a.vn/1", "Báo B"]


@pytest.mark.parametrize(("text", "value"), [("0.522", 0.522), ("0.5220", 0.522), ("1", 1.0), ("-0.125", -0.125)])
def test_read__a_decimal_point_is_never_a_mark_between_thousands(framework, text, value):
    (found,) = read(HEADER + f"x,A,{text},c,u,\n", framework)["value_text"]
    assert parse_number(found).value == value


@pytest.mark.parametrize("text", ['"0,522"', "about 0.5", "NaN", "inf", "1e5", "٠.٥"])
def test_read__anything_else_stays_as_written(framework, text):
    (found,) = read(HEADER + f"x,A,{text},c,u,\n", framework)["value_text"]
    assert found == text.strip('"')


def test_read__a_figure_without_a_citation_has_no_evidence(framework):
    (found,) = read(HEADER + "x,A,0.5,,https://a.vn,\n", framework)["evidence_text"]
    assert found == ""


def test_read__a_row_without_a_figure_gives_none(framework):
    assert len(read(HEADER + "x,A,,c,u,\nx,B,0.5,c,u,\n", framework)) == 1


def test_read__a_table_without_rows_is_an_empty_frame(framework):
    assert read(HEADER, framework).empty


def test_read__columns_may_stand_in_any_order(framework):
    found = read("url,value,node,citation,agency,period\nu,0.5,A,c,Huế,2020\n", framework)
    assert found[["agency_text", "item_text", "period_text"]].to_numpy().tolist() == [["Huế", "A", "2020"]]


@pytest.mark.parametrize("column", ["agency", "node", "value", "citation", "url"])
def test_read__a_missing_column_is_named(framework, column):
    with pytest.raises(BatchRefused, match=rf"has no column {column}\."):
        read(HEADER.replace(column, "other") + "a,b,c,d,e,f\n", framework)


def test_read__a_short_row_misses_only_its_last_cells(framework):
    assert read(HEADER + "x,A,0.5\n", framework)["evidence_text"].tolist() == [""]
