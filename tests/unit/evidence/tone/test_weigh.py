from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from tasks.evidence.tone.classify import MENTIONS
from tasks.evidence.tone.weigh import ALL, KEPT, RELEVANT, counting, effective_n, weigh

LONG = "toi nop ho so cap doi giay phep lai xe o bo phan mot cua va cho mai khong thay ai tra loi"
OTHER = "hom nay dang ky kinh doanh tren mang chi mat co nua ngay la xong het moi giay to can thiet"
DAY = date(2020, 8, 3)


def table(*changes):
    plain = {
        "agency": "province-ha-noi",
        "channel": "comment",
        "day": DAY,
        "confidence": 0.9,
        "negative": 0.8,
        "neutral": 0.1,
        "positive": 0.1,
        "label": 0,
        "aspect": 0,
        "criteria": 1,
        "snapshot": "a",
    }
    rows = [
        {
            "post_id": f"p{at:04d}",
            "author": f"a{at}",
            "folded": f"{'xyzwvutsr'[at % 9]}{at * 7919} viet rieng {at * 104729}",
        }
        | plain
        | change
        for at, change in enumerate(changes)
    ]
    return pa.Table.from_pylist(rows, schema=MENTIONS)


def counted(mentions, variant=KEPT, criterion="X.1", channel="comment", month=""):
    rows = weigh(mentions, ["X.1"])
    of = (rows["criterion"] == criterion) & (rows["variant"] == variant) & (rows["channel"] == channel)
    found = rows[of & (rows["month"] == month)].to_dict("records")
    return found[0] if found else {}


def total(row):
    return row["negative"] + row["neutral"] + row["positive"]


def test_weigh__independent_posts__count_one_each():
    found = counted(table({}, {}, {"label": 2}))
    assert (found["posts"], found["stories"], found["authors"]) == (3, 3, 3)
    assert (found["negative"], found["neutral"], found["positive"]) == (2.0, 0.0, 1.0)
    assert found["effective_n"] == pytest.approx(3)


def test_weigh__a_reprint_is_one_story_whoever_prints_it():
    prints = [{"channel": "news", "folded": LONG, "author": f"paper{at}"} for at in range(7)]
    found = counted(table(*prints, {"channel": "news", "folded": OTHER}), channel="news")
    assert (found["posts"], found["stories"]) == (8, 2)
    assert total(found) == pytest.approx(2)
    assert found["effective_n"] == pytest.approx(2)


def test_weigh__posts_without_a_date__are_no_campaign_no_spam_and_of_no_month():
    undated = [{"day": None, "folded": LONG} for _ in range(6)] + [{"day": None, "author": "x"} for _ in range(20)]
    rows = weigh(table(*undated), ["X.1"])
    assert rows["removed"].tolist() == [0] * len(rows)
    assert set(rows["month"]) == {""}
    assert counted(table(*undated))["posts"] == 26


def test_weigh__copies_of_one_author__are_one_voice():
    found = counted(table(*[{"author": "x", "folded": LONG, "day": DAY + timedelta(at)} for at in range(5)], {}))
    assert total(found) == pytest.approx(2)
    assert found["effective_n"] == pytest.approx(2)


def test_weigh__a_copy_by_another_author__is_another_voice():
    found = counted(table({"folded": LONG}, {"folded": LONG, "day": DAY + timedelta(1)}))
    assert total(found) == pytest.approx(2)


def test_weigh__many_posts_of_one_author__are_worth_less():
    found = counted(table(*[{"author": "x", "day": DAY + timedelta(at)} for at in range(3)], {}))
    assert total(found) == pytest.approx(4)
    assert found["effective_n"] == pytest.approx(16 / 10)


def test_weigh__a_campaign__is_left_out_of_kept_and_in_all():
    mentions = table(*[{"folded": LONG} for _ in range(6)], {}, {})
    assert counted(mentions)["posts"] == 2
    assert counted(mentions)["removed"] == 6
    assert counted(mentions, ALL)["posts"] == 8


def test_weigh__a_short_text_that_many_write__is_no_campaign():
    assert counted(table(*[{"folded": "loi hoai"} for _ in range(30)]))["posts"] == 30


def test_weigh__a_long_text_over_many_days__is_no_campaign():
    mentions = table(*[{"folded": LONG, "day": DAY + timedelta(at)} for at in range(6)])
    assert counted(mentions)["removed"] == 0


def test_weigh__an_author_of_more_posts_a_day_than_anybody_writes__is_spam():
    spam = [{"author": "x"} for _ in range(11)]
    assert counted(table(*spam, {}))["posts"] == 1
    assert counted(table(*spam[:10], {}))["posts"] == 11


def test_weigh__an_author_who_repeats_himself_on_a_day__is_spam():
    mentions = table(*[{"author": "x", "folded": LONG} for _ in range(4)], {})
    assert counted(mentions)["removed"] == 4


def test_weigh__news_is_never_spam():
    mentions = table(*[{"channel": "news", "author": "paper"} for _ in range(20)])
    assert counted(mentions, channel="news")["posts"] == 20


def test_weigh__unknown_authors__long_copies_come_from_one_hand_short_ones_from_many():
    long_ones = [{"author": "", "folded": LONG, "day": DAY + timedelta(at)} for at in range(4)]
    assert total(counted(table(*long_ones))) == pytest.approx(1)
    assert total(counted(table(*[{"author": "", "folded": "loi hoai"} for _ in range(4)]))) == pytest.approx(4)


def test_weigh__unknown_authors__are_not_one_person_who_writes_too_much():
    assert counted(table(*[{"author": ""} for _ in range(30)]))["posts"] == 30


def test_weigh__criteria_are_bits_and_what_tells_of_none_is_not_relevant():
    mentions = table({"criteria": 1}, {"criteria": 2}, {"criteria": 3}, {"criteria": 0})
    rows = weigh(mentions, ["X.1", "X.2"])
    whole = rows[(rows["variant"] == ALL) & (rows["month"] == "")].set_index("criterion")["posts"]
    assert whole.to_dict() == {"X.1": 2, "X.2": 2, RELEVANT: 3}


def test_weigh__months_for_everything_relevant():
    mentions = table({}, {"day": date(2020, 9, 1)}, {"day": date(2020, 9, 2)})
    assert counted(mentions, criterion=RELEVANT, month="2020-08")["posts"] == 1
    assert counted(mentions, criterion=RELEVANT, month="2020-09")["posts"] == 2


def test_weigh__the_order_of_mentions_makes_no_difference():
    random = np.random.default_rng(1)
    mentions = table(
        *[{"folded": text, "author": f"a{at % 3}"} for at, text in enumerate([LONG, OTHER, LONG, "ok", "ok", LONG] * 4)]
    )
    shuffled = mentions.take(random.permutation(mentions.num_rows))
    assert weigh(mentions, ["X.1"]).equals(weigh(shuffled, ["X.1"]))


def test_weigh__snapshots_are_named_once_each():
    assert counted(table({"snapshot": "b"}, {"snapshot": "a"}, {"snapshot": "b"}))["snapshots"] == '["a", "b"]'


def test_weigh__no_mentions():
    assert weigh(MENTIONS.empty_table(), ["X.1"]).empty


def test_weigh__agencies_do_not_touch_each_other():
    mentions = table(*[{"folded": LONG, "agency": f"province-{at % 2}"} for at in range(8)])
    rows = weigh(mentions, ["X.1"])
    assert (rows["removed"] == 0).all()  # four voices each: no campaign


@pytest.mark.parametrize(
    ("weights", "hands", "n"), [([], [], 0), ([0, 0], [0, 1], 0), ([1, 1], [0, 0], 1), ([2, 1], [0, 1], 9 / 5)]
)
def test_effective_n(weights, hands, n):
    assert effective_n(np.array(weights, dtype=float), np.array(hands, dtype=np.int64)) == pytest.approx(n)


def test_counting__spam_campaigns_and_what_tells_of_nothing__count_nothing():
    spam = [{"author": "s", "folded": LONG}] * 12
    campaign = [{"author": f"c{at}", "folded": OTHER} for at in range(6)]
    found = counting(table({}, {"criteria": 0}, *spam, *campaign))
    assert found.tolist() == [1.0] + [0.0] * 19


def test_counting__reprints__share_one_story():
    found = counting(table(*[{"channel": "news", "folded": LONG}] * 4, {"channel": "news"}))
    assert found.tolist() == pytest.approx([0.25] * 4 + [1.0])


def test_counting__sums_to_what_is_measured_whatever_the_order_of_mentions():
    copies = [{"author": "a", "folded": OTHER, "day": DAY + timedelta(days=at)} for at in range(3)]
    spam = [{"author": "s", "folded": LONG}] * 12
    mentions = table({}, *copies, *spam, {"agency": "province-da-nang"}, {"channel": "app_review", "label": 2})
    mentions = mentions.take(np.random.default_rng(3).permutation(mentions.num_rows))
    rows = weigh(mentions, ["X.1"])
    rows = rows[(rows["criterion"] == RELEVANT) & (rows["variant"] == KEPT) & (rows["month"] == "")]
    measured = rows.set_index(["agency", "channel"])[["negative", "neutral", "positive"]].sum(axis=1)
    found = mentions.select(["agency", "channel"]).to_pandas().assign(counts=counting(mentions))
    assert found.groupby(["agency", "channel"])["counts"].sum().to_dict() == pytest.approx(measured.to_dict())


def test_counting__nobody_wrote():
    assert counting(table()).shape == (0,)
