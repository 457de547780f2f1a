import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.sources.sheetscan import column_letters, column_number, parse_xml, percent_styles, scan_sheet
from warehouse.errors import BatchRefused


def scanned(rows, percents=()):
    return scan_sheet(
        "sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode(), frozenset(percents)
    )


def test_scan_sheet__reaches_to_the_last_cell_with_content():
    facts = scanned('<row r="2"><c r="B2"><v>1</v></c></row><row r="9"><c r="D9" s="1"/></row>')
    assert (facts.rows, facts.columns) == (2, 2)


def test_scan_sheet__counts_cells_and_rows_that_say_no_place():
    facts = scanned("<row><c><v>1</v></c></row><row><c/><c/><c><f>A1</f></c></row>")
    assert (facts.rows, facts.columns, facts.texts) == (2, 3, {(1, 2): "=A1"})


def test_scan_sheet__knows_prefixed_names():
    row = b'<x:row r="1"><x:c r="C1"><x:v>1</x:v></x:c></x:row>'
    xml = b'<x:worksheet xmlns:x="u"><x:sheetData>' + row + b"</x:sheetData></x:worksheet>"
    assert scan_sheet("s", xml, frozenset()).columns == 3


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A1"><f>SUM(B1:B3)</f></c>', "=SUM(B1:B3)"),
        ('<c r="A1"><f>SUM(B1:B3)</f><v></v></c>', "=SUM(B1:B3)"),
        ('<c r="A1"><f>B1&amp;"x"&lt;3</f><v/></c>', '=B1&"x"<3'),
        ('<c r="A1"><f t="shared" si="0"/></c>', "="),
        ('<c r="A1" t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
    ],
)
def test_scan_sheet__finds_formulas_without_a_value_and_errors(cell, text):
    assert scanned(f'<row r="1">{cell}</row>').texts == {(0, 0): text}


@pytest.mark.parametrize(
    "cell", ['<c r="A1"><f>B1</f><v>3</v></c>', '<c r="A1" t="str"><f>""</f><v></v></c>', '<c r="A1"><v>3</v></c>']
)
def test_scan_sheet__leaves_formulas_with_a_value_alone(cell):
    assert scanned(f'<row r="1">{cell}</row>').texts == {}


def test_scan_sheet__finds_numbers_shown_as_percentages():
    cells = (
        '<c r="A1" s="3"><v>1</v></c><c r="B1" s="4"><v>1</v></c><c r="C1" s="3" t="s"><v>0</v></c><c r="D1" s="3"/>'
    )
    assert scanned(f'<row r="1">{cells}</row>', {"3"}).percents == {(0, 0)}


def test_percent_styles__are_the_built_in_and_the_declared_formats():
    xml = b"""<styleSheet><numFmts>
        <numFmt numFmtId="164" formatCode="0.000%"/><numFmt numFmtId="165" formatCode='0" % of all"'/>
        <numFmt numFmtId="166" formatCode="0\\%"/></numFmts>
        <cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="10"/><xf numFmtId="164"/><xf numFmtId="165"/>
        <xf numFmtId="166"/><xf/></cellXfs></styleSheet>"""
    assert percent_styles("styles.xml", xml) == {"1", "2", "3"}


def test_parse_xml__refuses_declared_entities():
    laughs = b'<!DOCTYPE a [<!ENTITY b "hahaha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    with pytest.raises(BatchRefused, match="declares a document type"):
        parse_xml("sheet1.xml", laughs)


@pytest.mark.parametrize(
    "content", [b"", b"<a>", b"<a></b>", b"\x00\x01", b"<a>\xff</a>", b'<?xml version="1.0" encoding="no"?><a/>']
)
def test_parse_xml__names_the_part_that_is_damaged(content):
    with pytest.raises(BatchRefused, match=r"its part sheet1\.xml is not XML"):
        parse_xml("sheet1.xml", content)


def test_scan_sheet__a_million_cells_are_refused():
    with pytest.raises(BatchRefused, match="more rows and cells than any return"):
        scanned("<c/>" * 1_000_001)


@given(st.integers(0, 16383))
def test_column_letters__and_number_are_inverse(number):
    assert column_number(column_letters(number)) == number
