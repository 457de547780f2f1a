"""Returns on older forms and on forms of another edition."""

from dataclasses import replace

import pytest

from tasks.returns.versions import FORM_VERSION, form_name, old_form, parse_form
from tasks.sources.agency_report import SOURCE
from warehouse.errors import FrameworkError

HEADER = "form,old_code,code\n"
TABLE = f"{HEADER}tiny/0,A.1,A.6\ntiny/0,A.6,A.1\ntiny_2019/1,A.3,B.2\n"


@pytest.fixture
def mapped(framework, tmp_path):
    """The framework with a table of older forms."""

    def make(table=TABLE):
        (tmp_path / "form_versions.csv").write_text(table, encoding="utf-8")
        return replace(framework, folder=tmp_path)

    return make


def test_form_name__is_framework_and_version(framework):
    assert form_name(framework) == f"tiny/{FORM_VERSION}"


@pytest.mark.parametrize("text", ["", "01/BC-DTI", "Mẫu 2", "tiny"])
def test_parse_form__of_another_kind_is_none(text):
    assert parse_form(text) is None


def test_read__codes_of_an_older_form_become_todays(form, fill, mapped):
    found = SOURCE.read(fill(form, form_version="tiny/0"), mapped())
    assert found["item_text"].tolist() == ["A.6", "A.6", "A.2", "A.3", "A.4", "A.5", "A.1", "A.1", "B.1"]
    assert set(found["form_version"]) == {"tiny/0"}


def test_read__of_another_edition_only_listed_codes_are_ours_and_none_disappears(form, fill, mapped):
    found = SOURCE.read(fill(form, {"A.3": {"value": 2}, "A.2": {"value": "Có"}}, form_version="tiny_2019/1"), mapped())
    assert found["item_text"].tolist() == ["tiny_2019/1 A.2", "B.2"]


def test_old_form__that_the_table_does_not_list_is_none(framework, mapped):
    assert old_form(mapped(), parse_form("tiny/7")) is None
    assert old_form(framework, parse_form("tiny/0")) is None


@pytest.mark.parametrize(
    "table", ["form,code\ntiny/0,A.1\n", "form,old_code,code\ntiny/0,A.1\n", 'form,old_code,code\n"x']
)
def test_old_form__a_table_that_cannot_be_read_is_an_error(mapped, table):
    with pytest.raises(FrameworkError, match=r"form_versions\.csv cannot be read") as error:
        old_form(mapped(table), parse_form("tiny/0"))
    assert "form, old_code, code" in error.value.hint


def test_old_form__a_code_of_today_that_there_is_not_is_an_error(mapped):
    with pytest.raises(FrameworkError, match=r"leads to 'Z\.1', a code that tiny does not have"):
        old_form(mapped(f"{HEADER}tiny/0,A.1,Z.1\n"), parse_form("tiny/0"))
