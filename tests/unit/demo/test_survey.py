"""The synthetic survey and, over many seeds, whether the intervals cover the true values as often as they claim."""

import re
from itertools import chain

import numpy as np
import pandas as pd
import pytest

from tasks.demo.answers import Opinion, spell
from tasks.demo.survey import FAULTS, as_answers, draw_survey
from tasks.evidence.surveys.design import build_design
from tasks.evidence.surveys.estimates import Variable, confidence_interval, estimate
from tasks.evidence.surveys.measure import measure
from tasks.evidence.surveys.pseudonyms import Pseudonyms, pseudonymise
from tasks.evidence.surveys.values import Round
from tasks.evidence.surveys.weights import fit_weights
from tasks.returns.recipients import ranked_agencies
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.survey import Scale, load_surveys

SEEDS = 200


@pytest.fixture(scope="module")
def framework():
    return load_framework("ministry_2020")


@pytest.fixture(scope="module")
def agencies(framework):
    return ranked_agencies(framework, "2020")[:6]


@pytest.fixture(scope="module")
def drawn(framework, agencies):
    return draw_survey(framework, agencies, 7, "2020", faults=dict.fromkeys(FAULTS, 0.03))


def answers_of(drawn):
    return as_answers(list(chain(*drawn.submissions.values())))


@pytest.fixture(scope="module")
def measured(framework, drawn):
    return measure(answers_of(drawn), framework, load_surveys(framework.folder), Round("r", "2020"))[::2]


def test_draw_survey__gives_the_same_survey_for_the_same_seed(framework, agencies, drawn):
    again = draw_survey(framework, agencies, 7, "2020", faults=dict.fromkeys(FAULTS, 0.03))
    assert again == drawn
    assert draw_survey(framework, agencies[:2], 8, "2020").submissions != drawn.submissions


def test_draw_survey__has_the_promised_size_for_63_provinces():
    province = load_framework("province_2020")
    made = draw_survey(province, ranked_agencies(province, "2020"), 1, "2020", faults={})
    counts = {name: len(rows) for name, rows in made.submissions.items()}
    assert counts == {"officials": 1500, "enterprises": 3000, "people": 12000}


def test_draw_survey__gives_flat_text_with_two_form_versions(drawn):
    for submissions in drawn.submissions.values():
        assert {one["version"] for one in submissions} >= {"1", "2"}
        assert all(isinstance(text, str) for one in submissions for text in one.values())
        assert [one["submitted_at"] for one in submissions] == sorted(one["submitted_at"] for one in submissions)
        assert len({one["_uuid"] for one in submissions}) == len(submissions)


def test_draw_survey__plants_names_and_numbers_that_are_nobodys(drawn):
    assert drawn.planted
    assert all(re.fullmatch(r"00000\d{8}|Người Mô Phỏng \d{8}", text) for text in drawn.planted)


def test_measure__brings_every_measurable_truth_to_light(drawn, measured):
    rows, _ = measured
    truth = {(one.agency, one.node): one.outcome for one in drawn.truth}
    found = set(zip(rows["agency"], rows["node"], strict=True))
    assert found == {cell for cell, outcome in truth.items() if outcome == "measured"}


def test_measure__finds_the_planted_faults(drawn, measured):
    _, summary = measured
    planted = pd.Series([one.kind for one in drawn.dirt]).value_counts()
    refused = pd.Series(dict.fromkeys(FAULTS, 0))
    for one in summary.surveys:
        for reason, count in one.refused.items():
            refused[reason.partition(":")[0]] += count
    for kind in ("weight missing", "weight zero or negative", "agency not known", "form version not mapped"):
        assert refused[kind] == planted[kind]
    flagged = pd.DataFrame([one.flagged for one in summary.surveys]).sum()
    assert flagged["duplicate"] == planted["duplicate"]
    assert flagged["impossible"] == planted["impossible"]
    assert flagged["speeder"] == planted["speeder"]


def test_pseudonymise__leaves_none_of_the_planted_names_and_numbers(framework, drawn):
    kept = pseudonymise(answers_of(drawn), load_surveys(framework.folder), Pseudonyms("k" * 32))
    cells = set(kept.to_numpy().ravel().tolist())
    assert cells.isdisjoint(drawn.planted)
    assert "00000" not in kept["submission_id"].str.cat()
    assert not kept.apply(lambda column: column.str.contains("Mô Phỏng|DTV mô phỏng")).to_numpy().any()


def test_pseudonymise__does_not_change_the_estimates(framework, drawn, measured):
    kept = pseudonymise(answers_of(drawn), load_surveys(framework.folder), Pseudonyms("k" * 32))
    again, _, _ = measure(kept, framework, load_surveys(framework.folder), Round("r", "2020"))
    pd.testing.assert_frame_equal(again, measured[0])


def test_opinion__expects_what_it_draws():
    rng, opinion = np.random.default_rng(1), Opinion(0.4)
    for kind in ("likert", "proportion"):
        drawn = opinion.draw(kind, np.arange(200_000), rng)
        assert drawn.mean() == pytest.approx(opinion.expected(kind), abs=0.005)


def test_spell__writes_as_the_form_stores_it():
    shares = np.array([0.0, 0.75, np.nan])
    rating = Scale(kind="likert", low=1, high=5, dont_know=frozenset({"9"}))
    assert spell(shares, rating).tolist() == ["1", "4", "9"]
    assert spell(shares, rating.model_copy(update={"reverse": True})).tolist() == ["5", "2", "9"]
    yes_no = Scale(kind="proportion", yes_answers=frozenset({"co"}), no_answers=frozenset({"khong"}))
    assert spell(shares, yes_no).tolist() == ["khong", "co", ""]


def seeds_as_agencies(share):
    """200 small surveys as one: each seed is an agency of two strata, 8 clusters of 12 persons in each."""
    parts = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        for stratum, units in (("x", 100 * share), ("y", 100 * (1 - share))):
            clusters = np.arange(96) % 8
            marks = {code: Opinion(MEANS[stratum, code]).draw(kind, clusters, rng) for code, kind in KINDS.items()}
            sex = rng.choice(["nam", "nu"], 96, p=[0.6, 0.4])
            plain = {"agency": f"{seed}", "stratum": stratum, "weight": units / 96, "population": np.nan}
            parts.append(pd.DataFrame(marks | {"cluster": clusters.astype(str), "margin:sex": sex} | plain))
    return pd.concat(parts, ignore_index=True)


KINDS = {"likert": "likert", "proportion": "proportion"}
MEANS = {("x", "likert"): 0.5, ("y", "likert"): -0.2, ("x", "proportion"): 0.9, ("y", "proportion"): 0.1}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_raked", [False, True], ids=["base weights", "raked"])
def test_confidence_interval__covers_the_truth_in_93_to_97_of_100_surveys(framework, kind, is_raked):
    """Over 200 seeds, 95 % intervals with the quantiles of t; the true value is the exact expectation."""
    share = 0.6
    rows = seeds_as_agencies(share)
    if is_raked:
        people = load_surveys(framework.folder).survey("people").model_copy(update={"rake": ("sex",)})
        units = [
            (f"{seed}", stratum, 100 * part) for seed in range(SEEDS) for stratum, part in (("x", 0.6), ("y", 0.4))
        ]
        margins = [(f"{seed}", "sex", sex, 50.0) for seed in range(SEEDS) for sex in ("nam", "nu")]
        rows["weight"], _ = fit_weights(
            rows,
            people,
            pd.DataFrame(units, columns=["agency", "stratum", "units"]),
            pd.DataFrame(margins, columns=["agency", "margin", "category", "units"]),
        )
    found = estimate(build_design(rows), {kind: Variable(rows[kind].to_numpy())}, rows["agency"])
    low, high = confidence_interval(found, proportion=kind == "proportion")
    parts = {"x": share, "y": 1 - share}
    truth = sum(part * Opinion(MEANS[stratum, kind]).expected(kind) for stratum, part in parts.items())
    assert len(found) == SEEDS
    assert 0.93 <= np.mean((low <= truth) & (truth <= high)) <= 0.97
