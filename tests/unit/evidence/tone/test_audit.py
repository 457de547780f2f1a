import hashlib
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import cohen_kappa_score

from tasks.evidence.tone.audit import SAMPLED, Audits, _quota, draw, drift, join, kappa, read_audits
from tasks.evidence.tone.classify import MENTIONS
from tasks.evidence.tone.confusion import AUDITED, FEWEST_AUDITED
from tasks.evidence.tone.model import ModelCard

CARD = ModelCard("local", "1", "f" * 64)


def mentions(**counts):
    rows = []
    for name, count in counts.items():
        channel, label = name.rsplit("_", 1)
        rows += [(channel, int(label))] * count
    size = len(rows)
    columns = {
        "post_id": [f"p{at:05d}" for at in range(size)],
        "agency": ["province-a"] * size,
        "channel": [row[0] for row in rows],
        "author": [""] * size,
        "day": [date(2020, 8, 1)] * size,
        "confidence": [0.9] * size,
        "negative": [1.0] * size,
        "neutral": [0.0] * size,
        "positive": [0.0] * size,
        "label": [row[1] for row in rows],
        "aspect": [0] * size,
        "criteria": [1] * size,
        "folded": [hashlib.sha256(bytes([at % 256, at // 256])).hexdigest() for at in range(size)],  # nothing alike
        "snapshot": [""] * size,
    }
    return pa.table(columns, schema=MENTIONS)


@pytest.mark.parametrize(
    ("sizes", "size", "quota"),
    [
        ([100, 100, 100], 30, [10, 10, 10]),
        ([5, 100, 100], 35, [5, 15, 15]),
        ([5, 5], 100, [5, 5]),
        ([0, 9], 3, [0, 3]),
        ([], 4, []),
        ([9, 9, 9], 4, [2, 1, 1]),
    ],
)
def test_quota__as_even_as_the_strata_allow(sizes, size, quota):
    assert _quota(sizes, size) == quota


def test_draw__weights_sum_to_the_population_of_each_stratum():
    counts = {"comment_0": 900, "comment_2": 60, "news_1": 11}
    sample = draw(mentions(**counts), CARD, 100, seed=1, criteria=["X.1"])
    assert list(sample.columns) == list(SAMPLED)
    assert len(sample) == 100
    found = sample.groupby(["channel", "predicted"])["weight"].sum()
    assert found.to_dict() == pytest.approx(
        {("comment", "negative"): 900, ("comment", "positive"): 60, ("news", "neutral"): 11}
    )


def test_draw__no_post_twice_and_no_two_keys_alike():
    sample = draw(mentions(comment_0=50), CARD, 400, seed=1, criteria=["X.1"])
    assert sample["post_id"].nunique() == sample["key"].nunique() == len(sample) == 50


def test_draw__the_same_seed_draws_the_same_posts_whatever_their_order():
    whole = mentions(comment_0=300, comment_1=300)
    one, other = draw(whole, CARD, 40, 5, ["X.1"]), draw(whole.take(list(range(599, -1, -1))), CARD, 40, 5, ["X.1"])
    assert set(one["post_id"]) == set(other["post_id"])
    assert set(draw(whole, CARD, 40, 6, ["X.1"])["post_id"]) != set(one["post_id"])


def test_draw__the_key_says_nothing_of_the_label():
    sample = draw(mentions(comment_0=300, comment_1=300), CARD, 40, 5, ["X.1"])
    assert not set(sample["key"]) & set(sample["post_id"])


def test_join__where_two_disagree_each_counts_half():
    sample = draw(mentions(comment_0=10), CARD, 2, 1, ["X.1"])
    first, second = sample["key"]
    labels = {"an": {first: "negative", second: "negative"}, "binh": {first: "positive"}}
    found = join(sample, labels)
    assert list(found.columns) == list(AUDITED)
    by_post = found.groupby("post_id")["weight"]
    assert by_post.sum().tolist() == pytest.approx([5.0, 5.0])
    assert sorted(found["weight"]) == pytest.approx([2.5, 2.5, 5.0])


def test_join__posts_that_nobody_labelled__are_left_out():
    sample = draw(mentions(comment_0=10), CARD, 3, 1, ["X.1"])
    assert join(sample, {"an": {sample["key"][0]: "neutral", sample["key"][1]: ""}}).shape[0] == 1
    assert join(sample, {}).empty


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("aabb", "aaba", 0.5), ("abc", "abc", 1.0), ("ab", "ba", -1.0), ("aabbcc", "abcabc", 0.0)],
)
def test_kappa__known_values(one, other, expected):
    assert kappa(list(one), list(other)) == pytest.approx(expected)


def test_kappa__is_what_scikit_learn_gives():
    random = np.random.default_rng(3)
    one = random.choice(["negative", "neutral", "positive"], 200)
    other = np.where(random.random(200) < 0.7, one, random.choice(["negative", "neutral", "positive"], 200))
    assert kappa(one.tolist(), other.tolist()) == pytest.approx(cohen_kappa_score(one, other))


@pytest.mark.parametrize("labels", [[], ["a"] * 5])
def test_kappa__where_nothing_can_be_said__is_no_number(labels):
    found = kappa(labels, labels)
    assert np.isnan(found) or labels == []


def audited(month, right, wrong):
    rows = [
        (f"{month}-{at}", "a", "comment", month, "X.1", "m", "negative", "negative" if at < right else "positive", 1.0)
        for at in range(right + wrong)
    ]
    return pd.DataFrame(rows, columns=list(AUDITED))


def test_drift__a_model_that_falls__is_seen():
    found = drift(pd.concat([audited("2020-07", 180, 20), audited("2020-08", 120, 80), audited("2020-09", 122, 78)]))
    assert found["accuracy"].tolist() == pytest.approx([0.9, 0.6, 0.61])
    assert found["drifted"].tolist() == [False, True, False]
    assert ((found["low"] < found["accuracy"]) & (found["accuracy"] < found["high"])).all()


def test_drift__chance__is_no_drift():
    assert not drift(pd.concat([audited("2020-07", 18, 2), audited("2020-08", 17, 3)]))["drifted"].any()


def test_audits__agencies_with_enough_posts_only_and_halves_stay_halves():
    rows = audited("2020-08", FEWEST_AUDITED, 0)
    few = audited("2020-09", 3, 0).assign(agency="b")
    halves = pd.concat([rows.assign(weight=0.5), rows.assign(weight=0.5, true="neutral")])
    found = Audits(pd.concat([halves, few])).by_stratum("2020-01", "2020-12")
    assert list(found) == [("a", "comment", "*"), ("a", "comment", "X.1")]
    predicted, truth, weights = found["a", "comment", "X.1"]
    assert weights.tolist() == [1.0] * FEWEST_AUDITED
    assert predicted.shape == truth.shape == (FEWEST_AUDITED, 3)
    assert truth[0].tolist() == [0.5, 0.5, 0]


def test_audits__of_another_period_or_criterion__say_nothing():
    rows = audited("2020-08", FEWEST_AUDITED, 0)
    assert Audits(rows).by_stratum("2021-01", "2021-12") == {}
    assert list(Audits(rows.assign(criteria="")).by_stratum("2020-01", "2020-12")) == [("a", "comment", "*")]
    assert Audits(rows[:0]).by_stratum("2020-01", "2020-12") == {}


def test_audits__digest__follows_the_labels_and_not_their_order():
    rows = audited("2020-08", 3, 2)
    assert Audits(rows).sha256 == Audits(rows[::-1]).sha256 != Audits(rows[:4]).sha256
    assert Audits(rows[:0]).sha256 == ""


def test_draw__posts_that_tell_of_no_criterion__are_never_drawn():
    whole = mentions(comment_0=20)
    bits = whole.schema.get_field_index("criteria")
    some = whole.set_column(bits, whole.schema.field(bits), pa.array([0, 3] * 10, pa.uint64()))
    found = draw(some, CARD, 400, 1, ["X.1", "X.2"])
    assert len(found) == 10
    assert set(found["criteria"]) == {"X.1|X.2"}


def test_drift__two_annotators__are_not_two_observations():
    one = audited("2020-07", 80, 20)
    two = pd.concat([one.assign(weight=0.5), one.assign(weight=0.5)])
    assert drift(two)["error"].tolist() == pytest.approx(drift(one)["error"].tolist())
    assert drift(two)["posts"].tolist() == [100]


def test_read_audits__labels_of_another_model__say_nothing_of_this_one(tmp_path):
    assert read_audits(tmp_path, CARD).rows.empty
    audited("2020-08", 3, 0).to_parquet(tmp_path / "audited-1.parquet")
    audited("2020-09", 2, 0).assign(model=CARD.sha256).to_parquet(tmp_path / "audited-2.parquet")
    assert len(read_audits(tmp_path, CARD).rows) == 2


def change(whole, **columns):
    for name, values in columns.items():
        at = whole.schema.get_field_index(name)
        whole = whole.set_column(at, whole.schema.field(at), pa.array(values, whole.schema.field(at).type))
    return whole


def test_draw__spam__is_never_drawn():
    whole = mentions(comment_0=30)
    found = draw(change(whole, author=["spammer"] * 20 + [f"a{at}" for at in range(10)]), CARD, 400, 1, ["X.1"])
    assert sorted(found["post_id"]) == [f"p{at:05d}" for at in range(20, 30)]


def test_draw__reprints__stand_for_less_and_all_together_for_what_counts():
    whole = mentions(news_1=12)
    story = "mot bai dai ve dich vu cong truc tuyen duoc nhieu trang dang lai cung mot ngay"
    texts = [*whole.column("folded").to_pylist()[:8], *[story] * 4]
    found = draw(change(whole, folded=texts), CARD, 400, 1, ["X.1"]).sort_values("post_id")
    assert found["weight"].tolist() == pytest.approx([1.0] * 8 + [0.25] * 4)
    some = draw(change(whole, folded=texts), CARD, 6, 1, ["X.1"])
    assert some["weight"].sum() == pytest.approx(9.0)
