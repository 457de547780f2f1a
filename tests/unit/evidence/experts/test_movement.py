import pandas as pd

from tasks.evidence.experts.movement import movement


def rated(*rounds):
    return pd.DataFrame(
        [
            {"expert": f"e{at}", "agency": "a", "criterion": "X.1", "round": turn, "rating": mark}
            for turn, marks in enumerate(rounds, start=1)
            for at, mark in enumerate(marks)
        ]
    )


def test_movement__says_how_far_and_where_to():
    (found,) = movement(rated([2.0, 4, 6, 8, 10], [4.0, 4, 6, 7, 10]), 5)
    assert found == {
        "rounds": "1-2",
        "pairs": 5,
        "mean_absolute_change": 0.6,
        "towards_median": 0.5,
        "iqr_before": 4.0,
        "iqr_after": 3.0,
    }


def test_movement__who_stood_at_the_median_could_not_come_nearer():
    (found,) = movement(rated([5.0, 5, 5], [5.0, 5, 5]), 3)
    assert found["towards_median"] is None


def test_movement__needs_two_rounds_and_enough_experts():
    assert movement(rated([1.0, 2, 3]), 3) == []
    assert movement(rated([1.0, 2, 3], [1.0, 2, 3]), 4) == []
    assert movement(pd.DataFrame(columns=["expert", "agency", "criterion", "round", "rating"]), 3) == []


def test_movement__compares_each_round_with_the_one_before():
    found = movement(rated([1.0, 5, 9], [3.0, 5, 7], [5.0, 5, 5]), 3)
    assert [one["rounds"] for one in found] == ["1-2", "2-3"]
    assert [one["iqr_after"] for one in found] == [2.0, 0.0]
