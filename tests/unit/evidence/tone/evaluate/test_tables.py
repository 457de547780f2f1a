import numpy as np
import pandas as pd
import pytest

from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.evaluate import main
from tasks.evidence.tone.evaluate import run as module
from tasks.evidence.tone.evaluate.choices import compare
from tasks.evidence.tone.evaluate.injected import duplicate_quality, inject
from tasks.evidence.tone.evaluate.linking import link_quality
from tasks.evidence.tone.evaluate.run import BEGIN, END, markdown, replaced
from tasks.evidence.tone.evaluate.tables import Table, measured, new_wordings
from warehouse.errors import InputError


def test_link_quality__right_too_much_and_missed():
    posts = pd.DataFrame({"agencies": ["a|b", "", "c"]})
    found = link_quality(posts, [{"a"}, {"d"}, {"c"}])
    assert found["link_precision"].value == pytest.approx(2 / 3)
    assert found["link_recall"].value == pytest.approx(2 / 3)
    assert found["link_f1"].value == pytest.approx(4 / 6)


def test_inject__copies_know_where_they_come_from():
    texts = [" ".join(f"chữ{at}{word}" for word in range(15)) for at in range(6)]
    found = inject([*texts, "ngắn quá"], seed=1)
    assert (found["kind"] != "").sum() == 12
    assert found.groupby("origin").size().tolist() == [3] * 6 + [1]
    assert found.equals(inject([*texts, "ngắn quá"], seed=1))


def test_duplicate_quality__texts_that_are_put_together_wrongly__cost_precision():
    text = "hôm qua tôi ra bộ phận một cửa nộp hồ sơ cấp đổi giấy phép lái xe"
    posts = pd.DataFrame({"text": [text, f"{text} nha", f"{text} ạ"], "origin": [0, 0, 1], "kind": ["", "a word", ""]})
    found = duplicate_quality(posts)
    assert found["duplicate_recall"].value == 1
    assert found["duplicate_precision"].value == pytest.approx(1 / 3)


def test_new_wordings__leaves_out_what_a_training_post_says(model):
    test = corpus("test").head(50)
    assert new_wordings(model, test.head(20), test).posts <= 30
    assert new_wordings(model, test.head(0), test).posts == 50


def test_compare__every_choice_is_set_against_the_first():
    training = corpus("train").groupby("writer").head(150)
    found = compare(training, corpus("validation").head(150))
    assert found["gain"][0] == 0
    assert found["gain"].tolist() == pytest.approx((found["macro_f1"] - found["macro_f1"][0]).tolist())
    assert found["choice"].is_unique
    assert np.isfinite(found.drop(columns="choice").to_numpy(dtype=float)).all()


def test_compare__copies_without_diacritics_are_worth_a_lot():
    found = compare(corpus("train").groupby("writer").head(300), corpus("validation")).set_index("choice")
    plain = found["macro_f1_unaccented"]
    assert plain["local, as it is"] > plain["without copies that lack diacritics"] + 0.03


@pytest.fixture
def tables(monkeypatch):
    found = [Table("One", ("what", "measured"), (("a", "0.5"), ("b", "0.6")), "A note.")]
    monkeypatch.setattr(module, "measured", lambda: found)
    return found


def test_markdown__is_a_table(tables):
    assert markdown(tables) == "### One\n\nA note.\n\n| what | measured |\n| --- | --- |\n| a | 0.5 |\n| b | 0.6 |"


def test_main__prints(tables, capsys):
    assert main([]) == 0
    assert "0.6" in capsys.readouterr().out


def test_main__write__puts_the_tables_between_the_markers_and_nothing_else(tables, tmp_path, capsys):
    file = tmp_path / "tone.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        assert main(["--write", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert text.count("### One") == 1


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_replaced__without_one_place_for_it__is_refused(tmp_path, text):
    with pytest.raises(InputError, match="no place for the evaluation"):
        replaced(text, "x", tmp_path / "tone.md")


def test_main__a_document_without_markers__is_refused_before_the_work(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "measured", lambda: pytest.fail("worked"))
    file = tmp_path / "x.md"
    file.write_text("no markers")
    with pytest.raises(InputError):
        main(["--write", str(file)])
    with pytest.raises(InputError, match="cannot be read"):
        main(["--write", str(tmp_path / "none.md")])


@pytest.mark.slow
def test_measured__all_tables_are_whole():
    found = measured(rounds=3)
    assert found[0].title == "Promises"
    for table in found:
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert "nan" not in str(table.rows)
