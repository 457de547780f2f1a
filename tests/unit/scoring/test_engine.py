"""The frame that the engine gives, and what it does not depend on."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.scoring.arrays import expand
from tasks.scoring.engine import score
from tasks.scoring.evaluate import evaluate
from tasks.scoring.inputs import cells_of
from tasks.scoring.tree import Tree
from warehouse.errors import InputError

ROWS = (
    "code,parent,rule,parameters,aggregation,weight,missing,max_points",
    "T,,,,sum,,,10",
    "P,T,,,weighted_mean,,,6",
    "a,P,minmax,,,2,,",
    "b,P,zscore,clip=yes,,1,impute,",
    "Q,T,,,geometric_mean,,,4",
    "c,Q,tier,tiers=0:0.2|5:1,,1,,",
    "d,Q,linear,target=10,,3,exclude_and_reweight,",
)
CELLS = {
    "Hà Nội": {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0},
    "Bắc Ninh": {"a": 3.0, "c": 6.0, "d": 8.0},
    "Đà Nẵng": {"a": 2.0, "b": 5.0, "c": 9.0},
}


def test_score__columns_and_types(build, measured):
    scores = score(build(*ROWS), measured(CELLS))
    assert {name: str(dtype) for name, dtype in scores.dtypes.items()} == {
        "period": "str",
        "agency": "str",
        "node": "str",
        "level": "str",
        "value": "float64",
        "points": "float64",
        "max_points": "float64",
        "share": "float64",
        "rank": "Int64",
        "group": "str",
        "group_rank": "Int64",
        "status": "str",
    }


def test_score__sorted_by_period_agency_and_tree(build, measured):
    frame = pd.concat([measured(CELLS, "2021"), measured(CELLS, "2020")], ignore_index=True)
    scores = score(build(*ROWS), frame)
    assert list(dict.fromkeys(scores["period"])) == ["2020", "2021"]
    assert list(dict.fromkeys(scores["agency"])) == ["Bắc Ninh", "Hà Nội", "Đà Nẵng"]
    assert list(scores["node"][:7]) == ["T", "P", "a", "b", "Q", "c", "d"]
    assert list(scores["level"][:4]) == ["l0", "l1", "l2", "l2"]


def test_score__one_row_per_agency_node_and_period(build, measured):
    frame = pd.concat([measured(CELLS, "2021"), measured(CELLS, "2020")], ignore_index=True)
    scores = score(build(*ROWS), frame)
    assert not scores.duplicated(["period", "agency", "node"]).any()
    assert len(scores) == 2 * 3 * 7


def test_score__order_of_the_rows_makes_no_difference_to_the_last_digit(build, measured):
    frame = measured(CELLS)
    shuffled = frame.sample(frac=1.0, random_state=7)
    pd.testing.assert_frame_equal(score(build(*ROWS), shuffled), score(build(*ROWS), frame), check_exact=True)


def test_score__without_a_period(build, measured):
    scores = score(build(*ROWS), measured(CELLS).drop(columns="period"))
    assert set(scores["period"]) == {""}


@pytest.mark.parametrize(
    ("stages", "share"),
    [
        (("self_reported", "appraised", "final"), 0.3),
        (("final", "appraised", "self_reported"), 0.1),
        (("self_reported", "appraised", ""), 0.3),
        (("self_reported", "appraised", None), 0.3),
    ],
)
def test_stage__the_last_one_present_counts(build, stages, share):
    framework = build("code,parent,rule", "T,,", "a,T,published")
    frame = pd.DataFrame({"agency": "X", "node": "a", "value": [0.1, 0.2, 0.3], "stage": list(stages)})
    assert score(framework, frame)["share"].tolist() == [share, share]


def test_engine__draws_give_what_one_draw_gives_to_the_last_digit(build, measured):
    tree = Tree.of(build(*ROWS))
    cells = cells_of(measured(CELLS), tree, "x")
    once = evaluate(tree, cells)
    many = evaluate(tree, replace(cells, values=np.repeat(cells.values[:, :, None], 4, axis=2)))
    np.testing.assert_array_equal(many.shares, np.broadcast_to(expand(once.shares, 3), many.shares.shape))
    np.testing.assert_array_equal(many.status, once.status)


FAR = {"U": {"a": 1.5e308, "b": 0.5}, "V": {"a": -1.5e308, "b": 0.5}, "W": {"a": 0.0, "b": 0.1}}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("rows", "cells", "said"),
    [
        (["a,T,published,scale=1e-10,"], FAR, "a of U in 2020 has the share inf: its values are too large"),
        (["a,T,minmax,,"], FAR, "a of U in 2020 has a share that cannot be computed: its values are too large"),
        (
            ["P,T,,,penalised_mean", "a,P,published,,"],
            {"U": {"a": 1e200, "b": 0.5}},
            "P of U in 2020 has the share -inf",
        ),
    ],
)
def test_score__a_share_that_is_not_finite__is_refused(build, measured, rows, cells, said):
    leaf = f"b,{'P' if rows[0].startswith('P') else 'T'},published,,"
    framework = build("code,parent,rule,parameters,aggregation", "T,,,,mean", *rows, leaf)
    with pytest.raises(InputError, match=said):
        score(framework, measured(cells))


def test_engine__does_not_change_the_measurements(build, measured):
    frame = measured(CELLS)
    before = frame.copy()
    score(build(*ROWS), frame)
    pd.testing.assert_frame_equal(frame, before)


def test_import__does_not_pull_the_heavy_libraries():
    program = (
        "import sys, tasks.scoring.engine, tasks.scoring.files;"
        "print(sorted({'prefect', 'great_expectations', 'sqlalchemy', 'scipy', 'openpyxl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
