import pandas as pd
import pytest

from tasks.evidence.tone.labelled import read_labelled
from warehouse.errors import InputError


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
