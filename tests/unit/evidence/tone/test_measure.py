import json

import numpy as np
import pandas as pd
import pytest

from tasks.evidence.surveys.values import Round
from tasks.evidence.tone.measure import Corrections, measure, series
from tasks.evidence.tone.model import ModelCard
from tasks.evidence.tone.prevalence import Confusion
from tasks.evidence.tone.weigh import ALL, COUNTS, KEPT, RELEVANT
from warehouse.frames import MEASUREMENT
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.tone import ToneDeclaration

WHERE = Round("r", "2020", "tone")
CARD = ModelCard("local", "1", "f" * 64, "e" * 64)
RATES = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.05, 0.1, 0.85]])
YAML = "framework: tiny\nlevels:\n  - {level: index}\n  - {level: criterion}\n"
NODES = """\
code,parent,level,name_en,max_points,evidence,rule,parameters,unit
X,,index,Index,10,,,,
X.1,X,criterion,Ease,10,tone,tone,,
"""


@pytest.fixture
def framework(tmp_path):
    (tmp_path / "framework.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "nodes.csv").write_text(NODES, encoding="utf-8")
    return load_framework(tmp_path)


def declared(**changes):
    said = {"framework": "tiny", "minimum_n": 30, "minimum_channel_n": 10, "criteria": {"X.1": {"aspects": ["delay"]}}}
    return ToneDeclaration.model_validate(said | changes)


def corrections(matrix=RATES * 1e8, **audited):
    origin = Confusion(matrix), "validation"
    return Corrections(CARD, dict.fromkeys(("news", "comment", "app_review"), origin), **audited)


def counts(*changes):
    plain = {
        "agency": "province-ha-noi",
        "criterion": "X.1",
        "channel": "comment",
        "month": "",
        "variant": KEPT,
        "posts": 100,
        "stories": 90,
        "authors": 80,
        "removed": 5,
        "effective_n": 80.0,
        "negative": 40.0,
        "neutral": 30.0,
        "positive": 30.0,
        "voices": "[]",
        "snapshots": '["a"]',
    }
    return pd.DataFrame([plain | change for change in changes], columns=list(COUNTS)).astype(COUNTS)


def seen(truth, posts=100):
    """Labels that the model gives to posts of known shares."""
    return dict(zip(("negative", "neutral", "positive"), RATES.T @ np.array(truth) * posts, strict=True))


def test_measure__is_the_corrected_share_of_praise_minus_that_of_blame(framework):
    rows, _, few = measure(counts(seen((0.5, 0.3, 0.2))), framework, declared(), corrections(), WHERE)
    assert list(rows.columns) == list(MEASUREMENT.columns)
    row = rows.iloc[0]
    assert row["value"] == pytest.approx(-0.3, abs=1e-6)
    assert (row["agency"], row["node"], row["period"], row["n"], row["method"]) == (
        "province-ha-noi",
        "X.1",
        "2020",
        100,
        "tone:local",
    )
    assert row["standard_error"] > np.sqrt((0.7 - 0.3**2) / 80)
    assert not few


def test_measure__the_error_holds_sampling_and_correction(framework):
    def error(n, matrix):
        found, _, _ = measure(counts({"effective_n": n}), framework, declared(), corrections(matrix), WHERE)
        return float(found["standard_error"].iloc[0])

    assert error(80.0, RATES * 1e8) == pytest.approx(2 * error(320.0, RATES * 1e8), rel=1e-3)
    assert error(1e9, RATES * 200) > 5 * error(1e9, RATES * 1e8)
    assert error(80.0, RATES * 200) > error(80.0, RATES * 1e8)


@pytest.mark.parametrize(("effective", "measured"), [(30.0, True), (29.9, False), (0.0, False)])
def test_measure__fewer_than_the_minimum__no_row_and_counted(framework, effective, measured):
    rows, _, few = measure(counts({"effective_n": effective}), framework, declared(), corrections(), WHERE)
    assert len(rows) == measured
    assert [one["agency"] for one in few] == ([] if measured else ["province-ha-noi"])


def test_measure__what_counts_is_the_effective_number_and_not_the_posts(framework):
    rows, _, few = measure(counts({"posts": 10_000, "effective_n": 12.0}), framework, declared(), corrections(), WHERE)
    assert rows.empty
    assert few[0]["effective_n"] == 12.0


def test_measure__a_channel_with_too_few__is_left_out(framework):
    change = [
        seen((0.2, 0.3, 0.5)),
        {"channel": "news", "effective_n": 4.0, "negative": 4.0, "neutral": 0.0, "positive": 0.0},
    ]
    rows, _, _ = measure(counts(*change), framework, declared(), corrections(), WHERE)
    detail = json.loads(rows["detail"][0])
    assert list(detail["channels"]) == ["comment"]
    assert (rows["n"][0], detail["effective_n"], detail["removed_as_spam"]) == (100, 80, 5)
    assert rows["value"][0] == pytest.approx(0.3, abs=1e-6)


def test_measure__channels_weigh_what_is_declared_whatever_their_size(framework):
    rows = counts(seen((0.2, 0.3, 0.5)), {"channel": "news", "effective_n": 4_000.0, **seen((0.6, 0.3, 0.1))})
    even, _, _ = measure(rows, framework, declared(), corrections(), WHERE)
    uneven, _, _ = measure(rows, framework, declared(channels={"comment": 3, "news": 1}), corrections(), WHERE)
    assert even["value"][0] == pytest.approx((0.3 - 0.5) / 2, abs=1e-6)
    assert uneven["value"][0] == pytest.approx((3 * 0.3 - 0.5) / 4, abs=1e-6)


def test_measure__channels_that_are_all_below_the_minimum_of_a_channel__give_no_number(framework):
    parts = [{"channel": name, "effective_n": 12.0} for name in ("comment", "news", "app_review")]
    rows, _, few = measure(counts(*parts), framework, declared(minimum_channel_n=20), corrections(), WHERE)
    assert rows.empty
    assert len(few) == 1


def test_measure__posts_of_a_channel_that_is_left_out__do_not_make_up_the_minimum(framework):
    parts = [{"effective_n": 25.0}, {"channel": "news", "effective_n": 9.0}]
    rows, _, few = measure(counts(*parts), framework, declared(), corrections(), WHERE)
    assert rows.empty
    assert few[0]["effective_n"] == 25.0


def test_measure__detail_says_how_it_came_about(framework):
    spam = {"variant": ALL, "posts": 130, "negative": 90.0, "effective_n": 100.0}
    rows, _, _ = measure(counts({}, spam), framework, declared(), corrections(), WHERE)
    detail = json.loads(rows["detail"][0])
    assert detail["model"] == CARD.as_dict()
    assert detail["removed_as_spam"] == 5
    assert detail["with_spam"] < rows["value"][0]
    assert detail["interval"][0] < rows["value"][0] < detail["interval"][1]
    assert detail["negative_share"] + detail["neutral_share"] + detail["positive_share"] == pytest.approx(1, abs=1e-3)
    own = detail["channels"]["comment"]
    assert own["labelled"] == {"negative": 40, "neutral": 30, "positive": 30}
    assert (own["posts"], own["stories"], own["authors"], own["correction"]) == (100, 90, 80, "adjusted count")
    assert own["corrected_by"].endswith("posts of validation")


def test_measure__snapshots_of_all_channels_once_each(framework):
    rows, _, _ = measure(
        counts({"snapshots": '["b", "a"]'}, {"channel": "news", "snapshots": '["a", "c"]'}),
        framework,
        declared(),
        corrections(),
        WHERE,
    )
    assert json.loads(rows["snapshots"][0]) == ["a", "b", "c"]


def test_measure__an_agency_with_audited_posts__is_corrected_by_them(framework):
    truth = np.eye(3)[[0] * 10 + [1] * 10 + [2] * 40]
    audited = {("province-ha-noi", "comment", "X.1"): (np.eye(3)[[0] * 60], truth, np.ones(60))}
    rows, _, _ = measure(counts({}), framework, declared(), corrections(audited=audited), WHERE)
    assert json.loads(rows["detail"][0])["channels"]["comment"]["correction"] == "prediction-powered"
    assert rows["value"][0] > 0.3  # what people read, not what the model says of it


def test_measure__audited_posts_of_another_criterion_or_of_the_year__correct_no_other_stratum(framework):
    audited = {
        ("province-ha-noi", "comment", code): (np.eye(3)[[0] * 60], np.eye(3)[[2] * 60], np.ones(60))
        for code in ("X.2", RELEVANT)
    }
    known = corrections(audited=audited)
    rows, _, _ = measure(counts({}), framework, declared(), known, WHERE)
    assert json.loads(rows["detail"][0])["channels"]["comment"]["correction"] == "adjusted count"
    monthly = counts({"criterion": RELEVANT, "month": "2020-08"})
    assert series(monthly, declared(), known).equals(series(monthly, declared(), corrections()))


def test_measure__many_agencies__few_posts_move_to_the_middle(framework):
    random = np.random.default_rng(4)
    parts = [
        {"agency": f"province-{at:02d}", "effective_n": 400.0, **seen(random.dirichlet([20, 15, 15]), 400)}
        for at in range(20)
    ]
    parts.append({"agency": "province-few", "effective_n": 31.0, **seen((0.9, 0.1, 0.0), 31)})
    rows, _, _ = measure(counts(*parts), framework, declared(), corrections(), WHERE)
    found = rows.set_index("agency")
    assert -0.9 < found.loc["province-few", "value"] < -0.2
    assert found.loc["province-few", "standard_error"] > found.loc["province-00", "standard_error"]


def test_measure__values_are_within_minus_one_and_one(framework):
    parts = [
        {"agency": f"province-{at}", "negative": 100.0 * (at % 2), "neutral": 0.0, "positive": 100.0 * (1 - at % 2)}
        for at in range(8)
    ]
    rows, _, _ = measure(counts(*parts), framework, declared(), corrections(RATES * 30), WHERE)
    assert rows["value"].between(-1, 1).all()
    for text in rows["detail"]:
        assert -1 <= json.loads(text)["interval"][0] <= json.loads(text)["interval"][1] <= 1


def test_measure__nobody_wrote(framework):
    rows, _, few = measure(counts(), framework, declared(), corrections(), WHERE)
    assert list(rows.columns) == list(MEASUREMENT.columns)
    assert rows.empty
    assert few == []


def test_measure__months_and_spam_are_no_second_measurement(framework):
    rows, _, _ = measure(
        counts({}, {"variant": ALL}, {"criterion": RELEVANT, "month": "2020-08"}),
        framework,
        declared(),
        corrections(),
        WHERE,
    )
    assert len(rows) == 1


def test_series__by_month_where_there_are_enough(framework):
    parts = [
        {"criterion": RELEVANT, "month": "2020-08", **seen((0.2, 0.3, 0.5))},
        {"criterion": RELEVANT, "month": "2020-09", **seen((0.5, 0.3, 0.2))},
        {"criterion": RELEVANT, "month": "2020-10", "effective_n": 29.0},
        {"criterion": RELEVANT},
        {"month": ""},
    ]
    found = series(counts(*parts), declared(), corrections())
    assert found["month"].tolist() == ["2020-08", "2020-09"]
    assert found["tone"].tolist() == pytest.approx([0.3, -0.3], abs=1e-6)
    assert (found["standard_error"] > 0).all()


def test_series__nothing__keeps_its_columns():
    assert list(series(counts(), declared(), corrections()).columns) == [
        "agency",
        "month",
        "tone",
        "standard_error",
        "posts",
        "effective_n",
    ]


def test_measure__a_channel_without_posts__counts_as_the_middle_of_the_others_and_widens_the_error(framework):
    names = [f"province-{number}" for number in range(9)]
    kind = [{"agency": name, "channel": "news", **seen((0.1, 0.3, 0.6), 200)} for name in names[:8]]
    harsh = [{"agency": name, "channel": "comment", **seen((0.7, 0.2, 0.1), 200)} for name in names]
    found, _, _ = measure(counts(*kind, *harsh), framework, declared(), corrections(), WHERE)
    silent, said = found[found["agency"] == names[8]].iloc[0], found[found["agency"] != names[8]]
    assert json.loads(silent["detail"])["channels_taken_from_others"] == ["news"]
    assert silent["value"] == pytest.approx(said["value"].mean(), abs=0.05)
    assert silent["standard_error"] > 0
    assert json.loads(said["detail"].iloc[0])["channels_taken_from_others"] == []
