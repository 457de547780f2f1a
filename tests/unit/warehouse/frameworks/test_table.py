"""CSV tables are read with the physical line of every row."""

from warehouse.frameworks.faults import Report
from warehouse.frameworks.table import read_table


def read(tmp_path, text: str):
    file = tmp_path / "t.csv"
    file.write_bytes(text.encode())
    report = Report("t.csv")
    return read_table(file, ("a", "b"), ("a",), report), report.faults


def test_read_table__cells_are_stripped_and_columns_in_any_order(tmp_path):
    rows, faults = read(tmp_path, "b,a\n 1 , 2\n")
    assert ([row.cells for row in rows], faults) == ([{"b": "1", "a": "2"}], [])


def test_read_table__a_column_that_is_left_out_reads_as_blank(tmp_path):
    rows, _ = read(tmp_path, "a\nx\n")
    assert rows[0]["b"] == ""


def test_read_table__row_that_spans_lines_counts_from_its_first(tmp_path):
    rows, _ = read(tmp_path, 'a,b\n"one\ntwo",1\nthree,2\n')
    assert [row.line for row in rows] == [2, 4]
