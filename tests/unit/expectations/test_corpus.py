import pandas as pd
import pytest

from expectations import corpus as guard
from expectations.corpus import balance_view, corpus_faults
from tasks.evidence.tone import model
from tasks.evidence.tone.corpus import corpus
from warehouse.errors import DtiError


@pytest.fixture(scope="module")
def sound():
    """The corpus without the posts that the guard names."""
    posts = corpus()
    named = {one for fault in corpus_faults(posts) for one in fault.where}
    return posts[~posts["id"].isin(named)].reset_index(drop=True)


def rules(posts):
    return {fault.rule for fault in corpus_faults(posts)}


def test_corpus_faults__the_projects_own_corpus__has_none():
    assert corpus_faults(corpus()) == []


def test_labels__are_those_that_models_know():
    assert guard.POLARITIES == model.POLARITIES
    assert guard.ASPECTS == model.ASPECTS


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("id", "a0002", "id_is_unique"),
        ("text", "", "text_is_there"),
        ("text", None, "text_is_there"),
        ("text", "Cho hỏi lệ phi\u0301 bao nhiêu vậy các bạn ơi", "text_is_nfc"),
        ("text", "Cán bộ gọi lại theo số 0912 345 678 rất nhanh chóng", "nobody_is_reached"),
        ("text", "Gửi về nguyen.van.a@gmail.com mà không ai trả lời cả", "nobody_is_reached"),
        ("polarity", "mixed", "polarity_is_known"),
        ("polarity", None, "polarity_is_there"),
        ("aspect", "", "aspect_is_known"),
        ("aspect", "weather", "aspect_is_known"),
        ("register", "letter", "register_is_known"),
        ("split", "dev", "split_is_known"),
        ("phenomena", "praise|sarcasm", "phenomena_are_known"),
        ("agencies", "province-ha-noi|province-atlantis", "agencies_are_known"),
    ],
)
def test_corpus_faults__one_bad_post__is_named(sound, column, value, rule):
    posts = sound.astype(object)
    posts.loc[posts["id"] == "a0001", column] = value
    found = {fault.rule: fault for fault in corpus_faults(posts)}
    assert rule in found
    assert "a0001" in found[rule].where or column == "id"


@pytest.mark.parametrize("number", ["0900 000 000", "0000000000", "0123456789", "1900 1234"])
def test_corpus_faults__a_number_that_is_plainly_made_up__is_no_fault(sound, number):
    posts = sound.copy()
    posts.loc[posts["id"] == "a0001", "text"] = f"Gọi {number} hay viết cho a@example.com mãi chẳng thấy ai trả lời"
    assert "nobody_is_reached" not in rules(posts)


def test_corpus_faults__the_same_text_in_other_letters__is_twice_there(sound):
    text = sound.loc[sound["id"] == "a0001", "text"].iloc[0]
    posts = sound.copy()
    posts.loc[posts["id"] == "b0001", "text"] = text.upper()
    assert "text_is_unique" in rules(posts)
    assert "text_on_one_side" not in rules(posts)  # both are learned from


def test_corpus_faults__a_text_on_two_sides_with_other_signs__is_a_leak(sound):
    text = sound.loc[sound["id"] == "a0001", "text"].iloc[0]
    posts = sound.copy()
    held_out = posts.index[posts["split"] == "test"][0]
    posts.loc[held_out, "text"] = f"👉 {text.replace(',', ' ')} !!!"
    assert rules(posts) == {"text_on_one_side"}


def test_corpus_faults__a_writer_on_two_sides__is_a_leak(sound):
    posts = sound.copy()
    posts.loc[posts["writer"] == "d", "writer"] = "a"
    assert rules(posts) == {"writer_on_one_side"}


def test_corpus_faults__a_small_corpus(sound):
    found = {fault.rule: fault.where for fault in corpus_faults(sound.groupby("split").head(500))}
    assert "posts" in found["enough_of_it"]


def test_corpus_faults__a_polarity_is_rare_in_one_split(sound):
    rare = (sound["split"] == "test") & (sound["polarity"] == "neutral") & (sound.index % 4 != 0)
    found = {fault.rule: fault.where for fault in corpus_faults(sound[~rare])}
    assert found["enough_of_it"] == ("test: neutral",)


def test_corpus_faults__a_register_is_missing_in_one_split(sound):
    gone = (sound["split"] == "validation") & (sound["register"] == "form")
    found = {fault.rule: fault.where for fault in corpus_faults(sound[~gone])}
    assert "validation: form" in found["enough_of_it"]


@pytest.mark.parametrize(("kept", "rule"), [(0, "enough_of_it"), (3, "not_too_much_of_it")])
def test_corpus_faults__too_few_or_too_many_without_diacritics(sound, kept, rule):
    plain = sound["phenomena"].str.contains("no_diacritics")
    test = sound["split"] == "test"
    posts = sound[~(test & plain)] if not kept else pd.concat([sound[~test | plain], sound[test & ~plain].head(300)])
    found = {fault.rule: fault.where for fault in corpus_faults(posts)}
    assert any("test: without diacritics" in where for name, where in found.items() if name == rule)


def test_corpus_faults__many_short_wordings_of_train_in_the_test_split(sound):
    posts = sound.copy()
    test = posts.index[posts["split"] == "test"][:60]
    short = posts[(posts["split"] == "train") & (posts["text"].str.count(" ") < 4)]["text"].head(60)
    posts.loc[test, "text"] = [f"{text} ." for text in short]
    found = {fault.rule: fault.where for fault in corpus_faults(posts)}
    assert found["not_too_much_of_it"] == ("test: wordings of train",)


def test_corpus_faults__a_column_is_missing__is_an_error_that_names_it(sound):
    with pytest.raises(DtiError, match="no column 'writer'"):
        corpus_faults(sound.drop(columns="writer"))


def test_corpus_faults__nothing__is_not_sound(sound):
    assert "enough_of_it" in rules(sound.head(0))


def test_balance_view__bounds_are_those_that_were_promised(sound):
    view = balance_view(sound).set_index("part")
    assert view.loc["posts", "least"] == 4_000
    assert view.loc["test: neutral", "least"] == 0.2
    assert view.loc["test: without diacritics", ["least", "most"]].tolist() == [0.15, 0.35]
