"""What the measurements of a panel share: against the joint bootstrap, and against panels drawn many times."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tasks.evidence.experts.estimates import cells_of, estimate, estimate_jointly, statistic_of
from tasks.evidence.experts.joint import Panel, Parts, parts_of, pull_of_raters, shared_errors
from warehouse.frameworks.experts import Estimate

CODES = tuple("abcdefgh")


STATISTICS = {
    "mean": Estimate(),
    "median": Estimate(statistic="median"),
    "trimmed": Estimate(statistic="trimmed_mean", trim=0.1),
}


def panel(random, experts=40, share=0.5, cells=6, *, follow=0.0):
    """Cells of experts of whom some are severe everywhere; who follows goes that part of the way to the median."""
    severe, found = random.normal(0, 1.2, experts), []
    for at in range(cells):
        who = np.flatnonzero(random.random(experts) < share)
        first = 6 + severe[who] * (1 if at % 2 else 0.7) + random.normal(0, 0.8, len(who))
        found.append((who, first, first + follow * (np.median(first) - first)))
    return found


def rows_of(cells, *, rounds=1):
    tables = []
    for at, (who, first, last) in enumerate(cells):
        plain = {"expert": [f"e{one}" for one in who], "agency": CODES[at // 2], "criterion": f"X.{1 + at % 2}"}
        plain |= {"confidence": 1.0, "first": first}
        tables.append(pd.DataFrame(plain | {"round": rounds, "rating": last, "last_round": True}))
        if rounds > 1:
            tables.append(pd.DataFrame(plain | {"round": 1, "rating": first, "last_round": False}))
    return pd.concat(tables, ignore_index=True)


def upper(table):
    return table[np.triu_indices(len(table), 1)]


def correlation(panel):
    return panel.pulls.T @ panel.pulls


@pytest.mark.parametrize("follow", [0.0, 0.6], ids=["one round", "two rounds"])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_pulls__of_panels_drawn_many_times__are_the_correlation_of_the_estimates(declare, statistic, follow):
    random = np.random.default_rng(11)
    said = declare(estimate=STATISTICS[statistic].model_dump(), bootstrap={"replicates": 300, "seed": 5})
    panels = [panel(random, follow=follow) for _ in range(1_500)]
    made = [
        [float(statistic_of(said.estimate, last, np.ones((1, len(last))))[0]) for _, _, last in cells]
        for cells in panels
    ]
    together = upper(np.corrcoef(np.array(made).T))
    rows = [rows_of(cells, rounds=2 if follow else 1) for cells in panels[:40]]
    stated = upper(np.mean([correlation(estimate_jointly(each, said)[1]) for each in rows], axis=0))
    assert together.mean() > 0.15
    assert stated.mean() == pytest.approx(together.mean(), abs=0.04)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_pulls__are_the_correlation_of_the_joint_bootstrap(declare, statistic):
    """Estimated with other draws, so that the noise of the draws does not agree by itself."""
    rows = rows_of(panel(np.random.default_rng(2)))
    said = declare(estimate=STATISTICS[statistic].model_dump(), bootstrap={"replicates": 4_000, "seed": 5})
    _, panels = estimate_jointly(rows, said)
    cells, experts = cells_of(rows)
    draws = np.random.default_rng(77).standard_exponential((4_000, experts))
    replicates = [statistic_of(said.estimate, cell.last, draws[:, cell.experts]) for cell in cells.values()]
    apart = upper(correlation(panels)) - upper(np.corrcoef(replicates))
    assert np.abs(apart).max() < 0.08
    assert abs(apart.mean()) < 0.03


def test_pulls__of_a_mean_are_the_deviations_of_the_raters(declare):
    marks = np.array([3.0, 5.0, 6.0, 6.0, 9.0, 4.0, 8.0, 7.0])
    draws = np.random.default_rng(1).standard_exponential((20_000, 8))
    found = pull_of_raters(draws @ marks / draws.sum(axis=1), draws)
    away = (marks - marks.mean()) / np.linalg.norm(marks - marks.mean())
    assert found / np.linalg.norm(found) == pytest.approx(away, abs=0.03)
    assert 0.8 < np.linalg.norm(found) < 1


def test_pulls__cells_without_a_common_rater_are_independent(declare):
    rows = rows_of(panel(np.random.default_rng(4), cells=2, share=0.9))
    apart = rows.assign(expert=rows["expert"] + rows["criterion"])
    assert abs(correlation(estimate_jointly(rows, declare())[1])[0, 1]) > 0.3
    assert correlation(estimate_jointly(apart, declare())[1])[0, 1] == 0.0


def test_estimate__is_what_it_was_without_the_pulls(declare):
    rows = rows_of(panel(np.random.default_rng(4)))
    pd.testing.assert_frame_equal(estimate(rows, declare()), estimate_jointly(rows, declare())[0], check_exact=True)


def test_pulls__raters_who_all_agree_pull_nowhere():
    assert pull_of_raters(np.full(50, 7.0), np.ones((50, 3))).tolist() == [0.0] * 3


@pytest.fixture
def judged(measure_all):
    """Measurements and factors of two criteria and agencies by the same twelve experts, one of them by four only."""

    def run(**changes):
        random = np.random.default_rng(9)
        severe = random.integers(-2, 3, 12)
        rows = [
            {
                "expert": f"pseudonym{number}",
                "agency": agency,
                "criterion": code,
                "rating": str(int(np.clip(6 + severe[number] + random.integers(-1, 2), 1, 10))),
            }
            for agency, code in (("Hà Giang", "X.1"), ("Hà Giang", "X.2"), ("Cao Bằng", "X.1"), ("Cao Bằng", "X.2"))
            for number in range(4 if (agency, code) == ("Cao Bằng", "X.2") else 12)
        ]
        return measure_all(*rows, minimum_experts=5, **changes)

    return run


@pytest.mark.parametrize("statistic", ["confidence_weighted_mean", "median"])
def test_shared_errors__the_squares_of_a_cell_sum_to_the_square_of_its_standard_error(judged, statistic):
    rows, factors, _ = judged(estimate={"statistic": statistic})
    squares = factors.assign(square=factors["loading"] ** 2).groupby(["agency", "node"])["square"].sum()
    errors = rows.set_index(["agency", "node"])["standard_error"]
    assert squares.reindex(errors.index).to_numpy() == pytest.approx(errors.to_numpy() ** 2, rel=1e-9)
    assert set(factors["source"]) == {"expert"}


def test_shared_errors__span_agencies_and_criteria(judged):
    rows, factors, _ = judged()
    table = factors.pivot(index="factor", columns=["agency", "node"], values="loading").fillna(0.0)
    errors = rows.set_index(["agency", "node"])["standard_error"].reindex(table.columns)
    together = table.T @ table / np.outer(errors, errors)
    assert upper(together.to_numpy()).min() > 0.3


def test_shared_errors__of_a_suppressed_cell_are_none_and_no_expert_is_a_factor(judged):
    rows, factors, _ = judged()
    assert len(rows) == 3
    assert set(zip(factors["agency"], factors["node"], strict=True)) == set(
        zip(rows["agency"], rows["node"], strict=True)
    )
    assert "expert:*:*:1" in set(factors["factor"])  # the same experts judged all: one factor, not as many as experts
    assert factors["factor"].str.fullmatch(r"expert:(\*:\*|\w+:\*|\*:X\.\d):1|expert:\w+:X\.\d").all()
    assert "pseudonym" not in factors.to_csv()


def test_shared_errors__of_one_cell_are_its_own_and_say_how_well_they_are_known(measure_all):
    rows, factors, _ = measure_all(*({"expert": f"e{at}", "rating": str(4 + at)} for at in range(5)))
    assert factors["factor"].tolist() == ["expert:hg:X.1"]
    assert factors["loading"].tolist() == pytest.approx(rows["standard_error"].tolist())
    assert factors["degrees_of_freedom"].tolist() == pytest.approx([4.0])


def test_shared_errors__have_the_degrees_of_freedom_of_all_experts_of_a_block(measure_all):
    random = np.random.default_rng(1)
    rows = [
        {"expert": f"e{number}", "criterion": code, "rating": str(int(6 + random.integers(-2, 3)) - number % 2)}
        for code, experts in (("X.1", 12), ("X.2", 5))
        for number in range(experts)
    ]
    _, factors, _ = measure_all(*rows)
    by_factor = factors.groupby("factor")["degrees_of_freedom"].agg(["min", "max"])
    assert by_factor.loc[["expert:hg:X.1", "expert:hg:X.2"], "min"].tolist() == pytest.approx([11.0, 4.0])
    # Five experts have shares of 1/12 + 1/5, seven of 1/12: effectively 8.9.
    kish = 2**2 / (5 * (1 / 12 + 1 / 5) ** 2 + 7 * (1 / 12) ** 2)
    assert by_factor.drop(["expert:hg:X.1", "expert:hg:X.2"]).to_numpy() == pytest.approx(kish - 1)


def crossed(random, experts, agencies, criteria, panel, agency, criterion):
    """Pulls of a panel whose errors have these parts in common, every expert in every cell; and the numbers."""
    draw = random.standard_normal
    errors = np.sqrt(panel) * draw((experts, 1, 1)) + np.sqrt(agency) * draw((experts, agencies, 1))
    errors = errors + np.sqrt(criterion) * draw((experts, 1, criteria))
    own = np.sqrt(1 - panel - agency - criterion) * draw((experts, agencies, criteria))
    about = (errors + own).reshape(experts, -1)
    about = about - about.mean(axis=0)
    shares = np.full(about.shape, 1 / experts)
    places = np.divmod(np.arange(about.shape[1]), criteria)
    return Panel(about / np.linalg.norm(about, axis=0), shares), *places


@pytest.mark.parametrize("true", [(0.4, 0.2, 0.1), (0.0, 0.3, 0.0), (0.9, 0.0, 0.0), (0.0, 0.0, 0.0)])
def test_parts__are_those_that_the_panel_was_made_of(true):
    random = np.random.default_rng(7)
    found = [parts_of(*crossed(random, 30, 40, 12, *true)) for _ in range(30)]
    mean = np.mean([(one.panel, one.agency, one.criterion) for one in found], axis=0)
    assert mean == pytest.approx(true, abs=0.03)


@pytest.mark.parametrize("experts", [3, 7])
def test_parts__of_few_experts__are_found_from_many_cells(experts):
    random = np.random.default_rng(5)
    found = [parts_of(*crossed(random, experts, 63, 4, 0.3, 0.2, 0.0)).agency for _ in range(60)]
    assert np.mean(found) == pytest.approx(0.2, abs=0.06)


@pytest.mark.parametrize(("experts", "judges", "least"), [(12, 7, 0.85), (40, 8, 0.85), (30, 3, 0.75)])
def test_parts__of_cells_that_share_some_experts(experts, judges, least):
    # Correlations of few are found somewhat too small (R. A. Fisher, Biometrika 10, 1915).
    random, found = np.random.default_rng(2), []
    agencies, criteria = np.divmod(np.arange(63 * 4), 4)
    for _ in range(40):
        draw = random.standard_normal
        marks = np.sqrt(0.3) * draw((experts, 1)) + np.sqrt(0.3) * draw((experts, 63))[:, agencies]
        marks = marks + np.sqrt(0.4) * draw((experts, 252))
        judged = random.random((experts, 252)).argsort(axis=0).argsort(axis=0) < judges
        shares = judged / judges
        about = np.where(judged, marks - (marks * shares).sum(axis=0), 0.0) * shares
        parts = parts_of(Panel(about / np.linalg.norm(about, axis=0), shares), agencies, criteria)
        found.append((parts.panel, parts.agency))
    mean = np.mean(found, axis=0) / 0.3
    assert mean.min() >= least
    assert mean.max() <= 1.1


@pytest.mark.parametrize("cells", [3, 60, 252])
def test_parts__without_a_common_expert_there_are_none(cells):
    random, each = np.random.default_rng(1), np.eye(cells)
    pulls, shares = random.standard_normal((cells, 3)), random.dirichlet(np.ones(3), cells)
    pulls /= np.linalg.norm(pulls, axis=1)[:, None]
    apart = [np.einsum("ij,ik->ikj", each, of).reshape(3 * cells, cells) for of in (pulls, shares)]
    panel = Panel(*apart)
    assert parts_of(panel, *np.divmod(np.arange(cells), 4)) == Parts(0.0, 0.0, 0.0)


def test_parts__where_everybody_says_the_same_everywhere__are_none():
    panel = Panel(np.zeros((5, 4)), np.full((5, 4), 0.2))
    assert parts_of(panel, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == Parts(0.0, 0.0, 0.0)


@given(
    arrays(float, st.tuples(st.integers(2, 5), st.integers(1, 9)), elements=st.integers(-4, 4)),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None)
def test_parts__are_parts_of_a_whole(marks, seed):
    random = np.random.default_rng(seed)
    about = marks - marks.mean(axis=0)
    lengths = np.linalg.norm(about, axis=0)
    panel = Panel(about / np.where(lengths > 0, lengths, 1), np.full(marks.shape, 1 / len(marks)))
    cells = marks.shape[1]
    found = parts_of(panel, random.integers(0, 3, cells), random.integers(0, 3, cells))
    parts = (found.panel, found.agency, found.criterion)
    assert min(parts) >= 0
    assert sum(parts) <= 1 + 1e-9


def test_shared_errors__of_panels_drawn_many_times__are_the_covariance_of_the_estimates(declare, tiny):
    """Three agencies by two criteria, experts who are severe and biased."""
    random = np.random.default_rng(3)
    said = declare(bootstrap={"replicates": 200, "seed": 5})
    pairs = {"same agency": (0, 1), "same criterion": (0, 2), "neither": (0, 3)}
    estimates, stated = [], []
    for number in range(6_000):
        experts, draw = 12, random.standard_normal
        marks = 5 + draw((experts, 1, 1)) + 0.8 * draw((experts, 3, 1)) + 0.5 * draw((experts, 1, 2))
        marks = (marks + draw((experts, 3, 2))).reshape(experts, 6)
        estimates.append(marks.mean(axis=0))
        if number < 120:
            cells = [(np.arange(experts), of, of) for of in marks.T]
            found, panel = estimate_jointly(rows_of(cells), said)
            rows = found.rename(columns={"criterion": "node"}).assign(framework="t", round="r", period="2020")
            factors = shared_errors(rows.assign(source="expert"), panel, found["degrees_of_freedom"].to_numpy())
            table = factors.pivot(index="factor", columns=["agency", "node"], values="loading").fillna(0.0).to_numpy()
            stated.append(table.T @ table)
    true, mean = np.cov(np.array(estimates).T), np.mean(stated, axis=0)
    for kind, place in pairs.items():
        assert mean[place] == pytest.approx(true[place], rel=0.2), kind
    assert np.diag(mean).mean() == pytest.approx(np.diag(true).mean(), rel=0.1)
