import json

import numpy as np
import pandas as pd
import pytest

from tasks.evidence.tone.labelled import f1, read_labelled, score
from tasks.evidence.tone.model import POLARITIES, ModelCard
from warehouse.errors import InputError

TEXTS = ["nộp hồ sơ nhanh, cảm ơn", 'xếp hàng "cả buổi"', "cho hỏi mấy giờ mở cửa; ở đâu"]
WANTED = {"text": TEXTS, "polarity": ["positive", "negative", "neutral"]}


def as_csv(file, posts):
    posts.to_csv(file, index=False)


def as_tsv(file, posts):
    posts.to_csv(file, index=False, sep="\t")


def as_jsonl(file, posts):
    file.write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in posts.to_dict("records")) + "\n\n", "utf-8"
    )


def as_parquet(file, posts):
    posts.to_parquet(file)


class Sayer:
    """A model that finds what is written in a post: `neg`, `neu` or `pos`; all is positive to it where marks stand."""

    card = ModelCard("sayer", "1", "f" * 64)

    def polarity(self, texts, words):
        said = ["pos" if not text.isascii() else text.split()[0] for text in texts]
        return np.eye(3, dtype=np.float32)[[("neg", "neu", "pos").index(one) for one in said]]


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", as_csv),
        ("a.tsv", as_tsv),
        ("a.jsonl", as_jsonl),
        ("a.ndjson", as_jsonl),
        ("a.parquet", as_parquet),
    ],
)
def test_read_labelled__whatever_the_kind_of_file__the_same_posts(tmp_path, name, write):
    posts = pd.DataFrame({"noi_dung": TEXTS, "nhan": WANTED["polarity"], "id": ["1", "2", "3"]})
    write(tmp_path / name, posts)
    assert read_labelled(tmp_path / name, "noi_dung", "nhan").to_dict("list") == WANTED


@pytest.mark.parametrize(
    "labels",
    [
        ["SERVICE#positive", "FEES#ONLINE#negative", "OTHER#neutral"],
        ["__label__positive", "__label__NEG", "__label__neutral"],
        ["1", "-1", "0"],
        ["1.0", "-1.0", "0.0"],
        ["Tích cực", "TIÊU CỰC", "trung tính"],
        [" pos ", "neg", "Neu"],
    ],
)
def test_read_labelled__whatever_labels_are_called__polarities(tmp_path, labels):
    as_csv(tmp_path / "a.csv", pd.DataFrame({"text": TEXTS, "label": labels}))
    assert read_labelled(tmp_path / "a.csv", "text", "label").to_dict("list") == WANTED


@pytest.mark.parametrize("kind", ["int64", "float64"])
def test_read_labelled__numbers_of_a_table__polarities(tmp_path, kind):
    posts = pd.DataFrame({"text": TEXTS, "label": np.array([1, -1, 0], dtype=kind)})
    as_parquet(tmp_path / "a.parquet", posts)
    as_jsonl(tmp_path / "a.jsonl", posts)
    for name in ("a.parquet", "a.jsonl"):
        assert read_labelled(tmp_path / name, "text", "label").to_dict("list") == WANTED


def test_read_labelled__rows_without_a_text__are_left_out(tmp_path):
    as_csv(tmp_path / "a.csv", pd.DataFrame({"text": ["", "  ", "tốt"], "label": ["0", "1", "1"]}))
    assert read_labelled(tmp_path / "a.csv", "text", "label").to_dict("list") == {
        "text": ["tốt"],
        "polarity": ["positive"],
    }


@pytest.mark.parametrize(
    ("text", "label", "said", "todo"),
    [
        ("text", "label", "'great' is no polarity", "negative, neutral, positive"),
        ("noi_dung", "label", "has no column 'noi_dung'; it has text, label", "--text COL"),
        ("text", "nhan", "has no column 'nhan'; it has text, label", "--label COL"),
    ],
)
def test_read_labelled__unknown_label_or_column__one_sentence(tmp_path, text, label, said, todo):
    as_csv(tmp_path / "a.csv", pd.DataFrame({"text": TEXTS, "label": ["positive", "great", "neutral"]}))
    with pytest.raises(InputError) as refused:
        read_labelled(tmp_path / "a.csv", text, label)
    assert said in refused.value.message
    assert todo in refused.value.hint


def test_read_labelled__file_that_is_not_there__one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"missing\.csv cannot be read as a table"):
        read_labelled(tmp_path / "missing.csv", "text", "label")


def test_score__known_values():
    # By true label (rows) and that of the model: negative 3 1 0, neutral 1 1 0, positive 0 2 2.
    told = {"negative": ["neg"] * 3 + ["neu"], "neutral": ["neg", "neu"], "positive": ["neu", "neu", "pos", "pos"]}
    posts = pd.DataFrame([{"text": text, "polarity": label} for label, texts in told.items() for text in texts])
    found = {row["what"]: row for row in score(Sayer(), posts)}
    assert {what: row["value"] for what, row in found.items()} == pytest.approx(
        {
            "accuracy": 6 / 10,
            "accuracy without diacritics": 6 / 10,
            "F1 negative": 6 / 8,
            "F1 neutral": 2 / 6,
            "F1 positive": 4 / 6,
            "macro-F1": (6 / 8 + 2 / 6 + 4 / 6) / 3,
        }
    )
    # One of ten is right or wrong, so the error of the accuracy is that of a share.
    spread = 1.96 * np.sqrt(0.6 * 0.4 / 10)
    assert found["accuracy"]["low"] == pytest.approx(0.6 - spread, abs=0.06)
    assert found["accuracy"]["high"] == pytest.approx(0.6 + spread, abs=0.06)
    assert score(Sayer(), posts) == score(Sayer(), posts)


def test_score__without_diacritics__is_judged_apart():
    posts = pd.DataFrame({"text": ["neg chậm", "neg lâu"], "polarity": ["negative"] * 2})
    found = {row["what"]: row["value"] for row in score(Sayer(), posts)}
    assert (found["accuracy"], found["accuracy without diacritics"]) == (0.0, 1.0)


def test_score__polarities_that_the_posts_do_not_have__have_no_f1():
    posts = pd.DataFrame({"text": ["neg", "pos"], "polarity": ["negative", "positive"]})
    found = {row["what"]: row["value"] for row in score(Sayer(), posts)}
    assert not any("neutral" in what for what in found)
    assert found["macro-F1"] == 1.0


def test_f1__label_that_neither_side_has__is_0():
    assert f1(np.array([0, 1]), np.array([1, 0]), POLARITIES.index("positive")) == 0.0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"text,label\n", "holds no labelled posts"),
        ("a.csv", b'text,label\n"a', "cannot be read"),
        ("a.csv", b"\xff\xfe\x00" * 100, "cannot be read"),
        ("a.csv", b"", "cannot be read"),
        ("a.jsonl", b"[" * 100_000, "cannot be read"),
        ("a.jsonl", b'{"text": ' + b"9" * 5_000 + b"}", "cannot be read"),
        ("a.parquet", b"PAR1", "cannot be read"),
    ],
)
def test_read_labelled__what_is_no_table_of_posts__is_refused_in_a_sentence(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_labelled(tmp_path / name, "text", "label")


def test_read_labelled__categories__are_texts(tmp_path):
    posts = pd.DataFrame({"text": ["tốt", None], "label": ["positive", "negative"]}).astype("category")
    posts.to_parquet(tmp_path / "a.parquet")
    assert read_labelled(tmp_path / "a.parquet", "text", "label").to_dict("list") == {
        "text": ["tốt"],
        "polarity": ["positive"],
    }
