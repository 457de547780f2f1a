import shutil

import pytest
import yaml

from warehouse.frameworks.check import parse_folder
from warehouse.frameworks.inspection import FILE, load_inspection
from warehouse.frameworks.loader import BUNDLED, framework_digest, load_framework


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(BUNDLED / "ministry_2020", tmp_path / "ministry_2020")


def change(folder, edit):
    file = folder / FILE
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    edit(content)
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return [fault for fault in parse_folder(folder)[1] if fault.file == FILE]


@pytest.mark.parametrize(("name", "count"), [("province_2020", 34), ("ministry_2020", 12)])
def test_load_inspection__every_criterion_with_that_evidence__is_decided_or_said_to_be_unseen(name, count):
    framework = load_framework(name)
    declared = load_inspection(framework.folder)
    assert len(declared.criteria) + len(declared.not_observable) == count


def test_digest__follows_the_declaration(folder):
    before = framework_digest(folder)
    (folder / FILE).write_text((folder / FILE).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert framework_digest(folder) != before


def test_check__framework_without_inspection__is_sound(folder):
    (folder / FILE).unlink()
    assert parse_folder(folder)[1] == []


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda c: c["criteria"].pop("1.1.2"), "1.1.2 is missing"),
        (lambda c: c["not_observable"].update({"1.1.2": "x"}), "under `criteria` and under `not_observable`"),
        (lambda c: c["criteria"].update({"9.9.9": {"items": ["feed"]}}), "9.9.9 is no criterion with evidence"),
        (lambda c: c["criteria"]["1.1.2"]["items"].pop(), "3 items here and 4 in nodes.csv"),
        (lambda c: c["criteria"]["6.5.1"]["items"].__setitem__(0, "https_valit"), "did you mean https_valid?"),
        (lambda c: c["claims"][0].update(check="feed_none"), "there is no check 'feed_none'"),
        (lambda c: c["claims"][0].update(check="page_title"), "measures no value"),
        (lambda c: c["claims"][0].update(criterion="8.8.8"), "the claim 8.8.8 is no criterion"),
        (lambda c: c["criteria"]["1.1.2"].update(items=[{"unseen": "x"}] * 4), "put it under `not_observable`"),
        (lambda c: c["criteria"]["1.1.2"].update(items=[{"any": ["feed"], "all": ["feed"]}] * 4), "an item is"),
        (lambda c: c.update(criterias={}), "criterias"),
    ],
)
def test_check__faults_of_inspection__are_named(folder, edit, said):
    faults = change(folder, edit)
    assert any(said in fault.message for fault in faults), faults


def test_check__fault__names_its_line(folder):
    text = (folder / FILE).read_text(encoding="utf-8").replace("      - https_valid\n", "      - https_valit\n")
    (folder / FILE).write_text(text, encoding="utf-8")
    (fault,) = parse_folder(folder)[1]
    assert text.splitlines()[fault.line - 1].strip().startswith("6.5.1:")


@pytest.mark.parametrize("content", [b"", b"- a", b"criteria: [", b"\xff\xfe", b"framework: x\ncriteria: 3"])
def test_check__file_that_is_no_declaration__is_one_fault(folder, content):
    (folder / FILE).write_bytes(content)
    assert len(parse_folder(folder)[1]) == 1
