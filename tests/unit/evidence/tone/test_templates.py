import re
import unicodedata
from collections import Counter
from itertools import product

import numpy as np
import pandas as pd
import pytest

from tasks.evidence.tone.templates import COLUMNS, NONE, POLARITIES, SPLITS, Noise, generate, load_templates, write
from tasks.evidence.tone.templates.library import (
    ASPECTS,
    CHANNELS,
    NAMING,
    PHENOMENA,
    _template,
    apps,
    fillers_of,
    services,
)
from tasks.evidence.tone.templates.names import AT, known_agencies, spellings, usual_agencies
from tasks.evidence.tone.templates.noise import unmark
from tasks.harmonise.agencies import Registry
from warehouse.errors import InputError

HANOI, HOA_BINH, HEALTH = "province-ha-noi", "province-hoa-binh", "ministry-y-te"
ROW = {
    "id": "x-1",
    "polarity": "neutral",
    "aspect": "fees",
    "phenomena": "question",
    "split": "train",
    "text": "Phí {service} bao nhiêu?",
}


@pytest.fixture(scope="module")
def posts():
    return generate(3, 100_000)


def skeleton(text):
    """What is left of a template without its slots, marks and case."""
    return " ".join(unmark(re.sub(r"\{\w*\}", " ", text)).lower().split())


def test_templates__are_many_and_every_polarity_aspect_and_register_is_there():
    templates = load_templates()
    assert len(templates) >= 260
    pairs = Counter((one.polarity, one.aspect) for one in templates)
    assert set(pairs) == set(product(POLARITIES, ASPECTS))
    assert set(product(POLARITIES, CHANNELS)) == {(one.polarity, one.register) for one in templates}
    assert {name for one in templates for name in one.phenomena} == set(PHENOMENA)


def test_templates__nobody_stands_in_two_splits():
    by_skeleton = {}
    for one in load_templates():
        by_skeleton.setdefault(skeleton(one.pattern), set()).add(one.split)
    shared = [text for text, splits in by_skeleton.items() if len(splits) > 1 and len(text.split()) > 2]
    assert not shared
    sizes = Counter(one.split for one in load_templates())
    assert 0.6 < sizes["train"] / sizes.total() < 0.75
    assert 0.07 < sizes["validation"] / sizes.total() < 0.15
    assert 0.15 < sizes["test"] / sizes.total() < 0.25


@pytest.mark.parametrize("split", SPLITS)
def test_templates__every_split_can_say_everything_in_every_channel(split):
    wanted = product(POLARITIES, dict.fromkeys(CHANNELS.values()), ("", HANOI, HEALTH))
    wishes = pd.DataFrame(list(wanted), columns=["polarity", "channel", "agency"]).assign(relevant=True)
    said = write(np.random.default_rng(1), wishes, split=split)
    assert said["agencies"].str.split("|").str[0].tolist() == wishes["agency"].tolist()
    assert said["polarity"].tolist() == wishes["polarity"].tolist()
    assert said["channel"].tolist() == wishes["channel"].tolist()


def test_templates__without_marks_they_are_said_to_be_so():
    for one in load_templates():
        words = re.sub(r"\{\}|\W", " ", one.pattern)
        assert one.phenomena.count("no_diacritics") or not words.isascii() or len(words.split()) < 4, one.id


def test_fillers__of_every_slot_are_many_different_and_in_nfc():
    slots = {slot for one in load_templates() for slot in one.slots} - {*NAMING, "other"}
    for slot in slots:
        found = fillers_of(slot)
        assert len(set(found)) == len(found) >= 19, slot
        assert all(unicodedata.is_normalized("NFC", one) and one == one.strip() and "{" not in one for one in found)
    for one in services().values():
        assert all(len(set(ways)) == len(ways) >= 20 for ways in one.values())
        assert set(one) - {"local", "central"} <= set(known_agencies())
    assert set(apps()) <= set(known_agencies())


@pytest.mark.parametrize("register", CHANNELS)
@pytest.mark.parametrize("slot", ["agency", "province"])
def test_spellings__each_stands_for_its_agency(register, slot):
    for agency in usual_agencies():
        for way in spellings(agency, slot, register):
            # "thành phố Đà Nẵng" within a sentence is "TP Đà Nẵng" of the registry.
            assert Registry.bundled().resolve(way, AT).agency_id == agency, way


def test_generate__the_same_seed_gives_the_same_posts_and_another_others():
    pd.testing.assert_frame_equal(generate(1, 500), generate(1, 500))
    assert set(generate(1, 500)["text"]) != set(generate(2, 500)["text"])


def test_generate__has_the_columns_in_text_and_valid_labels(posts):
    assert tuple(posts.columns) == COLUMNS
    assert all(str(kind) == "str" for kind in posts.dtypes)
    assert set(posts["polarity"]) == set(POLARITIES)
    assert set(posts["aspect"]) == set(ASPECTS)
    assert (posts["channel"] == posts["register"].map(CHANNELS)).all()
    assert {one for said in posts["phenomena"].unique() for one in said.split("|")} == {*PHENOMENA, ""}
    assert {one for said in posts["agencies"].unique() for one in said.split("|")} == {*usual_agencies(), ""}


def test_generate__leaves_no_slot_and_no_stand_in_and_is_nfc(posts):
    assert not posts["text"].str.contains(r"[{}\ue000-\uf8ff]").any()
    assert (posts["text"].str.normalize("NFC") == posts["text"]).all()
    assert (posts["text"].str.strip() == posts["text"]).all()
    assert (posts["text"] != "").all()


def test_generate__uses_every_template_and_seldom_repeats_itself(posts):
    assert set(posts["template"]) == {one.id for one in load_templates()}
    assert posts["text"].duplicated().mean() < 0.1
    assert generate(3, 100_000, noise=NONE)["text"].duplicated().mean() < 0.1


def test_generate__names_agencies_in_half_to_three_quarters_of_the_posts(posts):
    assert 0.5 < (posts["agencies"] != "").mean() < 0.75


@pytest.mark.parametrize("split", SPLITS)
def test_generate__of_a_split__uses_its_templates_only(split):
    of_split = {one.id for one in load_templates() if one.split == split}
    assert set(generate(5, 20_000, split=split)["template"]) == of_split


def test_generate__with_agencies__names_no_first_agency_but_these():
    said = generate(1, 3_000, agencies=[HOA_BINH, HEALTH])
    assert set(said["agencies"].str.split("|").str[0]) == {"", HOA_BINH, HEALTH}


def test_generate__with_shares__polarities_follow_them():
    shares = {HANOI: (0.7, 0.2, 0.1), HEALTH: (0.1, 0.1, 0.8)}
    said = generate(1, 20_000, polarity_of=shares)
    first = said["agencies"].str.split("|").str[0]
    for agency, wanted in shares.items():
        own = said.loc[first == agency, "polarity"].value_counts(normalize=True)
        assert [own[one] for one in POLARITIES] == pytest.approx(wanted, abs=0.02)
    assert set(first) == set(shares)


def test_generate__a_share_of_zero__is_never_drawn():
    said = generate(1, 2_000, polarity_of={HANOI: (0.0, 1.0, 0.0)})
    assert set(said["polarity"]) == {"neutral"}


def test_generate__no_posts__is_an_empty_frame():
    assert tuple(generate(1, 0).columns) == COLUMNS
    assert generate(1, 0).empty


def test_generate__second_agency_is_another_one_of_the_same_kind(posts):
    two = posts.loc[posts["agencies"].str.contains("|", regex=False), "agencies"].str.split("|")
    assert len(two) > 100
    for first, second in two:
        assert first != second
        assert first.startswith("province-") == second.startswith("province-")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"split": "dev"}, "no split 'dev'"),
        ({"agencies": ["province-atlantis"]}, "province-atlantis"),
        ({"agencies": []}, "No agency is given"),
        ({"polarity_of": {HANOI: (0.5, 0.5)}}, HANOI),
        ({"polarity_of": {HANOI: (0.5, -0.5, 1.0)}}, HANOI),
        ({"polarity_of": {HANOI: (0.0, 0.0, 0.0)}}, HANOI),
        ({"polarity_of": {HANOI: (float("nan"), 0.5, 0.5)}}, HANOI),
        ({"polarity_of": {HANOI: (1, 0, 0)}, "agencies": [HEALTH]}, HEALTH),
    ],
)
def test_generate__what_cannot_be__is_said(arguments, said):
    with pytest.raises(InputError, match=said):
        generate(1, 10, **arguments)


def test_write__what_no_template_says__is_refused():
    wishes = pd.DataFrame([{"polarity": "neutral", "agency": "", "channel": "radio", "relevant": True}])
    with pytest.raises(InputError, match="radio"):
        write(np.random.default_rng(1), wishes)


@pytest.mark.parametrize(
    ("habit", "phenomenon"), [("unmark", "no_diacritics"), ("teencode", "teencode"), ("emoji", "emoji")]
)
def test_noise__a_habit_shows_in_the_text_and_in_the_phenomena(habit, phenomenon):
    chances = dict.fromkeys(("unmark", "teencode", "typo", "stretch", "emoji", "lower", "open_end"), 0.0)
    clean = generate(1, 2_000, noise=NONE)
    noisy = generate(1, 2_000, noise=Noise(**chances | {habit: 1.0}))
    changed = noisy["text"] != clean["text"]
    assert changed.mean() > 0.2
    assert noisy.loc[changed, "phenomena"].str.contains(phenomenon).all()
    assert not changed[noisy["register"] == "headline"].any()


def test_noise__unmarked_posts__hold_no_mark_not_even_in_names():
    found = generate(1, 5_000)
    bare = found.loc[found["phenomena"].str.contains("no_diacritics"), "text"]
    assert len(bare) > 300
    assert (bare.map(unmark) == bare).all()
    assert not bare.str.contains("[đĐ]").any()


def test_noise__an_emoji_never_contradicts_the_post():
    found = generate(1, 20_000)
    assert not found.loc[found["polarity"] == "negative", "text"].str.contains("👍|😍|👏|🥰").any()
    assert not found.loc[found["polarity"] == "positive", "text"].str.contains("👎|😡|😤|💩").any()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"polarity": "mixed"}, "polarity 'mixed'"),
        ({"aspect": "taxes"}, "aspect 'taxes'"),
        ({"split": "dev"}, "split 'dev'"),
        ({"phenomena": "sarcasm"}, "phenomenon 'sarcasm'"),
        ({"text": "Phí {servise} bao nhiêu?"}, "slot 'servise'"),
        ({"text": "Hơn {other} nhiều"}, "no first one"),
        ({"text": "Phí {service bao nhiêu?"}, "stray brace"),
        ({"text": unicodedata.normalize("NFD", "Phí bao nhiêu?")}, "NFC"),
    ],
)
def test_templates__a_faulty_row__is_named(change, said):
    with pytest.raises(InputError, match=f"x-1 .*{said}"):
        _template("forum", ROW | change)


def test_templates__a_slot_at_the_start_of_a_sentence_has_a_capital():
    template = _template("forum", ROW | {"text": 'Chờ {slow}. {badend}. "{error}"'})
    assert template.capitals == (False, True, True)
