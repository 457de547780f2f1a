import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.sources.delimited import decode, delimiter_of, lines
from warehouse.errors import BatchRefused


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"])
def test_decode__knows_the_encodings_of_today(encoding):
    bom = {"utf-16-le-bom": b"\xff\xfe", "utf-16-be-bom": b"\xfe\xff"}.get(encoding, b"")
    assert decode(bom + "Mã tiêu chí".encode(encoding.removesuffix("-bom"))) == "Mã tiêu chí"


def test_decode__an_old_encoding_is_refused_by_name():
    with pytest.raises(BatchRefused, match="windows-1258"):
        decode("Tỉnh".encode("windows-1258", errors="replace") + b"\xd2\xec")


@pytest.mark.parametrize("content", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0\0"])
def test_decode__nothing_is_an_empty_file(content):
    with pytest.raises(BatchRefused, match="empty"):
        decode(content)


@pytest.mark.parametrize("content", [b"a\0b,c", b"\xff\xfea", b"\x89PNG\r\n\x1a\n"])
def test_decode__what_is_no_text_is_refused(content):
    with pytest.raises(BatchRefused):
        decode(content)


def test_lines__a_row_has_the_number_of_its_first_line():
    assert [(line.number, line.cells) for line in lines('a,b\n\n"x\ny",2\n,\nz,3', ",")] == [
        (1, ["a", "b"]),
        (3, ["x\ny", "2"]),
        (6, ["z", "3"]),
    ]


def test_lines__a_cell_that_never_ends_is_refused_with_its_line():
    with pytest.raises(BatchRefused, match="Line 2 cannot be read as CSV"):
        list(lines('a,b\n"' + "x" * 200_000, ","))


@pytest.mark.parametrize(("text", "expected"), [("a;b\n1;2", ";"), ("a,b\n1,2", ","), ("a\tb\n1\t2", "\t")])
def test_delimiter_of__is_the_one_that_makes_a_header(text, expected):
    assert delimiter_of(text, lambda cells: len({"a", "b"} & set(cells))) == expected


def test_delimiter_of__is_not_misled_by_commas_in_names():
    text = "Bộ Văn hóa, Thể thao, Du lịch, và, những, cái, khác;x\na;b"
    assert delimiter_of(text, lambda cells: len({"a", "b"} & set(cells))) == ";"


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\0\r\n", codec="utf-8"), min_size=1), min_size=2)))
def test_lines__gives_back_every_row_that_was_written(rows):
    import csv
    import io

    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert [line.cells for line in lines(written.getvalue(), ",")] == kept
