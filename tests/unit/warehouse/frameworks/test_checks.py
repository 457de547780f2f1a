"""`checks.yaml`: what it may say, and how its faults are named."""

import shutil

import pytest
import yaml

from warehouse.errors import FrameworkError
from warehouse.frameworks.check import parse_folder
from warehouse.frameworks.checks import FILE, NO_CHECKS, ChecksDeclaration, load_cross_checks, prove_checks
from warehouse.frameworks.faults import Report
from warehouse.frameworks.loader import BUNDLED, framework_digest, framework_names, load_framework
from warehouse.frameworks.model import Node

EDITIONS = ("online_services_2019", "online_services_2022")
COUNTS = {
    "online_services_2019": "TTHC DK M3 M4 DVC_HS HS_ON HS PAY CQG DV TSLCD NDXP VB VB_DT",
    "online_services_2022": "TTHC DK MP TT DVC_HS HS_ON HS HS_TT PAY CQG DV TSLCD NDXP VB VB_DT",
}
NODES = (
    Node(code="B", parent="", level="board"),
    *(Node(code=code, parent="B", level="count", rule="count") for code in ("C.M3", "C.M4", "C.ALL")),
    Node(code="S.M4", parent="B", level="share", rule="ratio", evidence="derived"),
    Node(code="R", parent="B", level="share", rule="ratio", numerator_vi="a", denominator_vi="b"),
)
SOUND = {
    "not_above": [{"item": "C.M3 + C.M4", "limit": "C.ALL", "refuse": "item"}],
    "jump": {"factor": 3, "floor": 20},
    "unchanged": {"months": 6, "items": ["C.M4"]},
    "sources_agree": {"tolerance": 0.02},
}


@pytest.fixture
def faults(tmp_path):
    """Proves a `checks.yaml` of some text; returns `line: message` of each fault."""

    def prove(text):
        (tmp_path / FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
        report = Report(FILE)
        prove_checks(tmp_path / FILE, NODES, report)
        return [f"{fault.line}: {fault.message}" for fault in report.faults]

    return prove


def test_load__sound_file__is_understood(tmp_path):
    (tmp_path / FILE).write_text(yaml.safe_dump(SOUND))
    declared = load_cross_checks(tmp_path)
    assert (declared.not_above[0].item, declared.not_above[0].limit) == (("C.M3", "C.M4"), ("C.ALL",))
    assert (declared.jump.factor, declared.unchanged.months, declared.sources_agree.tolerance) == (3, 6, 0.02)
    assert declared.need_history


def test_load__no_file__declares_nothing(tmp_path):
    assert load_cross_checks(tmp_path) == NO_CHECKS
    assert not NO_CHECKS.need_history


def test_load__fault__is_one_sentence_with_the_place(tmp_path):
    (tmp_path / FILE).write_text("jump: {factor: 1}")
    with pytest.raises(FrameworkError, match=r"checks.yaml: jump.factor: Input should be greater than 1") as caught:
        load_cross_checks(tmp_path)
    assert "docs/validation.md" in caught.value.hint


def test_prove__sound_file__has_no_fault(faults):
    assert faults(yaml.safe_dump(SOUND)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("jump:\n  factor: 1", "2: jump.factor: Input should be greater than 1."),
        ("jump: {factor: -3}", "1: jump.factor: Input should be greater than 1."),
        ("jump: {factor: .inf}", "1: jump.factor: Input should be a finite number."),
        ("jump: {factor: .nan}", "1: jump.factor: Input should be "),
        ("jump: {factor: 3, floor: -1}", "1: jump.floor: Input should be greater than or equal to 0."),
        ("jump: {}", "1: jump.factor: Field required."),
        ("unchanged: {months: 1, items: [C.M4]}", "1: unchanged.months: Input should be greater than or equal to 2."),
        ("unchanged: {months: 14, items: [C.M4]}", "1: unchanged.months: Input should be less than or equal to 13."),
        ("unchanged: {months: 6.5, items: [C.M4]}", "1: unchanged.months: Input should be a valid integer"),
        ("unchanged: {months: 6, items: []}", "1: unchanged.items: "),
        ("unchanged: {months: 6}", "1: unchanged.items: Field required."),
        ("sources_agree: {tolerance: 1}", "1: sources_agree.tolerance: Input should be less than 1."),
        ("sources_agree: {tolerance: -0.1}", "1: sources_agree.tolerance: "),
        ("sources_agree: {tolerance: a lot}", "1: sources_agree.tolerance: "),
        ("not_above:\n  - {item: C.M4}", "2: not_above.1.limit: Field required."),
        ("not_above:\n  - {item: C.M4+, limit: C.ALL}", "2: not_above.1.item: Value error, write one code"),
        ("not_above:\n  - {item: C.M4+C.M4, limit: C.ALL}", "2: not_above.1.item: Value error, a code stands twice"),
        ("not_above:\n  - {item: 1.5, limit: C.ALL}", "2: not_above.1.item: Input should be a valid tuple."),
        ("not_above:\n  - {item: C.M4, limit: C.M3+C.M4}", "2: not_above.1: Value error, C.M4 stands under `item` and"),
        ("not_above:\n  - {item: C.M4, limit: C.ALL, refuse: none}", "2: not_above.1.refuse: Input should be 'both'"),
        ("not_above: {item: C.M4, limit: C.ALL}", "1: not_above: Input should be a valid tuple."),
        ("not_above:\n  - {item: C.M4, limit: C.ALL, floor: 2}", "2: not_above.1.floor: Extra inputs"),
        ("not_below: []", "1: not_below: Extra inputs are not permitted."),
        ("jump: {factor: 3}\njump: {factor: 4}", "2: the key 'jump' stands twice"),
        ("not_above:\n  - {item: C.M5, limit: C.ALL}", "2: C.M5 is no node of nodes.csv; did you mean C.M4?"),
        ("jump:\n  factor: 3\n  items:\n    - C.M4\n    - X", "5: X is no node of nodes.csv."),
        ("unchanged: {months: 6, items: [B]}", "1: B is made of other nodes"),
        ("not_above:\n\n  - {item: S.M4, limit: C.ALL}", "3: S.M4 is computed and reported by nobody"),
        ("not_above: [{item: C.M4, limit: R}]", "1: R is reported as a numerator and a denominator"),
        ("not_above: [", "2: this is not YAML"),
        ("- a\n- b", "1: the file must hold keys and values, beginning with `not_above: ...`."),
        ("", "1: the file is empty."),
        ("# Tie\u0302\u0301ng\njump: {factor: 3}", "1: the text is not in Unicode form NFC"),
        (b"\xff\xfe", "1: the text is not UTF-8"),
        ("{? [a]: b}", "1: this is not YAML"),
    ],
)
def test_prove__each_fault__is_named_with_its_line(faults, text, said):
    assert any(fault.startswith(said) for fault in faults(text)), faults(text)


def test_prove__several_faults__all_in_one_go(faults):
    lines = ["not_above:", "  - {item: C.M4, limit: X}", "  - {item: Y, limit: C.ALL}", "jump: {factor: 3, items: [Z]}"]
    assert [fault[:4] for fault in faults("\n".join(lines))] == ["2: X", "3: Y", "4: Z"]
    assert len(faults("jump: {factor: 0, floor: -1}\nsources_agree: {}")) == 3


def test_check__a_framework_with_a_fault_in_its_checks__is_not_sound(tmp_path):
    folder = shutil.copytree(BUNDLED / "ministry_2020", tmp_path / "ministry_2020")
    before = framework_digest(folder)
    (folder / FILE).write_text("jump: {factor: 3, items: [X]}")
    assert [str(fault) for fault in parse_folder(folder)[1]] == ["checks.yaml:1: X is no node of nodes.csv."]
    (folder / FILE).write_text("jump: {factor: 3}")
    assert parse_folder(folder)[1] == []
    assert framework_digest(folder) != before


@pytest.mark.parametrize("name", EDITIONS)
def test_online_services__checks__are_sound_over_the_counts_of_the_edition(name):
    nodes = [Node(code="B", parent="", level="board")]
    nodes += [Node(code=f"C.{code}", parent="B", level="count", rule="count") for code in COUNTS[name].split()]
    report = Report(FILE)
    prove_checks(BUNDLED / name / FILE, nodes, report)
    assert report.faults == []
    declared = load_cross_checks(BUNDLED / name)
    assert all((declared.not_above, declared.jump, declared.unchanged, declared.sources_agree))


@pytest.mark.parametrize("name", framework_names())
def test_bundled_frameworks__checks__can_be_loaded(name):
    assert isinstance(load_cross_checks(load_framework(name).folder), ChecksDeclaration)
