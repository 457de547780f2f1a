"""From a scored round to its intervals: who gets one, in which ranking, and what it says."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tasks.scoring.engine import score
from tasks.scoring.exclude import without
from tasks.scoring.uncertainty import intervals as room
from tasks.scoring.uncertainty.intervals import rank_uncertainty
from warehouse.errors import FrameworkError, InputError
from warehouse.frames import ERROR_FACTOR
from warehouse.frameworks.uncertainty import Uncertainty

HEADER = "code,parent,rule,evidence,missing"
ROWS = (
    "T,,,,",
    "A,T,,,exclude_and_reweight",
    "a,A,published,survey,exclude_and_reweight",
    "B,T,,,",
    "b,B,published,survey,",
)
SURVEY = {"perturb": ("survey",)}


@pytest.fixture(scope="module")
def framework(build):
    return build(HEADER, *ROWS)


@pytest.fixture(scope="module")
def spread(erring):
    """Six units, one after the other, with errors that reach the next one or two."""
    return erring({name: {"a": (0.9 - 0.1 * at, 0.08), "b": (0.5, 0.02)} for at, name in enumerate("UVWXYZ")})


def of(found, node="T", ranked_in=""):
    rows = found.intervals
    return rows[(rows["node"] == node) & (rows["ranked_in"] == ranked_in)].set_index("agency")


def test_intervals__one_row_for_each_unit_of_the_headline_and_the_nodes_below(framework, spread, certainty):
    found = certainty(framework, spread, **SURVEY)
    assert found.intervals.groupby("node")["agency"].apply("".join).to_dict() == dict.fromkeys("TAB", "UVWXYZ")
    assert not found.intervals.duplicated(["agency", "node", "ranked_in"]).any()


def test_intervals__of_the_nodes_that_are_named(framework, spread, certainty):
    found = certainty(framework, spread, **SURVEY, nodes=("a", "T"))
    assert list(dict.fromkeys(found.intervals["node"])) == ["a", "T"]
    assert set(found.effects["node"]) == {"a"}


def test_intervals__of_a_node_that_does_not_exist__are_refused(framework, spread, certainty):
    with pytest.raises(FrameworkError, match="Q"):
        certainty(framework, spread, **SURVEY, nodes=("Q",))


def test_rank_and_share__are_those_that_are_published(framework, spread, certainty):
    scores = score(framework, spread).set_index(["node", "agency"])
    found = certainty(framework, spread).intervals.set_index(["node", "agency"])
    assert found["rank"].tolist() == scores.loc[found.index, "rank"].tolist()
    np.testing.assert_allclose(found["share"], scores.loc[found.index, "share"], rtol=0, atol=1e-12)


def test_interval__holds_the_level_of_the_draws(framework, spread, certainty, sampler):
    prepared = sampler(framework, spread, **SURVEY)
    shares = np.concatenate([prepared.draw(block, [0], ("survey",))[0] for block in range(10)], axis=1)[:, :300]
    for level in (0.6, 0.9, 0.99):
        rows = of(certainty(framework, spread, **SURVEY, draws=300, level=level))
        low, high = rows["share_low"].to_numpy()[:, None], rows["share_high"].to_numpy()[:, None]
        inside = ((low <= shares) & (shares <= high)).sum(axis=1)
        assert (inside >= level * 300 - 1e-9).all()
        assert (inside <= level * 300 + 2).all()


def test_interval__grows_with_the_level(framework, spread, certainty):
    narrow, wide = (of(certainty(framework, spread, **SURVEY, draws=200, level=level)) for level in (0.6, 0.95))
    for kind in ("simulated", "marginal", "simultaneous"):
        assert (wide[f"{kind}_low"] <= narrow[f"{kind}_low"]).all()
        assert (wide[f"{kind}_high"] >= narrow[f"{kind}_high"]).all()


def test_standard_error__is_that_of_the_share(framework, spread, certainty):
    rows = of(certainty(framework, spread, **SURVEY, draws=4000))
    expected = np.sqrt(0.08**2 + 0.02**2) / 2
    assert rows["standard_error"].loc[["V", "W", "X", "Y", "Z"]].tolist() == pytest.approx([expected] * 5, rel=0.06)


def test_sets__speak_of_the_errors_though_only_weights_are_drawn(framework, spread, certainty):
    found, of_errors = (certainty(framework, spread, perturb=(name,), draws=200) for name in ("weights", "survey"))
    columns = ["standard_error", "marginal_low", "marginal_high", "simultaneous_low", "simultaneous_high", "alike"]
    pd.testing.assert_frame_equal(of(found)[columns], of(of_errors)[columns])
    assert json.loads(found.about["measured"]) == ["survey"]


def test_groups__each_is_a_ranking_beside_the_one_of_all(framework, spread, certainty):
    groups = {"U": "north", "X": "north", "V": "south", "W": "south"}
    found = certainty(framework, spread, **SURVEY, groups=groups)
    assert of(found, ranked_in="north")["rank"].to_dict() == {"U": 1, "X": 2}
    assert of(found, ranked_in="south")["rank"].to_dict() == {"V": 1, "W": 2}
    assert len(of(found)) == 6  # who is in no group is ranked among all
    assert of(found, ranked_in="north")["simulated_high"].max() <= 2
    assert set(found.effects["ranked_in"]) == {"", "north", "south"}


def test_unranked__gets_no_interval_and_takes_no_place(framework, spread, certainty):
    scores = without(score(framework, spread), {"V"})
    found = rank_uncertainty(
        framework, spread, ERROR_FACTOR.empty(), scores, Uncertainty.model_validate(SURVEY), draws=96, seed=1
    )
    rows = of(found)
    assert rows.index.tolist() == list("UWXYZ")
    assert rows["rank"].tolist() == [1, 2, 3, 4, 5]
    assert rows["simulated_high"].max() == 5
    alone = of(certainty(framework, spread[spread["agency"] != "V"], **SURVEY, draws=96))
    assert rows["rank"].tolist() == alone["rank"].tolist()


def test_merged__the_new_unit_is_ranked_and_its_predecessors_are_not(build, erring, certainty):
    framework = build(HEADER, *ROWS, mergers={"as_of": "2025-07-01", "level": "l1"}, population=["province"])
    cells = erring({name: {"a": (0.2 * at, 0.1), "b": (0.5, 0.1)} for at, name in enumerate("pqrs")})
    found = certainty(framework, cells, families={"N": ("p", "s")}, **SURVEY, draws=4000)
    rows = of(found)
    assert rows.index.tolist() == ["N", "q", "r"]
    assert rows["rank"].to_dict() == {"N": 2, "q": 3, "r": 1}
    assert rows["simulated_high"].max() == 3
    error = np.sqrt(0.1**2 + 0.1**2) / 2
    assert rows.at["r", "standard_error"] == pytest.approx(error, rel=0.06)
    assert rows.at["N", "standard_error"] == pytest.approx(error / np.sqrt(2), rel=0.12)  # p is cut at 0


def test_missing__who_has_no_share_of_a_node_has_no_interval_there(framework, erring, certainty):
    cells = erring(
        {"U": {"a": (0.4, 0.1), "b": (0.5, 0.1)}, "V": {"b": (0.4, 0.1)}, "W": {"a": (0.6, 0.1), "b": (0.2, 0.1)}}
    )
    found = certainty(framework, cells)
    assert of(found, "A").index.tolist() == ["U", "W"]
    assert of(found, "A")["simulated_high"].max() <= 2
    assert len(of(found)) == 3


def test_missing__a_node_that_nobody_has__gives_no_rows(framework, erring, certainty):
    found = certainty(framework, erring({"U": {"b": (0.5, 0.1)}, "V": {"b": (0.4, 0.1)}}))
    assert of(found, "A").empty
    assert len(of(found, "B")) == 2


def test_a_single_unit__is_first_for_sure(framework, erring, certainty):
    found = certainty(framework, erring({"U": {"a": (0.4, 0.1), "b": (0.5, 0.1)}}))
    row = of(found).loc["U"]
    places = [row[f"{kind}_{end}"] for kind in ("simulated", "marginal", "simultaneous") for end in ("low", "high")]
    assert places == [1] * 6
    assert np.isnan(row["above_next_probability"])
    assert found.effects["total"].isna().all()  # a rank that never varies has nothing to explain


def test_a_column_without_variance__all_share_the_rank(framework, erring, certainty):
    found = certainty(framework, erring({name: {"a": (0.3, 0.0), "b": (0.5, 0.0)} for name in "UVW"}), **SURVEY)
    rows = of(found)
    assert rows["rank"].tolist() == [1, 1, 1]
    assert rows["simulated_high"].tolist() == [1, 1, 1]
    assert rows["marginal_high"].tolist() == [1, 1, 1]
    assert rows["above_next_probability"].isna().all()  # nobody is below them


def test_figures_without_known_errors__have_no_sets(build, measured, certainty):
    printed = build("code,parent,rule", "T,,", "a,T,published", "b,T,published")
    rows = of(certainty(printed, measured({"U": {"a": 0.3, "b": 0.09}, "V": {"a": 0.4, "b": 0.0}})))
    assert "marginal_low" not in rows
    assert rows["standard_error"].isna().all()
    assert rows["simulated_low"].tolist() == [1, 1]  # weights are drawn all the same


def test_printed_figures_of_a_survey__have_no_sets(framework, erring, certainty):
    unknown = erring({"U": {"a": (0.3, np.nan), "b": (0.1, np.nan)}, "V": {"a": (0.4, np.nan), "b": (0.2, np.nan)}})
    rows = of(certainty(framework, unknown))
    assert "marginal_low" not in rows
    assert rows["standard_error"].isna().all()
    known = of(certainty(framework, unknown.assign(standard_error=[0.0, np.nan, np.nan, np.nan])))
    assert known["marginal_low"].notna().all()  # all who answered said the same


def test_top10__is_the_share_of_draws_among_the_best_ten(framework, erring, certainty):
    cells = {f"U{at:02}": {"a": (0.95 - 0.05 * at, 0.0), "b": (0.5, 0.0)} for at in range(12)}
    cells["U09"]["a"] = cells["U10"]["a"] = (0.5, 0.01)
    rows = of(certainty(framework, erring(cells), **SURVEY, draws=2000))
    assert rows["top10_probability"].loc[["U00", "U08"]].tolist() == [1, 1]
    assert rows["top10_probability"].loc[["U09", "U10"]].tolist() == pytest.approx([0.5, 0.5], abs=0.06)
    assert rows.at["U11", "top10_probability"] == 0


def test_above_next__is_the_probability_of_being_above_the_one_published_next(framework, erring, certainty):
    cells = erring(
        {
            "U": {"a": (0.5, 0.03), "b": (0.5, 0)},
            "V": {"a": (0.54, 0.04), "b": (0.5, 0)},
            "W": {"a": (0.1, 0), "b": (0.5, 0)},
        }
    )
    rows = of(certainty(framework, cells, **SURVEY, draws=4000))
    assert rows.at["V", "above_next_probability"] == pytest.approx(norm.cdf(0.04 / 0.05), abs=0.03)
    assert rows.at["U", "above_next_probability"] == 1
    assert np.isnan(rows.at["W", "above_next_probability"])


def test_above_next__of_agencies_that_share_a_rank__is_about_the_next_worse_rank(framework, erring, certainty):
    shares = {"U": 0.5, "V": 0.5, "W": 0.4, "X": 0.4, "Y": 0.1}
    cells = erring({name: {"a": (share, 0.0), "b": (0.5, 0)} for name, share in shares.items()})
    above = of(certainty(framework, cells, **SURVEY))["above_next_probability"]
    assert above[["U", "V", "W", "X"]].tolist() == [1, 1, 1, 1]
    assert np.isnan(above["Y"])


def test_set_units__above_the_limit_there_are_simulation_intervals_only(framework, spread, certainty, monkeypatch):
    monkeypatch.setattr(room, "SET_UNITS", 3)
    found = certainty(framework, spread, **SURVEY, groups={"U": "north", "V": "north"})
    assert of(found)[["marginal_low", "simultaneous_high", "alike"]].isna().all(axis=None)
    assert of(found)[["rank", "simulated_low", "simulated_high", "standard_error"]].notna().all(axis=None)
    assert of(found)["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert of(found, ranked_in="north")["marginal_low"].notna().all()


def test_draws__one__has_an_interval_of_one_draw_and_no_sets(framework, spread, certainty):
    found = certainty(framework, spread, **SURVEY, draws=1)
    rows = of(found)
    assert (rows["simulated_low"] == rows["simulated_high"]).all()
    assert rows["standard_error"].isna().all()
    assert "marginal_low" not in rows
    assert found.effects.empty


@pytest.mark.parametrize("draws", [2, 7, 31, 33])
def test_draws__fewer_than_a_block_or_a_few_more(framework, spread, certainty, draws):
    found = certainty(framework, spread, **SURVEY, draws=draws)
    assert found.about["draws"] == found.about["effect_draws"] == draws
    assert 1 <= found.about["set_draws"] <= draws  # those that mirror no other
    rows = of(found)
    assert ((rows["simulated_low"] >= 1) & (rows["simulated_high"] <= 6)).all()
    if draws < 9:  # so few draws tell nothing apart
        assert rows["simultaneous_low"].tolist() == [1] * 6
        assert rows["simultaneous_high"].tolist() == [6] * 6


def test_draws__none__are_refused(framework, spread, certainty):
    with pytest.raises(InputError, match="0 draws say nothing of a rank"):
        certainty(framework, spread, draws=0)


def test_periods__more_than_one__are_refused(framework, spread, certainty):
    both = pd.concat([spread, spread.assign(period="2021")], ignore_index=True)
    with pytest.raises(InputError, match="The measurements are of 2 periods, 2020 to 2021"):
        certainty(framework, both)


def test_names__follow_the_agency(framework, erring, certainty):
    cells = {"U": {"a": (0.4, 0.01), "b": (0.5, 0.01)}, "V": {"a": (0.8, 0.2), "b": (0.5, 0.2)}}
    found = of(certainty(framework, erring(cells), **SURVEY, draws=2000))
    turned = of(certainty(framework, erring({"Z": cells["U"], "Á": cells["V"]}), **SURVEY, draws=2000))
    assert found.at["V", "standard_error"] > 5 * found.at["U", "standard_error"]
    assert turned.at["Á", "standard_error"] > 5 * turned.at["Z", "standard_error"]


def test_told__every_stage_in_the_order_of_the_progress(framework, spread):
    heard = []
    rank_uncertainty(
        framework,
        spread,
        ERROR_FACTOR.empty(),
        score(framework, spread),
        Uncertainty(),
        draws=8,
        seed=1,
        told=heard.append,
    )
    assert heard == list(room.SHARE_DONE)
    assert list(room.SHARE_DONE.values()) == sorted(room.SHARE_DONE.values())


def test_about__says_how_it_was_done(framework, spread, certainty):
    about = certainty(framework, spread, perturb=("weights", "survey", "tone"), draws=40, seed=9, level=0.8).about
    assert (about["draws"], about["seed"], about["level"]) == (40, 9, 0.8)
    assert json.loads(about["drawn"]) == ["survey", "weights"]  # nothing of the tone was measured
    assert json.loads(about["settings"])["weights"] == {"strength": 100.0}


def test_seed__the_same_gives_the_same(framework, spread, certainty):
    first, again, other = (certainty(framework, spread, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.intervals, again.intervals, check_exact=True)
    pd.testing.assert_frame_equal(first.effects, again.effects, check_exact=True)
    assert not first.intervals["share_low"].equals(other.intervals["share_low"])
