"""What measurements of tone share: the matrix, the posts, the middle; against rounds repeated many times."""

import json

import numpy as np
import pandas as pd
import pytest

from tasks.evidence.surveys.values import Round
from tasks.evidence.tone.counting import table
from tasks.evidence.tone.measure import Corrections, measure
from tasks.evidence.tone.model import POLARITIES, ModelCard
from tasks.evidence.tone.prevalence import NET, Confusion
from tasks.evidence.tone.weigh import COUNTS, KEPT, weigh
from tests.unit.evidence.tone.test_weigh import table as mentions
from warehouse.frames import ERROR_FACTOR
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.tone import ToneDeclaration

CARD = ModelCard("local", "1", "f" * 64, "e" * 64)
RATES = np.array([[0.8, 0.13, 0.07], [0.15, 0.7, 0.15], [0.07, 0.13, 0.8]])
CHANNELS = ("news", "comment", "app_review")
YAML = "framework: tiny\nlevels:\n  - {level: index}\n  - {level: criterion}\n"
NODES = """\
code,parent,level,name_en,max_points,evidence,rule,parameters,unit
X,,index,Index,20,,,,
X.1,X,criterion,Ease,10,tone,tone,,
X.2,X,criterion,Trust,10,tone,tone,,
"""
DECLARED = ToneDeclaration.model_validate(
    {
        "framework": "tiny",
        "minimum_n": 30,
        "minimum_channel_n": 10,
        "criteria": {code: {"aspects": ["delay"]} for code in ("X.1", "X.2")},
    }
)


@pytest.fixture
def framework(tmp_path):
    (tmp_path / "framework.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "nodes.csv").write_text(NODES, encoding="utf-8")
    return load_framework(tmp_path)


def counts(*rows):
    plain = {"criterion": "X.1", "channel": "comment", "month": "", "variant": KEPT, "posts": 100, "stories": 90}
    plain |= {"authors": 80, "removed": 5, "effective_n": 80.0, "snapshots": '["a"]', "voices": "[]"}
    return pd.DataFrame([plain | row for row in rows], columns=list(COUNTS)).astype(COUNTS)


def labels(shares, posts=100.0):
    return dict(zip(POLARITIES, np.asarray(shares) * posts, strict=True))


def measured(framework, rows, matrix=None, **audited):
    matrix = matrix or Confusion(RATES * 100)
    known = Corrections(CARD, dict.fromkeys(CHANNELS, (matrix, "validation")), **audited)
    found, factors, _ = measure(rows, framework, DECLARED, known, Round("r", "2020", "tone"))
    return found, factors


def covariance(found, factors):
    cells = pd.MultiIndex.from_frame(found[["agency", "node"]])
    wide = factors.pivot(index="factor", columns=["agency", "node"], values="loading").fillna(0.0)
    return (wide.T @ wide).reindex(index=cells, columns=cells).fillna(0.0)


def test_confusion__the_ways_of_two_strata_give_the_covariance_of_their_errors():
    """The same labels of two strata, corrected by matrices of posts that are labelled anew each time."""
    random, truth = np.random.default_rng(8), np.repeat([0, 1, 2], 120)
    strata = np.array([[70.0, 20, 10], [15, 25, 60]])
    tones, stated = [], []
    for seed in range(250):
        above = RATES.cumsum(axis=1)[truth] < random.random((len(truth), 1))
        matrix = Confusion(table(truth, np.minimum(above.sum(axis=1), 2)), seed=seed)
        found = [matrix.adjusted(one, 1e9) for one in strata]
        tones.append([one.tone for one in found])
        stated.append(np.outer(*(one.common_way for one in found)).trace())
        assert [one.common_way @ one.common_way for one in found] == pytest.approx([one.common for one in found])
    made = np.cov(np.array(tones).T)
    assert np.mean(stated) == pytest.approx(made[0, 1], abs=0.25 * np.sqrt(made[0, 0] * made[1, 1]))
    assert abs(made[0, 1]) < 0.9 * np.sqrt(made[0, 0] * made[1, 1])  # not all agencies are off by the same


def repeated_round(framework, random, agencies=8, posts=150, labelled=200):
    """A round of one channel and criterion: errors that were made, and their stated covariance."""
    truth = random.dirichlet([6, 4, 5], size=agencies)
    seen = np.array([random.multinomial(posts, RATES.T @ one) for one in truth])
    known = random.choice(3, size=labelled)
    above = RATES.cumsum(axis=1)[known] < random.random((labelled, 1))
    matrix = Confusion(table(known, np.minimum(above.sum(axis=1), 2)), seed=int(random.integers(2**31)))
    rows = [
        {"agency": f"a{at:02d}", "effective_n": float(posts), **labels(one, 1)}
        for at, one in enumerate(seen.astype(float))
    ]
    found, factors = measured(framework, counts(*rows), matrix)
    return found["value"].to_numpy() - truth @ NET, covariance(found, factors).to_numpy()


def test_shared_errors__of_rounds_repeated_many_times__are_the_covariance_of_the_errors(framework):
    random = np.random.default_rng(21)
    made, stated = (
        np.array(part) for part in zip(*(repeated_round(framework, random) for _ in range(160)), strict=True)
    )
    apart = ~np.eye(made.shape[1], dtype=bool)
    products = np.einsum("ra,rb->rab", made, made)
    assert stated[:, ~apart].mean() == pytest.approx(products[:, ~apart].mean(), rel=0.2)
    together = products[:, apart].mean() / products[:, ~apart].mean()
    assert stated[:, apart].mean() / stated[:, ~apart].mean() == pytest.approx(together, abs=0.08)
    assert together > 0.2


def everything(framework):
    """Nine agencies, two criteria, three channels; one without news, one stratum corrected by its own audit."""
    random, rows = np.random.default_rng(2), []
    for at in range(9):
        for channel in CHANNELS[1:] if at == 8 else CHANNELS:
            for code, heard in (("X.1", [1.0, 0.0]), ("X.2", [0.6, 0.8])):
                where = {"agency": f"province-{at}", "criterion": code, "channel": channel, "voices": json.dumps(heard)}
                rows.append(where | labels(random.dirichlet([6, 4, 5]), 90))
    audited = {("province-0", "comment", "X.1"): (np.eye(3)[[0] * 60], np.eye(3)[[0] * 40 + [2] * 20], np.ones(60))}
    return measured(framework, counts(*rows), audited=audited)


def test_shared_errors__the_squares_of_a_cell_sum_to_the_square_of_its_standard_error(framework):
    found, factors = everything(framework)
    assert list(factors.columns) == list(ERROR_FACTOR.columns)
    assert len(found) == 18
    squares = np.diag(covariance(found, factors))
    assert squares == pytest.approx(found["standard_error"].to_numpy() ** 2, rel=1e-9)


def test_shared_errors__name_channels_agencies_and_criteria_only(framework):
    _, factors = everything(framework)
    shapes = factors["factor"].str.replace(r"province-\d", "AGENCY", regex=True)
    shapes = shapes.str.replace(r"X\.\d", "NODE", regex=True).str.replace(r":\d$", ":N", regex=True)
    assert set(shapes) == {
        *(f"tone:{channel}:N" for channel in CHANNELS),
        *(f"tone:AGENCY:{channel}:N" for channel in CHANNELS),
        "tone:NODE",
        "tone:AGENCY:NODE",
    }


def test_shared_errors__criteria_of_the_same_posts_go_together_more_than_those_of_different_agencies(framework):
    found, factors = everything(framework)
    both = covariance(found, factors)
    same = both.loc[("province-3", "X.1"), ("province-3", "X.2")]
    other = both.loc[("province-3", "X.1"), ("province-4", "X.2")]
    assert same > 3 * abs(other)


def test_shared_errors__few_agencies_with_a_known_matrix_share_nothing_but_posts(framework):
    rows = [
        {"agency": agency, "criterion": code, "voices": json.dumps(heard), **labels((0.4, 0.3, 0.3))}
        for agency in ("a", "b")
        for code, heard in (("X.1", [1.0, 0.0]), ("X.2", [0.6, 0.8]))
    ]
    found, factors = measured(framework, counts(*rows), Confusion(RATES * 1e9))
    both = covariance(found, factors)
    errors = found.set_index(["agency", "node"])["standard_error"]
    together = both / np.outer(errors, errors)
    assert together.loc[("a", "X.1"), ("a", "X.2")] == pytest.approx(0.6, abs=1e-3)
    assert together.loc[("a", "X.1"), ("b", "X.1")] == pytest.approx(0.0, abs=1e-3)


def test_shared_errors__of_a_cell_with_too_few_posts__are_none(framework):
    rows = [{"agency": agency, "effective_n": n, **labels((0.4, 0.3, 0.3))} for agency, n in (("a", 80.0), ("b", 12.0))]
    rows.append({"agency": "a", "criterion": "X.2", **labels((0.2, 0.3, 0.5))})
    _, factors = measured(framework, counts(*rows))
    assert set(factors["agency"]) == {"a"}


def test_voices__are_the_correlation_of_criteria_that_count_the_same_posts():
    """Twelve authors tell of the first criterion, sixteen of the second, eight of them of both, two of them often."""
    bits = [1] * 4 + [3] * 8 + [2] * 8
    posts = [{"criteria": bit, "author": f"w{at}"} for at, bit in enumerate(bits)]
    posts += [{"criteria": 3, "author": author} for author in ("w4", "w4", "w5")]
    rows = weigh(mentions(*posts), ["X.1", "X.2"])
    first, second = (np.array(json.loads(text)) for text in rows.loc[rows["variant"] == KEPT, "voices"][:2])
    by_author = pd.DataFrame(posts).assign(one=lambda own: own["criteria"] & 1, two=lambda own: own["criteria"] // 2)
    weights = by_author.groupby("author")[["one", "two"]].sum().to_numpy(dtype=float)
    random = np.random.default_rng(3)
    opinions = random.choice(NET, size=(20_000, len(weights)))  # an author is of one opinion
    made = np.corrcoef((opinions @ weights).T)[0, 1]
    assert first @ second == pytest.approx(made, abs=0.02)
    assert second @ second == pytest.approx(1, abs=1e-5)


def test_voices__spam_and_the_variant_with_it_are_not_heard():
    rows = weigh(mentions({"criteria": 1}, {"criteria": 3}), ["X.1", "X.2"]).set_index(["criterion", "variant"])
    assert set(rows.loc[rows.index.get_level_values("variant") != KEPT, "voices"]) == {"[]"}
    assert json.loads(rows.loc[("X.1", KEPT), "voices"]) == [1.0, 0.0]


def test_voices__of_news_follow_the_stories_where_these_are_fewer():
    printed = [{"channel": "news", "author": f"paper{at}", "folded": "a" * 60, "criteria": 3} for at in range(6)]
    other = [{"channel": "news", "author": f"other{at}", "criteria": 1 + at} for at in range(2)]
    rows = weigh(mentions(*printed, *other), ["X.1", "X.2"])
    heard = [json.loads(text) for text in rows.loc[rows["variant"] == KEPT, "voices"][:2]]
    assert np.dot(*heard) == pytest.approx(0.5)  # one story in common, and one of its own each
