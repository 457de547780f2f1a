import json

import numpy as np
import pandas as pd
import pytest

from tasks.evidence.experts.measure import judged_criteria, measure
from tasks.evidence.experts.values import ALL_EQUAL
from tasks.evidence.surveys.values import Round
from warehouse.errors import FrameworkError
from warehouse.frames import MEASUREMENT
from warehouse.frameworks.experts import load_experts
from warehouse.frameworks.loader import load_framework

WHERE = Round("r", "2020", "expert", {"": ("ab",)})  # as in `measure_all`


def marks(*given, **changes):
    return [{"expert": f"e{at}", "rating": str(mark)} | changes for at, mark in enumerate(given)]


@pytest.fixture
def measured(measure_all):
    """Measurements and account."""
    return lambda *rows, **changes: measure_all(*rows, **changes)[::2]


def test_measure__gives_values_in_the_unit_of_the_criterion(measured):
    rows, _ = measured(*marks(4, 6, 7, 7), *marks(1, 10, 10, 10, criterion="X.2"))
    assert list(rows.columns) == list(MEASUREMENT.columns)
    by_node = rows.set_index("node")
    assert by_node["value"].to_dict() == pytest.approx({"X.1": 6.0, "X.2": 4.0})  # 7.75 of 1 to 10 is 4 of 1 to 5
    assert set(rows["method"]) == {"expert:confidence_weighted_mean"}
    assert set(rows["stage"]) == {"final"}
    assert set(rows["source"]) == {"expert"}
    assert set(rows["snapshots"]) == {'["ab"]'}
    assert rows["n"].tolist() == [4, 4]


def test_measure__carries_the_standard_error_to_the_unit_too(measured):
    rows, _ = measured(*marks(4, 6, 7, 7), *marks(4, 6, 7, 7, criterion="X.2"))
    first, second = rows["standard_error"]
    assert second == pytest.approx(first * 4 / 9)


def test_measure__says_in_the_detail_how_good_an_estimate_is(measured):
    rows, _ = measured(*marks(4, 6, 7, 7), *marks(5, 6, 7, 7, round="2"))
    detail = json.loads(rows["detail"].iloc[0])
    assert detail.keys() == {
        "statistic",
        "experts",
        "rounds",
        "consensus",
        "iqr",
        "degrees_of_freedom",
        "own_agency_excluded",
        "minimum_experts",
        "interval",
    }
    assert (detail["experts"], detail["rounds"], detail["consensus"]) == (4, 2, True)
    assert detail["interval"][0] < rows["value"].iloc[0] < detail["interval"][1]


@pytest.mark.parametrize(("left_out", "shown"), [(0, None), (3, None), (4, 4)])
def test_measure__shows_no_count_below_the_minimum(measured, left_out, shown):
    own = [{"expert": f"own{at}", "employed": "own", "rating": "10"} for at in range(left_out)]
    rows, account = measured(*marks(4, 6, 7, 7), *own)
    assert json.loads(rows["detail"].iloc[0])["own_agency_excluded"] == shown
    assert account.own_agency == left_out
    assert rows["value"].iloc[0] == pytest.approx(6.0)


def test_measure__suppresses_cells_below_the_minimum(measured):
    rows, account = measured(*marks(4, 6, 7, 7), *marks(7, agency="Cao Bằng"))
    assert rows["agency"].tolist() == ["hg"]
    assert account.suppressed == ("cb: X.1",)
    assert (account.cells, account.used, account.ratings) == (1, 4, 5)


def test_measure__one_rater_only_is_suppressed(measured):
    rows, account = measured(*marks(7))
    assert rows.empty
    assert account.suppressed == ("hg: X.1",)
    assert account.consensus is None


def test_measure__says_so_where_all_agree(measured):
    rows, account = measured(*marks(7, 7, 7, 7))
    assert rows["standard_error"].tolist() == [0.0]
    assert json.loads(rows["detail"].iloc[0])["note"] == ALL_EQUAL
    assert account.alpha["all"]["value"] is None


def test_measure__counts_what_cannot_be_used(measured):
    rows, account = measured(*marks(4, 6, 7, 7), {"rating": "75"}, {"agency": "Ở đâu"}, {"criterion": "Z"})
    assert len(rows) == 1
    assert account.refused == {
        "agency not known or ambiguous": 1,
        "criterion not known": 1,
        "rating off the scale": 1,
    }


def test_measure__takes_ratings_none_of_which_can_be_used(measured):
    rows, account = measured({"rating": "75"})
    assert rows.empty
    assert list(rows.columns) == list(MEASUREMENT.columns)
    assert account.refused == {"rating off the scale": 1}
    assert json.dumps(account.as_dict())


def test_measure__accounts_for_movement_consensus_and_agreement(measured):
    first, second = marks(2, 5, 5, 9), marks(4, 5, 5, 6, round="2")
    _, account = measured(*first, *second, *marks(7, 8, 8, 9, criterion="X.2"))
    assert account.consensus == 1.0
    assert account.movement[0]["rounds"] == "1-2"
    assert 0 < account.feedback <= 1
    assert set(account.alpha) == {"all", "X.1", "X.2"}
    assert account.alpha["all"]["units"] == 2
    assert account.alpha["all"]["low"] <= account.alpha["all"]["value"] <= account.alpha["all"]["high"]


def test_measure__does_not_depend_on_the_order_of_the_ratings(tiny, declare, make_ratings):
    ratings = make_ratings(*marks(4, 6, 7, 8), *marks(5, 6, 7, 8, round="2"), *marks(9, 6, 7, 2, criterion="X.2"))
    (first, shared, one), (second, again, two) = (
        measure(rows, tiny, declare(), WHERE, str) for rows in (ratings, ratings.sample(frac=1, random_state=1))
    )
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    pd.testing.assert_frame_equal(shared, again, check_exact=True)
    assert one == two


def test_measure__shows_nothing_of_an_expert(measured):
    rows, account = measured(*[one | {"expert": f"pseudonym{at}"} for at, one in enumerate(marks(1, 6.25, 7, 9.75))])
    text = rows.to_csv() + json.dumps(account.as_dict()) + repr(account)
    for single in ("pseudonym", "6.25", "9.75"):
        assert single not in text


def test_judged_criteria__are_all_of_the_experts_by_default(tiny, declare):
    assert judged_criteria(tiny, declare()) == ("X.1", "X.2")
    assert judged_criteria(tiny, declare(criteria=["X.2"])) == ("X.2",)


@pytest.mark.parametrize("code", ["X.3", "X.9", "X"])
def test_judged_criteria__refuse_what_experts_do_not_judge(tiny, declare, code):
    with pytest.raises(FrameworkError, match=rf"{code}, which tiny does not measure"):
        judged_criteria(tiny, declare(criteria=[code]))


@pytest.mark.parametrize(("name", "count"), [("province_2020", 14), ("ministry_2020", 6)])
def test_judged_criteria__of_the_bundled_frameworks(name, count):
    framework = load_framework(name)
    declaration = load_experts(framework.folder)
    assert declaration.framework == name
    assert len(judged_criteria(framework, declaration)) == count
    low_high = {(framework.by_code[code].bounds) for code in judged_criteria(framework, declaration)}
    assert low_high == {(declaration.scale.low, declaration.scale.high)}
    assert np.isfinite(declaration.consensus.iqr)
