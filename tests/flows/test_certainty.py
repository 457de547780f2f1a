"""How sure ranks are, in words: of which ranking, of which draws, and what is left out because it says nothing."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from flows.certainty import columns, effects_table, of_agencies, rankings_shown, reading, sentences, unasked
from flows.charts import PLAIN, rank_chart, ranks_drawn
from warehouse.frames import RANK_INTERVAL
from warehouse.frameworks.loader import load_framework


def intervals(units, ranked_in="", **others):
    """Intervals of the first so many agencies of one ranking."""
    place = np.arange(1, units + 1)
    rows = {
        "agency": [f"a{number}" for number in place],
        "node": "T",
        "ranked_in": ranked_in,
        "rank": place,
        "share": 1 - place / 100,
        "simulated_low": place,
        "simulated_high": place + 1,
        "top10_probability": 0.25,
        "above_next_probability": 0.5,
    }
    return RANK_INTERVAL.conform(pd.DataFrame(rows | others))


def shown(found, ranked_in=""):
    agencies = [f"a{number}" for number in range(1, 4)]
    return of_agencies(found, "T", agencies, [ranked_in] * 3)


@pytest.mark.parametrize(
    ("framework", "in_groups"),
    [
        ("egdi", False),
        ("egdi_components_2020", False),
        ("ministry_2020", True),
        ("it_application_2019", True),
        ("ict_index_2016", True),
        ("province_2020", False),
    ],
)
def test_ranking_that_counts__flat_groups_of_agencies_are_apart_countries_are_not(framework, in_groups):
    loaded = load_framework(framework)
    assert loaded.is_ranked_in_groups is in_groups
    assert rankings_shown(loaded, ["g", None]) == (["g", ""] if in_groups else ["", ""])


def test_columns__of_the_rank_in_a_group__are_named_so_and_the_sentence_says_it():
    found = shown(intervals(12, "north"), "north")
    assert set(columns(found)) == {"redrawn in group", "top 10 in group", "above next in group"}
    said = reading(0.9, found, ["weights"])
    assert "in the group of the agency" in said
    assert "among all." not in said.replace("not of the one among all.", "")


def test_columns__of_the_rank_among_all__are_named_plainly_and_the_sentence_says_it():
    found = shown(intervals(12))
    assert set(columns(found)) == {"redrawn", "top 10", "above next"}
    assert "said of the rank among all." in reading(0.9, found, ["weights"])


@pytest.mark.parametrize(("units", "there"), [(10, False), (11, True)])
def test_top_10__of_a_ranking_of_ten__is_left_out(units, there):
    assert ("top 10" in columns(shown(intervals(units)))) is there


def test_top_10__of_rankings_of_different_size__is_told_of_the_large_one_alone():
    both = pd.concat([intervals(11, "large"), intervals(3, "small")])
    found = of_agencies(both, "T", ["a1", "a1"], ["large", "small"])
    assert columns(found)["top 10 in group"] == ["25 %", ""]


def test_top_10__of_a_part_of_the_agencies__is_left_out():
    assert "top 10" not in columns(shown(intervals(12)), is_partial=True)


def test_reading__says_what_was_drawn():
    found = shown(intervals(3))
    assert "in 90 % of the draws of weights." in reading(0.9, found, ["weights"])
    assert "draws of survey, expert and weights." in reading(0.9, found, ["survey", "expert", "weights"])


def test_reading__nothing_could_be_drawn__says_so():
    nothing = {"simulated_low": None, "simulated_high": None, "top10_probability": None, "above_next_probability": None}
    measured = {"marginal_low": 1, "marginal_high": 2, "alike": "1"}
    found = shown(intervals(3, **nothing, **measured))
    for said in (reading(0.9, found, ["weights"]), reading(0.9, shown(intervals(3)), [])):
        assert "nothing could be drawn" in said
        assert "of the draws" not in said
    assert set(columns(found)) == {"sure", "alike"}


def test_reading__a_node_that_nobody_asked_for__nothing_is_said_of_its_figures():
    assert "`nodes` of uncertainty.yaml leaves this node out" in unasked(intervals(3), "other")
    assert unasked(intervals(3), "T") == unasked(intervals(3).head(0), "T") == ""


@pytest.fixture
def row():
    """A row of `mart_rank_interval`."""
    plain = intervals(1, share_low=0.1, share_high=0.2).iloc[0].to_dict()
    about = {"drawn": json.dumps(["expert", "weights"]), "draws": 300, "interval_level": 0.9}
    return plain | about | {"share_error": None}


NO_EFFECTS = pd.DataFrame({"total": []})


def test_sentences__name_the_draws_the_node_and_the_ranking(row):
    (said,) = sentences(row, NO_EFFECTS, "north", by="CSUD")
    assert "the rank by CSUD in north falls on 1–2 in 90 % of the draws of expert and weights" in said
    assert "among the best ten: 25 %" in said
    assert "best ten" not in sentences(row, NO_EFFECTS, has_best=False)[0]


def test_sentences__nothing_could_be_drawn__no_interval_is_made_up(row):
    for without in ({"simulated_low": None}, {"drawn": "[]"}):
        (said,) = sentences(row | without, NO_EFFECTS)
        assert "nothing could be drawn" in said
        assert "90 %" not in said


def test_effects__averaged_for_each_ranking_so_that_nobody_counts_twice():
    rows = [
        ("", "a", "weights", 0.2),
        ("", "b", "weights", 0.4),
        ("north", "a", "weights", 0.8),
        ("south", "b", "weights", 1.0),
    ]
    effects = pd.DataFrame(rows, columns=["ranked_in", "agency", "perturbation", "total"])
    found = effects_table(effects, {"a": "An"})
    assert found[["agency", "weights", "ranked in"]].to_numpy().tolist() == [
        ["(all, on average)", "30 %", ""],
        ["(north, on average)", "80 %", "north"],
        ["(south, on average)", "100 %", "south"],
        ["An", "20 %", ""],
        ["b", "40 %", ""],
        ["An", "80 %", "north"],
        ["b", "100 %", "south"],
    ]


def test_chart_of_ranks__explains_only_the_marks_that_it_has():
    assert "thick" not in ranks_drawn(intervals(3))
    assert "thin" in ranks_drawn(intervals(3))
    measured = intervals(3, simulated_low=None, simulated_high=None, marginal_low=1, marginal_high=3)
    assert ranks_drawn(measured) == "dot: rank; thick: covers the true rank of this agency"


def test_chart_of_ranks__nothing_was_redrawn__has_no_thin_lines():
    plain = intervals(3, marginal_low=1, marginal_high=3)
    bare = plain.assign(simulated_low=None, simulated_high=None)
    lines = [rank_chart(rows, "T", ranks_drawn(rows)).count(f'stroke="{PLAIN}"') for rows in (plain, bare)]
    assert lines == [3, 0]


def test_chart_of_ranks__everybody_first__the_axis_has_one_place():
    rows = intervals(3, rank=1, simulated_low=1, simulated_high=1, marginal_low=1, marginal_high=1)
    picture = rank_chart(rows, "T", ranks_drawn(rows))
    assert re.findall(r">(\d+)</text>", picture) == ["1"]


def test_intervals__of_a_ranking_of_one__are_not_shown():
    assert shown(intervals(1))["units"].isna().all()
    assert columns(shown(intervals(1))) == {}


def test_reading__explains_the_probabilities_that_the_table_has():
    said = reading(0.9, shown(intervals(12)), ["weights"])
    assert "Top 10: how often" in said
    assert "Above next: how often" in said
    few = reading(0.9, shown(intervals(12)), ["weights"], is_partial=True)
    assert ("Top 10" in few, "Above next" in few) == (False, True)
