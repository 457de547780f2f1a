"""Synthetic rounds of indices to which nobody reports."""

import csv

import pytest

from tasks.demo.published import FIGURES, make_published
from tasks.sources.rounds import load_round
from warehouse.errors import InputError
from warehouse.frameworks.loader import load_framework


def figures(folder):
    with (folder / FIGURES).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(
    ("name", "period", "units", "leaves"),
    [
        ("egdi_components_2020", "2020", 193, 9),
        ("ict_index_2016", "2022", 93, 3),
        ("it_application_2019", "2019", 93, 7),
    ],
)
def test_make_published__a_figure_within_bounds_for_each_unit_and_criterion(tmp_path, name, period, units, leaves):
    framework = load_framework(name)
    make_published(tmp_path / "r", framework, period, seed=1)
    rows = figures(tmp_path / "r")
    assert len({row["agency"] for row in rows}) == units
    assert len(rows) == units * leaves
    for row in rows:
        low, high = framework.by_code[row["node"]].bounds
        assert low <= float(row["value"]) <= high


def test_make_published__is_a_synthetic_round_with_its_seed(tmp_path):
    make_published(tmp_path / "r", load_framework("egdi"), "2020", seed=7, limit=3)
    found = load_round(tmp_path / "r")
    assert found.round == "synthetic-egdi-2020-seed7"
    assert (found.kind, found.seed, found.period) == ("synthetic", 7, "2020")
    assert len(figures(tmp_path / "r")) == 9


def test_make_published__same_seed_same_bytes__another_seed_others(tmp_path):
    egdi = load_framework("egdi")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_published(tmp_path / name, egdi, "2020", seed=seed, limit=3)
    written = [(tmp_path / name / FIGURES).read_bytes() for name in "abc"]
    assert written[0] == written[1] != written[2]


def test_make_published__a_framework_without_such_criteria__is_refused(tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "framework.yaml").write_text("framework: f\nlevels:\n  - {level: index}\n", encoding="utf-8")
    (folder / "nodes.csv").write_text(
        "code,parent,level,name_en,evidence,rule\nT,,index,T,tone,tone\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match="takes no published figures"):
        make_published(tmp_path / "r", load_framework(folder), "2020", seed=1)
    assert not (tmp_path / "r").exists()
