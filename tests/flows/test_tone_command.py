"""`dti tone` where no flow is needed: training, judging a file, and what is wrong with either."""

import re

import pytest

from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.local import load
from tasks.evidence.tone.models import OWN, local_model
from warehouse.settings import get_settings


@pytest.fixture(autouse=True)
def _fresh_models():
    local_model.cache_clear()
    yield
    local_model.cache_clear()


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """Labelled posts as a user may have them."""
    file = tmp_path_factory.mktemp("labelled") / "own.csv"
    posts = corpus("train").groupby("polarity").head(60)
    posts = posts.assign(nhan="DICHVU#" + posts["polarity"]).rename(columns={"text": "noi_dung"})
    posts[["noi_dung", "nhan"]].to_csv(file, index=False)
    return file


COLUMNS = ("--text", "noi_dung", "--label", "nhan")


def test_train__own_posts__the_next_measurement_uses_the_model(say, labelled):
    status, out, err = say("tone", "train", "--data", str(labelled), *COLUMNS, "--no-keep-own-corpus")
    assert status == 0, err
    kept = get_settings().models / OWN
    sha256 = re.search(r"Trained: local \d+, sha256 ([0-9a-f]{64})\.", out)[1]
    assert load(kept).card.sha256 == sha256 == local_model(get_settings().models).card.sha256
    assert str(kept) in err  # what to delete to go back


def test_evaluate__own_posts__says_how_well_the_own_model_does(say, labelled):
    assert say("tone", "train", "--data", str(labelled), *COLUMNS, "--no-keep-own-corpus")[0] == 0
    status, out, err = say("tone", "evaluate", "--data", str(labelled), *COLUMNS)
    assert status == 0, err
    assert "own.csv: 180 posts" in out
    for what in ("macro-F1", "accuracy without diacritics", "F1 negative", "F1 neutral", "F1 positive"):
        assert what in out
    value, low, high = map(float, re.search(r"^accuracy +([\d.]+) +([\d.]+) +([\d.]+)", out, re.MULTILINE).groups())
    assert 0.8 < low <= value <= high <= 1.0  # it judges what it learned


@pytest.mark.parametrize("command", ["train", "evaluate"])
@pytest.mark.parametrize(
    ("content", "columns", "said"),
    [
        (None, (), "cannot be read as a table"),
        ("text,label\nchậm,negative\n", ("--text", "noi_dung"), "has no column 'noi_dung'; it has text, label"),
        ("text,label\nchậm,tệ\n", (), "'tệ' is no polarity"),
        ("text,label\n", (), "holds no labelled posts"),
    ],
)
def test_file_that_cannot_be_used__one_sentence(say, home, tmp_path, command, content, columns, said):
    file = tmp_path / "own.csv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    status, out, err = say("tone", command, "--data", str(file), *columns)
    assert (status, out) == (1, "")
    assert said in err
    assert err.startswith("dti: ")
    assert "Traceback" not in err
    assert not (home / "models" / OWN).exists()


def test_train__polarity_that_no_post_has__one_sentence_and_no_model(say, home, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("text,label\nchậm,negative\nnhanh,positive\n", encoding="utf-8")
    status, _, err = say("tone", "train", "--data", str(file), "--no-keep-own-corpus")
    assert (status, "No training post is neutral." in err) == (1, True)
    assert not (home / "models" / OWN).exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("audit",), 1, "draws a sample or takes one in"),
        (("audit", "--sample", "10", "--import", "a.xlsx"), 1, "draws a sample or takes one in"),
        (("audit", "--sample", "0"), 1, "A sample has posts"),
        (("audit", "--sample", "10", "--annotators", "0"), 1, "A sample has posts"),
        (("audit", "--sample", "10", "--seed", "-1"), 1, "A sample has posts"),
        (("audit", "--sample", "10", "--out", "audit.csv"), 1, "A sample has posts"),
        (("audit", "--import", "missing.xlsx"), 1, "missing.xlsx cannot be read"),
        (("audit", "--sample", "10", "--round", "missing"), 1, "missing"),
        (("audit", "--sample", "many"), 2, "many"),
        (("evaluate", "--data", "a.csv", "--model", "chatty"), 2, "chatty"),
        (("train",), 2, "--data"),
        (("judge",), 2, "judge"),
    ],
)
def test_wrong_arguments__one_sentence(say, monkeypatch, tmp_path, arguments, status, said):
    monkeypatch.chdir(tmp_path)
    found, out, err = say("tone", *arguments)
    assert found == status
    assert said in out + err
    assert "Traceback" not in out + err


def test_audit__what_is_no_workbook__one_sentence(say, tmp_path):
    file = tmp_path / "audit.xlsx"
    file.write_bytes(b"key,label\n1,positive\n")
    status, _, err = say("tone", "audit", "--import", str(file))
    assert status == 1
    assert err.startswith("dti: ")
    assert "Traceback" not in err


def test_audit__workbook_of_a_sample_that_was_not_drawn_here__one_sentence(say, tmp_path):
    from tasks.evidence.tone.audit_book import write_book

    file = tmp_path / "audit.xlsx"
    post = {"key": "00ab", "channel": "comment", "agency": "Tỉnh Hà Giang", "text": "chậm"}
    file.write_bytes(write_book("../../a1", [post]))
    status, _, err = say("tone", "audit", "--import", str(file))
    assert (status, "was not drawn here" in err) == (1, True)
