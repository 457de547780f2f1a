import csv
import unicodedata

import pytest
import yaml

from tasks.demo.round import make_round, round_name
from tasks.demo.sheet import SYNTHETIC
from tasks.sources.agency_report import SOURCE
from tasks.sources.rounds import load_round
from tasks.sources.workbook import read_workbook
from warehouse.errors import BatchRefused, InputError
from warehouse.frameworks.loader import load_framework


@pytest.fixture(scope="module")
def made(framework, tmp_path_factory):
    return make_round(tmp_path_factory.mktemp("round"), seed=7, frameworks=[framework], limit=12)


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def dirt_of(made, kind):
    return [dirt for dirt in made.dirt if dirt.kind == kind]


def test_make_round__the_same_seed_gives_the_same_bytes(made, framework, tmp_path):
    make_round(tmp_path / "again", seed=7, frameworks=[framework], limit=12)
    assert files_of(tmp_path / "again") == files_of(made.folder)


def test_make_round__another_seed_gives_other_returns(made, framework, tmp_path):
    make_round(tmp_path, seed=8, frameworks=[framework], limit=12)
    assert files_of(tmp_path)["truth.csv"] != files_of(made.folder)["truth.csv"]


def test_make_round__is_a_round_that_says_synthetic(made):
    found = load_round(made.folder)
    assert (found.kind, found.seed, found.period) == ("synthetic", 7, "2020")
    assert "SYNTHETIC" in found.title_en
    assert "MÔ PHỎNG" in found.title_vi
    assert found.corrections_file.is_file()


def test_make_round__of_one_framework__has_another_name_than_that_of_several(made, framework):
    assert made.round == f"synthetic-{framework.name}-2020-seed7"
    assert round_name([framework, load_framework("ministry_2020")], "2020", 7) == "synthetic-2020-seed7"


@pytest.mark.parametrize("name", ["online_services_2019", "online_services_2022"])
def test_make_round__of_monthly_statistics__names_the_command_for_months(name, tmp_path):
    with pytest.raises(InputError, match="statistic of months") as refused:
        make_round(tmp_path / "r", seed=7, frameworks=[load_framework(name)], period="2020-08")
    assert "dti demo make-months" in refused.value.hint
    assert not (tmp_path / "r").exists()


def test_make_round__every_sheet_says_synthetic(made):
    broken = dirt_of(made, "truncated_file")[0].file
    workbooks = [path for path in made.folder.rglob("*.xlsx") if path.name not in broken]
    sheets = [sheet for path in workbooks for sheet in read_workbook(path.read_bytes())]
    assert len(sheets) > 20
    assert all("(SYNTHETIC)" in str(sheet.rows[0][0]) for sheet in sheets)
    (text,) = (made.folder / "returns").rglob("*.csv")
    assert SYNTHETIC in unicodedata.normalize("NFC", text.read_text(encoding="utf-8"))


def test_make_round__has_each_kind_of_loss_once(made):
    for kind, outcome in (
        ("no_return", "missing"),
        ("truncated_file", "refused"),
        ("empty_return", "refused"),
        ("csv_return", "accepted"),
        ("earlier_return", "superseded"),
        ("later_return", "accepted"),
    ):
        assert [dirt.outcome for dirt in dirt_of(made, kind)] == [outcome]
    assert made.files == 12
    assert made.agencies == 12


@pytest.mark.parametrize(
    ("kind", "said"), [("truncated_file", "truncated or damaged"), ("empty_return", "has no figure")]
)
def test_make_round__lost_returns_are_refused(made, framework, kind, said):
    (dirt,) = dirt_of(made, kind)
    with pytest.raises(BatchRefused, match=said):
        SOURCE.read((made.folder / dirt.file).read_bytes(), framework)


def test_make_round__the_later_return_is_the_second_of_the_same_agency(made, framework):
    first, second = (
        SOURCE.read((made.folder / dirt_of(made, kind)[0].file).read_bytes(), framework)
        for kind in ("earlier_return", "later_return")
    )
    assert set(first["agency_text"]) == set(second["agency_text"])
    assert (set(first["form_version"]), set(second["form_version"])) == ({"tiny/1"}, {"tiny/1#2"})


def test_make_round__the_declared_correction_matches_the_return(made, framework):
    (entry,) = yaml.safe_load((made.folder / "corrections.yaml").read_text(encoding="utf-8"))["corrections"]
    (dirt,) = dirt_of(made, "declared_error")
    found = SOURCE.read((made.folder / dirt.file).read_bytes(), framework).set_index("locator").loc[dirt.locator]
    assert (found["item_text"], found["part"]) == (entry["item"], entry["part"])
    assert entry["expect"] == entry["value"] * 10


def test_make_round__writes_the_truth_beside(made):
    with (made.folder / "truth.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [float(row["value"]) for row in rows] == [truth.value for truth in made.truth]
    absent = dirt_of(made, "no_return")[0].agency
    assert {truth.outcome for truth in made.truth if truth.agency == absent} == {"missing"}


def test_make_round__every_dirty_cell_stands_where_it_is_said_to(made, framework):
    for dirt in made.dirt:
        if dirt.locator and dirt.outcome not in ("missing",):
            found = SOURCE.read((made.folder / dirt.file).read_bytes(), framework).set_index("locator")
            assert found.loc[dirt.locator, "item_text"] == dirt.node


def test_make_round__replaces_an_earlier_synthetic_round(framework, tmp_path):
    make_round(tmp_path, seed=7, frameworks=[framework], limit=6)
    again = make_round(tmp_path, seed=7, frameworks=[framework], limit=3)
    assert (again.files, len(list((tmp_path / "returns/tiny").iterdir()))) == (3, 3)


def test_make_round__one_that_was_killed_half_way_is_no_round_but_can_be_made_again(framework, tmp_path):
    make_round(tmp_path, seed=7, frameworks=[framework], limit=3)
    (tmp_path / "round.yaml").unlink()
    with pytest.raises(InputError, match="There is no"):
        load_round(tmp_path)
    make_round(tmp_path, seed=7, frameworks=[framework], limit=3)
    assert load_round(tmp_path).kind == "synthetic"


@pytest.mark.parametrize("name", ["letter.docx", "round.yaml"])
def test_make_round__never_writes_over_anything_else(framework, tmp_path, name):
    (tmp_path / name).write_text("round: real", encoding="utf-8")
    with pytest.raises(InputError, match="is not empty"):
        make_round(tmp_path, seed=7, frameworks=[framework], limit=3)
    assert files_of(tmp_path) == {name: b"round: real"}


def test_make_round__a_folder_that_cannot_be_made_is_said(framework, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be used"):
        make_round(tmp_path / "file" / "round", seed=7, frameworks=[framework], limit=3)
