"""The merger rule of framework.yaml is proved against the tree."""

import pytest

from warehouse.frameworks.check import parse_folder

TREE = ("D,,index,", "A,D,main,", "A1,A,leaf,ratio", "B,D,main,", "B1,B,leaf,ratio")


def faults(folder, merger, rows=TREE, more="population: [province]\n"):
    levels = "\n".join(f"  - {{level: {level}}}" for level in ("index", "main", "leaf"))
    (folder / "framework.yaml").write_text(
        f"framework: f\nlevels:\n{levels}\nmergers: {merger}\n{more}", encoding="utf-8"
    )
    rows = [row if row.count(",") == 4 else f"{row}," for row in rows]
    lines = ["code,parent,level,rule,aggregation,name_en", *(f"{row},{row.split(',')[0]}" for row in rows)]
    (folder / "nodes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [str(fault) for fault in parse_folder(folder)[1]]


def test_merger__sound__no_fault(tmp_path):
    assert faults(tmp_path, "{as_of: 2025-07-01, level: main, take: mean}") == []


@pytest.mark.parametrize(
    ("merger", "said"),
    [
        ("{as_of: 2025-07-01, level: mian}", "did you mean main?"),
        ("{as_of: 2025-07-01, level: leaf}", "A1 is a leaf that stands below no leaf"),
        ("{as_of: 2025-07-01, level: main, take: median}", "write one of 'mean'"),
        ("{as_of: soon, level: main}", "mergers.as_of is 'soon'"),
        ("{level: main}", "the key 'as_of' is missing"),
    ],
)
def test_merger__at_fault__says_so_on_its_line(tmp_path, merger, said):
    found = faults(tmp_path, merger)
    assert found[0].startswith("framework.yaml:6:")
    assert said in found[0]


def test_merger__leaf_beside_the_level__is_refused(tmp_path):
    found = faults(tmp_path, "{as_of: 2025-07-01, level: main}", (*TREE, "C,D,leaf,ratio"))
    assert "C is a leaf that stands below no main" in found[0]


def test_merger__units_of_no_registry__is_refused(tmp_path):
    assert "write in population" in faults(tmp_path, "{as_of: 2025-07-01, level: main}", more="")[0]


@pytest.mark.parametrize("node", ["D,,index,", "A,D,main,"])
def test_merger__rule_that_compares_units__is_refused(tmp_path, node):
    rows = [f"{node}minmax" if row == node else row for row in TREE]
    assert f"{node[0]} has a rule of its own" in faults(tmp_path, "{as_of: 2025-07-01, level: main}", rows)[0]


def test_merger__copeland_above_the_level__is_refused(tmp_path):
    rows = ["D,,index,,copeland", *(f"{row}," for row in TREE[1:])]
    assert "D is aggregated by Copeland's rule" in faults(tmp_path, "{as_of: 2025-07-01, level: main}", rows)[0]
