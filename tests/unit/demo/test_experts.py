"""The synthetic expert panel and, over many seeds, whether the intervals cover the truth as often as they claim."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.demo import experts as panel
from tasks.demo.expert_files import as_ratings, write_experts
from tasks.demo.experts import draw_experts
from tasks.evidence.experts.coding import code_ratings
from tasks.evidence.experts.estimates import estimate
from tasks.evidence.experts.measure import judged_criteria, measure
from tasks.evidence.experts.places import Places
from tasks.evidence.experts.pseudonyms import pseudonymise_ratings
from tasks.evidence.surveys.pseudonyms import Pseudonyms
from tasks.evidence.surveys.values import Round
from tasks.harmonise.items import ItemIndex
from tasks.returns.recipients import ranked_agencies
from tasks.sources.base import Page
from tasks.sources.expert_panel import SOURCE
from warehouse.frameworks.experts import Estimate, load_experts
from warehouse.frameworks.loader import load_framework

SEEDS = 200
WHERE = Round("r", "2020", "expert")


@pytest.fixture(scope="module", params=["province_2020", "ministry_2020"])
def framework(request):
    return load_framework(request.param)


@pytest.fixture(scope="module")
def agencies(framework):
    return ranked_agencies(framework, "2020")[:8]


@pytest.fixture(scope="module")
def drawn(framework, agencies):
    return draw_experts(framework, agencies, 7)


def kept_of(framework, ratings, key="k"):
    return pseudonymise_ratings(ratings, Pseudonyms(key * 32), Places.of(framework, "2020"), ItemIndex(framework))


@pytest.fixture(scope="module")
def measured(framework, drawn):
    ratings = kept_of(framework, as_ratings(drawn.ratings))
    return measure(ratings, framework, load_experts(framework.folder), WHERE)[::2]


def pages_of(folder, framework):
    files = sorted((folder / "experts" / framework.name).iterdir())
    return [Page(file.name, file.read_bytes()) for file in files]


def test_draw_experts__gives_the_same_panel_for_the_same_seed(framework, agencies, drawn):
    assert draw_experts(framework, agencies, 7) == drawn
    assert draw_experts(framework, agencies, 8).ratings != drawn.ratings


def test_write_experts__gives_the_same_bytes_and_an_entry_of_the_round(framework, agencies, drawn, tmp_path):
    truth, entries = write_experts(tmp_path / "one", framework, agencies, 7)
    write_experts(tmp_path / "two", framework, agencies, 7)
    assert truth == drawn.truth
    assert entries == [{"source": "expert_panel", "framework": framework.name, "path": f"experts/{framework.name}"}]
    assert pages_of(tmp_path / "one", framework) == pages_of(tmp_path / "two", framework)


def test_write_experts__the_files_say_what_was_drawn(framework, agencies, drawn, measured, tmp_path):
    write_experts(tmp_path, framework, agencies, 7)
    answers = SOURCE.read_answers(pages_of(tmp_path, framework))
    assert len(answers) == len(drawn.ratings)
    again, _, account = measure(kept_of(framework, answers), framework, load_experts(framework.folder), WHERE)
    pd.testing.assert_frame_equal(again, measured[0], check_exact=True)
    assert account == measured[1]


def test_write_experts__a_framework_without_a_panel_has_no_files(framework, tmp_path):
    assert write_experts(tmp_path, replace(framework, folder=tmp_path), [], 7) == ([], [])
    assert list(tmp_path.iterdir()) == []


def test_measure__brings_every_measurable_truth_to_light(drawn, measured):
    rows, account = measured
    expected = {(one.agency, one.node) for one in drawn.truth if one.outcome == "measured"}
    assert set(zip(rows["agency"], rows["node"], strict=True)) == expected
    assert len(account.suppressed) == len(drawn.truth) - len(expected) > 0


def test_measure__finds_the_planted_faults(drawn, measured):
    _, account = measured
    planted = Counter(one.kind for one in drawn.dirt)
    assert account.refused == {
        "agency not known or ambiguous": planted["agency not known"],
        "criterion not known": planted["criterion not known"],
        "rating off the scale": planted["rating off the scale"],
    }
    assert account.duplicates <= planted["duplicate"]
    assert account.own_agency > 0


def test_measure__leaves_out_the_praise_of_the_own_agency(framework, agencies, drawn, measured):
    praised = kept_of(framework, as_ratings(drawn.ratings)).assign(employed="unknown")
    biased, _, _ = measure(praised, framework, load_experts(framework.folder), WHERE)
    key = ["agency", "node"]
    gap = (biased.set_index(key)["value"] - measured[0].set_index(key)["value"]).groupby("agency").mean()
    employers = {agency.agency_id for agency in agencies if agency.agency_id in set(gap[gap > 0.05].index)}
    assert employers


def test_measure__another_key_changes_no_number(framework, drawn, measured):
    kept = kept_of(framework, as_ratings(drawn.ratings), "x")
    again, _, account = measure(kept, framework, load_experts(framework.folder), WHERE)
    pd.testing.assert_frame_equal(again, measured[0], check_exact=True)
    assert account == measured[1]


def test_pseudonymise__leaves_no_planted_name_or_word(framework, drawn, measured):
    kept = kept_of(framework, as_ratings(drawn.ratings))
    text = kept.to_csv() + measured[0].to_csv() + repr(measured[1])
    assert len(drawn.planted) > 50
    assert not [planted for planted in drawn.planted if planted in text]


def test_measure__the_second_round_comes_nearer_to_the_median(measured):
    (moved,) = measured[1].movement
    assert moved["iqr_after"] < moved["iqr_before"]
    assert moved["towards_median"] > 0.4
    assert measured[1].feedback == pytest.approx(panel._REVISING * panel._PART_OF_THE_WAY, abs=0.05)


@pytest.fixture(scope="module")
def panels():
    """200 panels of 40 experts, coded, with their true values: 3 ministries x 6 criteria in each."""
    framework = load_framework("ministry_2020")
    agencies, declaration = ranked_agencies(framework, "2020")[:3], load_experts(framework.folder)
    criteria, places, items = (
        judged_criteria(framework, declaration),
        Places.of(framework, "2020"),
        ItemIndex(framework),
    )
    found = []
    for seed in range(SEEDS):
        drawn = draw_experts(framework, agencies, seed)
        kept = pseudonymise_ratings(as_ratings(drawn.ratings), Pseudonyms("k" * 32), places, items)
        rows = code_ratings(kept, framework, declaration, criteria, places.agency_of).rows
        found.append((rows, pd.Series({(one.agency, one.node): one.value for one in drawn.truth}, name="truth")))
    return declaration, found


@pytest.mark.slow
@pytest.mark.parametrize(
    "said",
    [Estimate(), Estimate(statistic="median"), Estimate(statistic="trimmed_mean", trim=0.1)],
    ids=["weighted mean", "median", "trimmed mean"],
)
def test_interval__covers_the_truth_in_93_to_97_of_100_panels(panels, said):
    """95 % intervals over all cells of 200 panels whose experts share a leniency and follow a median.

    The truth is the expectation of the last round too: over the panels, the errors have no mean.
    """
    declaration = panels[0].model_copy(update={"estimate": said})
    many = pd.concat([estimate(rows, declaration).join(truth, on=["agency", "criterion"]) for rows, truth in panels[1]])
    assert len(many) == SEEDS * 18
    assert 0.93 <= np.mean((many["low"] <= many["truth"]) & (many["truth"] <= many["high"])) <= 0.97
    errors = (many["estimate"] - many["truth"]).to_numpy()
    by_panel = errors.reshape(SEEDS, -1).mean(axis=1)
    assert abs(by_panel.mean()) < 3 * by_panel.std() / SEEDS**0.5
    assert np.sqrt((many["standard_error"] ** 2).mean()) == pytest.approx(errors.std(), rel=0.1)
