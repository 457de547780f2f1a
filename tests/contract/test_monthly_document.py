"""docs/monthly.md says what the code and the data say."""

import csv
import re
from pathlib import Path

import pytest

from warehouse.frameworks.loader import load_framework
from warehouse.online_services import MEANING

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "monthly.md").read_text(encoding="utf-8")


def table(header):
    """Rows of the table under a header line, cells without code marks."""
    lines = TEXT.splitlines()
    start = lines.index(header) + 2
    end = next((at for at in range(start, len(lines)) if not lines[at].startswith("|")), len(lines))
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[start:end]]


def test_columns__of_the_view__are_listed_with_their_meaning():
    assert dict(table("| column | meaning |")) == MEANING


def test_national_figures__are_those_of_the_table():
    with (ROOT / "warehouse/reference/national_online_services.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    written = [
        [row["as_of"], row["node"], row["scope"], f"{row['sign']}{row['value']} {row['unit']}", row["note"]]
        for row in rows
    ]
    assert [row[:5] for row in table("| as of | node | scope | figure | note | |")] == written


@pytest.mark.parametrize("name", ["online_services_2019", "online_services_2022"])
def test_leaves__of_both_editions__are_named(name):
    assert [leaf.code for leaf in load_framework(name).leaves if f"`{leaf.code}`" not in TEXT] == []


def test_targets__of_both_editions__are_named():
    rows = table("| share | for | by | at least |")
    said = [re.findall(r"[\w.-]+", " ".join(row)) for row in rows]
    for name in ("online_services_2019", "online_services_2022"):
        for target in load_framework(name).targets:
            wanted = {target.node, target.due.isoformat(), f"{target.value:g}"}
            assert any(wanted <= set(words) for words in said), target
