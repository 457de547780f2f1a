"""A framework is found by name or by folder, and only a sound one is loaded."""

import hashlib
import shutil

import pytest

from warehouse.errors import FrameworkError
from warehouse.frameworks.loader import BUNDLED, framework_digest, framework_names, load_framework
from warehouse.settings import get_settings


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DTI_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    yield tmp_path / "home"
    get_settings.cache_clear()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "mine"
    made.mkdir()
    made.joinpath("framework.yaml").write_text("framework: mine\nlevels:\n  - {level: index}\n")
    made.joinpath("nodes.csv").write_text("code,parent,level,name_en,rule\nT,,index,Top,published\n")
    return made


@pytest.mark.parametrize("name", ["province_2020", "ministry_2020"])
def test_load__bundled_by_name(home, name):
    assert load_framework(name).folder == BUNDLED / name


def test_load__folder_outside_the_repository(home, folder):
    assert load_framework(folder).name == load_framework(str(folder)).name == "mine"


def test_load__an_imported_framework_goes_before_the_bundled_one(home, folder):
    shutil.copytree(folder, home / "frameworks" / "province_2020")
    assert load_framework("province_2020").name == "mine"
    assert framework_names().count("province_2020") == 1


def test_load__unknown_name_lists_the_known_ones(home):
    with pytest.raises(FrameworkError) as caught:
        load_framework("province_1999")
    assert "province_2020" in caught.value.hint


def test_load__folder_without_a_framework(home, tmp_path):
    with pytest.raises(FrameworkError, match=r"holds no framework\.yaml"):
        load_framework(tmp_path)


def test_load__a_folder_with_faults_names_the_first_ones(home, folder):
    folder.joinpath("nodes.csv").write_text("code,parent,level,name_en,rule\nT,,index,Top,publshed\n")
    with pytest.raises(FrameworkError, match=r"has 1 fault: nodes\.csv:2: the rule 'publshed' is not known"):
        load_framework(folder)


def test_load__faults_are_counted_and_each_sentence_ends_once(home, folder):
    text = "code,parent,level,name_en,rule\nT,,index,Top,publshed\nU,,index,Top,publshed\n"
    folder.joinpath("nodes.csv").write_text(text)
    with pytest.raises(FrameworkError, match=r"has \d faults: [^;]*;") as refused:
        load_framework(folder)
    assert ".." not in refused.value.message.replace(str(folder), "")
    assert ".;" not in refused.value.message


def test_digest__changes_with_the_content_and_not_with_the_place(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    assert framework_digest(folder) == framework_digest(other)
    other.joinpath("nodes.csv").write_text("code,parent,level,name_en,rule\nT,,index,Tip,published\n")
    assert framework_digest(folder) != framework_digest(other)
    assert len(framework_digest(folder)) == len(hashlib.sha256().hexdigest())
