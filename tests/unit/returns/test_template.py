import io
import re
import unicodedata

import openpyxl
import pytest

from tasks.harmonise.agencies import Registry
from tasks.harmonise.standardise import standardise
from tasks.returns.guide import COVER, GUIDE
from tasks.returns.sheets import COLUMNS, LETTERS
from tasks.returns.template import Template
from tasks.sources.agency_report import SOURCE
from warehouse.errors import BatchRefused, InputError
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework


@pytest.fixture(scope="module")
def book(form):
    return openpyxl.load_workbook(io.BytesIO(form))


@pytest.fixture(scope="module")
def rows(book):
    """Code of a criterion to its cells by column."""
    return {
        sheet[f"B{row}"].value: {name: sheet[f"{letters}{row}"] for name, letters in LETTERS.items()}
        for sheet in book.worksheets[2:]
        for row in range(1, sheet.max_row + 1)
    }


@pytest.fixture(scope="module")
def read(framework):
    """Read a return into (item, part, text of the figure)."""
    return lambda content: SOURCE.read(content, framework)[["item_text", "part", "value_text"]].to_numpy().tolist()


TYPED_IN = [
    ["A.1", "a", "=45"],
    ["A.1", "b", "=90"],
    ["A.2", "value", "Có"],
    ["A.3", "value", "=2"],
    ["A.4", "value", "=1"],
    ["A.5", "value", "=1.5"],
    ["A.6", "a", "=2.5"],
    ["A.6", "b", "=3"],
    ["B.1", "value", "=99.5"],
]


def test_template__a_guide_a_cover_and_one_sheet_per_branch(book):
    assert book.sheetnames == [GUIDE, COVER, "A Chính quyền số  nền tảng", "B Kinh tế số & 'xã hội' số"]


def test_template__holds_the_reported_criteria_only(rows, framework):
    assert {code for code in rows if code in framework.by_code and not framework.children[code]} == {
        "A.1",
        "A.2",
        "A.3",
        "A.4",
        "A.5",
        "A.6",
        "B.1",
        "B.2",
    }


def test_template__shows_name_unit_rule_and_maximum_in_words(rows):
    cells = rows["A.1"]
    assert (cells["ordinal"].value, cells["name"].value, cells["unit"].value) == (1, "Tiêu chí A.1", "%")
    assert cells["rule"].value.splitlines() == [
        "Tỷ lệ a/b so với mục tiêu 100%; tối đa 4 điểm.",
        "a = Số đã học",
        "b = Tổng số cán bộ",
    ]


def test_template__names_agency_period_and_form(book):
    sheet = book.worksheets[2]
    assert [(sheet[f"C{row}"].value, sheet[f"D{row}"].value) for row in (2, 3, 4)] == [
        ("Cơ quan báo cáo:", "Tỉnh Bắc Ninh"),
        ("Kỳ báo cáo:", "Năm 2020"),
        ("Mẫu biểu:", "tiny/1"),
    ]


def test_template__inputs_are_open_and_all_else_is_locked_without_a_password(book, rows):
    assert all(sheet.protection.sheet and not sheet.protection.password for sheet in book.worksheets)
    assert book.security.lockStructure
    always = {"document", "date", "link", "note"}
    assert {name for name, cell in rows["A.1"].items() if not cell.protection.locked} == {"a", "b"} | always
    assert {name for name, cell in rows["A.2"].items() if not cell.protection.locked} == {"value"} | always
    assert all(cell.protection.locked for cell in rows["A"].values())


def test_template__the_codes_are_hidden(book):
    assert [sheet.column_dimensions["B"].hidden for sheet in book.worksheets[2:]] == [True, True]


def test_template__the_value_of_a_ratio_is_a_formula(rows):
    assert rows["A.1"]["value"].value == '=IF(COUNT(F8,G8)=2,IF(G8>0,F8/G8*100,""),"")'
    assert rows["A.6"]["value"].value == '=IF(COUNT(F13,G13)=2,IF(G13>0,F13/G13,""),"")'


def checks(book, cell):
    for sheet in book.worksheets[2:]:
        for check in sheet.data_validations.dataValidation:
            if sheet.title == cell.parent.title and cell.coordinate in check.sqref:
                return check.type, check.operator, check.formula1, check.formula2
    return None


@pytest.mark.parametrize(
    ("code", "part", "expected"),
    [
        ("A.1", "a", ("whole", "between", "0", "IF(ISNUMBER(G8),G8,1E+15)")),
        ("A.1", "b", ("whole", "greaterThanOrEqual", "MAX(1,N(F8))", None)),
        ("A.1", "value", None),
        ("A.2", "value", ("list", None, '"Có,Không"', None)),
        ("A.3", "value", ("list", None, '"0,1,2,3"', None)),
        ("A.4", "value", ("list", None, '"0,1"', None)),
        ("A.5", "value", ("decimal", "between", "0", "1E+15")),
        ("A.6", "a", ("decimal", "between", "0", "IF(ISNUMBER(G13),G13*1000,1E+15)")),
        ("A.6", "b", ("whole", "greaterThanOrEqual", "MAX(1,N(F13)/1000)", None)),
        ("B.1", "value", ("decimal", "between", "0", "100")),
        ("B.2", "value", ("whole", "between", "0", "50")),
    ],
)
def test_template__checks_what_is_entered(book, rows, code, part, expected):
    assert checks(book, rows[code][part]) == expected


def test_template__an_unfilled_one_is_refused_as_having_no_figure(form, resave, read):
    for content in (form, resave(form)):
        with pytest.raises(BatchRefused, match="Tỉnh Bắc Ninh has no figure"):
            read(content)


def test_template__a_filled_one_gives_what_was_typed_in(form, fill, read):
    assert read(fill(form)) == TYPED_IN


def test_template__a_filled_one_carries_who_when_and_the_three_columns_of_evidence(form, fill, framework):
    first = SOURCE.read(fill(form), framework).iloc[0]
    assert (first["agency_text"], first["period_text"]) == ("Tỉnh Bắc Ninh", "Năm 2020")
    assert (first["form_version"], first["submitted_text"]) == ("tiny/1", "2021-01-15")
    assert first["evidence_text"] == "12/BC-UBND; 2020-12-01; https://bacninh.gov.vn/12"


def test_template__half_a_ratio_gives_that_half_only(form, fill, read):
    assert read(fill(form, {"A.1": {"a": 4}})) == [["A.1", "a", "=4"]]


def test_template__the_observations_are_the_figures_that_were_typed_in(form, fill, framework):
    found = standardise(
        SOURCE.read(fill(form), framework),
        framework=framework,
        round_name="test",
        period="2020",
        source="agency_report",
        snapshot_sha256="0",
        registry=Registry.bundled(),
        evidence_needed=True,
    )
    assert found[["item", "part", "value"]].to_numpy().tolist() == [
        ["A.1", "a", 45.0],
        ["A.1", "b", 90.0],
        ["A.2", "value", 1.0],
        ["A.3", "value", 2.0],
        ["A.4", "value", 1.0],
        ["A.5", "value", 1.5],
        ["A.6", "a", 2.5],
        ["A.6", "b", 3.0],
        ["B.1", "value", 99.5],
    ]
    assert set(found["agency"]) == {"province-bac-ninh"}


def test_template__opens_in_libreoffice_and_stays_without_a_figure(form, office, resave, read):
    for content in (form, resave(form)):
        with pytest.raises(BatchRefused, match="has no figure"):
            read(office(content))


def test_template__a_filled_one_saved_by_libreoffice_gives_the_same(form, fill, office, framework):
    filled = fill(form)
    again = office(filled)
    assert SOURCE.read(again, framework).equals(SOURCE.read(filled, framework))
    cover = openpyxl.load_workbook(io.BytesIO(again), data_only=True)[COVER]
    assert [[cell.value for cell in row] for row in cover["B9:C10"]] == [[6, 6], [1, 2]]


def test_template__libreoffice_keeps_checks_protection_and_hidden_codes(form, office):
    sheet = openpyxl.load_workbook(io.BytesIO(office(form))).worksheets[2]
    assert sheet.protection.sheet
    assert sheet.column_dimensions["B"].hidden
    assert not sheet["F8"].protection.locked
    assert {check.type for check in sheet.data_validations.dataValidation} == {"whole", "decimal", "list", "date"}


def test_template__is_addressed_to_each_agency_and_otherwise_the_same(framework):
    form = Template(framework, "2020-08")
    one = openpyxl.load_workbook(io.BytesIO(form.for_agency("Bộ A & <B>")))
    assert [sheet["D2"].value for sheet in one.worksheets[2:]] == ["Bộ A & <B>"] * 2
    assert one[COVER]["B2"].value == "Bộ A & <B>"
    assert one[COVER]["B3"].value == "Tháng 8/2020"
    assert form.for_agency("x") == Template(framework, "2020-08").for_agency("x")


def test_template__of_a_framework_to_which_nobody_reports_is_an_error(framework):
    nobody = Framework(framework.description, framework.nodes[:2], {}, framework.folder, "")
    with pytest.raises(InputError, match="Agencies report nothing"):
        Template(nobody, "2020")


@pytest.mark.parametrize(("name", "sheets"), [("province_2020", 5), ("ministry_2020", 9)])
def test_template__of_the_bundled_frameworks_is_in_nfc_and_within_the_limits_of_the_format(name, sheets):
    content = Template(load_framework(name), "2020").for_agency("Tỉnh Bắc Ninh")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.sheetnames) == sheets
    for sheet in book.worksheets:
        texts = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
        assert all(unicodedata.is_normalized("NFC", text) for text in texts)
        for check in sheet.data_validations.dataValidation:
            assert max(len(check.error), len(check.prompt or ""), len(check.formula1)) <= 255


@pytest.mark.parametrize("name", ["province_2020", "ministry_2020"])
def test_template__says_a_rule_for_every_criterion(name):
    content = Template(load_framework(name), "2020").for_agency("x")
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets[2:]:
        assert [cell.value for cell in sheet[6]] == [label for label, _ in COLUMNS.values()]
        for row in range(7, sheet.max_row - 2):
            if sheet[f"A{row}"].value:
                assert re.search(r"tối đa [\d.,]+ điểm\.", sheet[f"D{row}"].value)


@pytest.mark.parametrize("version", ["tiny/9", "tiny_2022/1"])
def test_template__of_an_unknown_version_or_edition_is_refused_by_name(form, fill, read, version):
    with pytest.raises(BatchRefused, match=version) as error:
        read(fill(form, form_version=version))
    assert "tiny/1" in error.value.hint
