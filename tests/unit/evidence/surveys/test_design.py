import numpy as np
import pandas as pd
import pytest

from tasks.evidence.surveys.design import build_design


def answers(*rows):
    frame = pd.DataFrame(rows, columns=["agency", "stratum", "cluster"])
    return frame.assign(weight=1.0, population=20.0)


def test_build_design__numbers_clusters_within_strata():
    design = build_design(answers(("a", "x", "1"), ("a", "y", "1"), ("a", "x", "2"), ("a", "y", "2")))
    assert design.strata.tolist() == [0, 1, 0, 1]
    assert len(set(design.clusters.tolist())) == 4
    assert design.sampled_share.tolist() == [0.1, 0.1]
    assert design.population.tolist() == [20.0] * 4


def test_build_design__takes_each_respondent_for_a_cluster_where_there_is_none():
    design = build_design(answers(("a", "x", ""), ("a", "x", "")))
    assert len(set(design.clusters.tolist())) == 2


def test_build_design__merges_a_stratum_of_one_cluster_within_its_agency():
    lone = [("a", "z", "1"), ("a", "z", "1")]
    design = build_design(answers(*lone, ("a", "x", "1"), ("a", "x", "2"), ("b", "x", "1"), ("b", "x", "2")))
    assert design.strata[0] == design.strata[2] != design.strata[4]
    assert design.lone == ("a: z",)
    assert design.sampled_share[design.strata[0]] == pytest.approx(3 / 40)


def test_build_design__merges_strata_of_one_cluster_with_each_other():
    design = build_design(answers(("a", "x", "1"), ("a", "y", "1")))
    assert design.strata[0] == design.strata[1]


def test_build_design__leaves_an_agency_of_one_cluster():
    design = build_design(answers(("a", "x", "1"), ("b", "x", "1"), ("b", "x", "2")))
    assert design.lone == ()


def test_build_design__claims_no_finite_population_where_it_is_unknown():
    design = build_design(answers(("a", "x", "1"), ("a", "x", "2")).assign(population=np.nan))
    assert design.sampled_share.tolist() == [0.0]


def test_build_design__more_clusters_than_there_are__claims_nothing_from_that_population_and_says_so():
    rows = answers(("Hà Giang", "x", "1"), ("Hà Giang", "x", "2")).assign(population=1.0)
    design = build_design(rows)
    assert design.sampled_share.tolist() == [0.0]
    assert design.oversampled == ("Hà Giang: x",)
