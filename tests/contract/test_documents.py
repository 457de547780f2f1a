"""What the documents say is so: links, files, commands, settings, and the table of frames."""

import re
import unicodedata
from pathlib import Path

import pytest

from expectations.rules import RULES
from flows.cli.app import app
from warehouse.frames import FRAMES

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
CODE = re.compile(r"`([^`\n]+)`")
ROOMS = ("deployments/", "docs/", "expectations/", "flows/", "tasks/", "tests/", "warehouse/", ".ci/")
PLACEHOLDER = re.compile(r"[<>*{ ]|[A-Z]{3,}(?!\.md)")
COMMAND = re.compile(r"(?:^|[/`])dti((?: [a-z][a-z-]+)+)", re.MULTILINE)
TARGET = re.compile(r"`make ([a-z]+)|^make ([a-z]+)$", re.MULTILINE)


def cells(line):
    return [cell.strip().replace("`", "") for cell in line.strip("|\n ").split("|")]


@EACH
def test_links__within_the_project__lead_somewhere(page):
    dead = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert dead == []


@EACH
def test_paths__named_in_code_marks__exist(page):
    named = [text for text in CODE.findall(page.read_text()) if text.startswith(ROOMS) and not PLACEHOLDER.search(text)]
    assert [name for name in named if not (ROOT / name).exists()] == []


@EACH
def test_commands__of_dti__exist(page):
    for words in COMMAND.findall(page.read_text()):
        first, *rest = words.split()
        group = app[first]
        assert not rest or group.default_command or rest[0] in group, f"dti{words}"


@EACH
def test_make_targets__exist(page):
    makefile = (ROOT / "Makefile").read_text()
    targets = {first or second for first, second in TARGET.findall(page.read_text())}
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@EACH
def test_text__vietnamese__is_composed(page):
    assert unicodedata.is_normalized("NFC", page.read_text())


def test_architecture__table_of_frames__says_what_the_frames_declare():
    lines = (ROOT / "docs" / "architecture.md").read_text().splitlines()
    start = lines.index("| frame | grain (one row per) | key |") + 2
    written = [tuple(cells(line)) for line in lines[start : start + len(FRAMES)]]
    assert written == [(frame.name, frame.grain, ", ".join(frame.key)) for frame in FRAMES]
    assert not lines[start + len(FRAMES)].startswith("|")


def test_validation__table_of_rules__says_what_the_rules_declare():
    lines = (ROOT / "docs" / "validation.md").read_text().splitlines()
    start = lines.index("| rule | severity | what must be true | nội dung |") + 2
    written = [tuple(cells(line)) for line in lines[start : start + len(RULES)]]
    assert written == [(rule.name, rule.severity, rule.description_en, rule.description_vi) for rule in RULES]
    assert not lines[start + len(RULES)].startswith("|")


def test_glossary__every_row__has_a_term_in_both_languages_and_a_meaning():
    text = (ROOT / "docs" / "glossary.md").read_text()
    rows = [cells(line) for line in text.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    terms = [row for row in rows if row != ["English", "Tiếng Việt", "meaning"]]
    assert len(terms) > 50
    assert [row for row in terms if len(row) != 3 or not all(row)] == []
    names = [row[0] for row in terms]
    assert sorted(set(names)) == sorted(names)


def test_records__of_decisions__each_is_listed_and_has_its_three_parts():
    folder = ROOT / "docs" / "adr"
    listed = LINK.findall((folder / "README.md").read_text())
    assert listed == sorted(path.name for path in folder.glob("0*.md"))
    for name in listed:
        assert re.findall(r"^## (.+)$", (folder / name).read_text(), re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ]
