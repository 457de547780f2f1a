import json
import re

import pytest

from expectations.declared import DECLARED
from expectations.expected import not_missing
from expectations.rule import CRITICAL, Rule
from expectations.rules import RULES

OUTSIDE = re.compile(r"""(?:https?:)?//\w|<script|@import|<link""")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data_docs"


def test_write_docs__pages__need_nothing_from_outside(rows, judged, folder):
    judged(rows({}, {"value": -1.0}), data_docs=folder)
    pages = list(folder.glob("*.html"))
    assert len(pages) == 2
    assert [page.name for page in pages if OUTSIDE.search(page.read_text())] == []


def test_write_docs__links__lead_to_pages_that_are_there(rows, judged, folder):
    judged(rows({}), round_name="đợt 1/2020", data_docs=folder)
    targets = {
        target for page in folder.glob("*.html") for target in re.findall(r'(?:href|src)="([^"#]*)"', page.read_text())
    }
    names = {file.name for file in folder.iterdir()}
    assert {"index.html", "small_2020_2020_%C4%91%E1%BB%A3t-1-2020.html"} == targets
    assert "small_2020_2020_đợt-1-2020.html" in names


def test_write_docs__second_run__overwrites_the_page_of_the_first(rows, judged, folder):
    judged(rows({"value": -1.0}), data_docs=folder)
    before = sorted(file.name for file in folder.iterdir())
    outcome = judged(rows({}), data_docs=folder)
    assert sorted(file.name for file in folder.iterdir()) == before
    assert json.loads((folder / "small_2020_2020_test.json").read_text())["quarantined"] == 0
    assert 'class="quarantined"' not in outcome.data_docs_index.read_text()


def test_write_docs__another_round__gets_a_page_of_its_own(rows, judged, folder):
    for name in ("press", "synthetic"):
        index = judged(rows({}), round_name=name, data_docs=folder).data_docs_index
    assert index == folder / "index.html"
    assert all(f">{name}<" in index.read_text() for name in ("press", "synthetic"))


def test_write_docs__rules__stand_in_both_languages_with_their_counts(rows, judged, folder):
    judged(rows({}, {"value": -1.0, "agency": "province-hue"}), data_docs=folder)
    page = (folder / "small_2020_2020_test.html").read_text()
    assert all(rule.description_vi in page and rule.description_en in page for rule in RULES if rule not in DECLARED)
    assert re.search(
        r"<td class=\"number\">2</td><td class=\"number\">1</td>\s*<td class=\"number\">50.00 %</td>", page
    )


def test_write_docs__share_of_refused_rows__is_of_those_that_the_rule_applies_to(rows, ratio, judged, folder):
    judged(rows({}, {}, *ratio(5, 0)), data_docs=folder)
    page = (folder / "small_2020_2020_test.html").read_text()
    cells = re.search(r"<code>denominator_is_positive</code>.*?</tr>", page, re.DOTALL).group()
    assert re.findall(r'class="number">([^<]*)<', cells) == ["1", "1", "100.00 %"]
    assert "total rows" not in page


def test_write_docs__what_people_wrote__does_not_reach_the_pages(rows, judged, folder):
    secret = "Nguyễn Văn A 0912345678"
    judged(
        rows(dict.fromkeys(("agency_text", "item", "item_text", "stage", "unit", "period_text"), secret)),
        data_docs=folder,
    )
    assert [file.name for file in folder.iterdir() if "0912345678" in file.read_text()] == []


def test_write_docs__markup_in_a_name__is_shown_as_text(rows, judged, folder):
    index = judged(rows({}), round_name="<b>x</b>", data_docs=folder).data_docs_index
    assert "&lt;b&gt;x&lt;/b&gt;" in index.read_text()
    assert "<b>" not in "".join(page.read_text() for page in folder.glob("*.html"))


def test_write_docs__crashed_check__is_shown_as_crashed(rows, judged, folder):
    crashing = Rule("crashing", CRITICAL, "mô tả", "description", "lý do", "reason", not_missing("no_such_column"))
    index = judged(rows({}), rules=[*RULES, crashing], data_docs=folder).data_docs_index
    assert "check_failed" in index.read_text()
    assert 'class="crashed"' in (folder / "small_2020_2020_test.html").read_text()


JUMP = {"jump": {"factor": 3}}
LAST_MONTH = [{"period": "2020-07", "value": 200}]


def test_write_docs__doubted_rows__are_a_warning_and_no_failure(month, folder):
    month({"M4": 900}, JUMP, LAST_MONTH, data_docs=folder)
    page = (folder / "counts_2019_2020-08_test.html").read_text()
    cells = re.search(r"<code>value_does_not_jump</code>.*?</tr>", page, re.DOTALL).group()
    assert re.findall(r'class="warned">([^<]*)<', cells) == ["warned"]
    assert "<td>info</td>" in cells
    shown = re.search(r"<tr(?:(?!<tr).)*value_does_not_jump: .*?</tr>", page, re.DOTALL).group()
    assert "fa-exclamation-triangle" in shown
    assert "fa-times" not in shown
    assert "1 dòng được chấp nhận kèm cảnh báo" in page


def test_write_docs__refused_rows__are_a_failure_still(month, folder):
    month({"M4": 900, "ALL": 800}, {"not_above": [{"item": "M4", "limit": "ALL"}]}, data_docs=folder)
    page = (folder / "counts_2019_2020-08_test.html").read_text()
    shown = re.search(r"<tr(?:(?!<tr).)*item_not_above_limit: .*?</tr>", page, re.DOTALL).group()
    assert "fa-times" in shown


def test_write_docs__rule_that_applies_to_no_row__has_no_share(rows, month, judged, folder):
    judged(rows({}), data_docs=folder)
    month({"M4": 900}, JUMP, data_docs=folder)
    assert [file.name for file in folder.glob("*.html") if "nan" in file.read_text().casefold()] == []


def test_write_docs__index__counts_doubted_rows_and_reads_facts_of_an_earlier_version(month, folder):
    folder.mkdir()
    earlier = {"framework": "f", "period": "2019", "round_name": "r", "page": "f.html", "verdict": "accepted"}
    (folder / "f.json").write_text(json.dumps({**earlier, "accepted": 7, "quarantined": 0, "at": "x", "crashed": []}))
    index = month({"M4": 900}, JUMP, LAST_MONTH, data_docs=folder).data_docs_index.read_text()
    numbers = [re.findall(r'class="number">(\d+)<', line) for line in index.split("<tr>") if "<td>" in line]
    assert sorted(numbers) == [["1", "0", "1"], ["7", "0", "0"]]
