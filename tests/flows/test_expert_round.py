"""The annual round with its expert panel: what is published, and that no expert can be found in it."""

import json
import re

import pandas as pd
import pytest

from tasks.sources.base import Page
from tasks.sources.expert_panel import SOURCE
from warehouse.engine import connect
from warehouse.queries import choose_vintage, measurements
from warehouse.settings import get_settings

# How what `tasks.demo.experts` plants begins, as text and as JSON may escape it.
WORDS = ("CGMP-", "Chuyên Gia Mô Phỏng", "Viện Nghiên cứu Mô Phỏng", "Nhận xét mô phỏng")
PLANTED = {form for word in WORDS for form in (word.encode(), json.dumps(word)[1:-1].encode())}


def planted_in(content):
    return {form for form in PLANTED if form in content}


def test_planted__is_what_the_files_of_the_round_hold(small_round):
    books = [Page("", book.read_bytes()) for book in (small_round / "experts").rglob("*.xlsx")]
    assert planted_in(SOURCE.read_answers(books).to_csv().encode()) >= {
        word.encode() for word in WORDS if "Gia" not in word
    }


def test_expert_round__publishes_estimates_near_the_truth(once, small_round):
    done = once("run", "annual", "--round", str(small_round))
    assert re.search(r"Expert panel: \d+ of \d+ ratings by \d+ experts in 2 rounds count", done.stdout)
    engine = connect(get_settings().url)
    held = measurements(engine, choose_vintage(engine, "province_2020", "2020"), all_stages=True)
    held = held[held["source"] == "expert"].set_index(["agency", "node"])
    truth = pd.read_csv(small_round / "truth_of_experts.csv").set_index(["agency", "node"])
    assert set(held.index) == set(truth.index[truth["outcome"] == "measured"])
    assert set(truth["outcome"]) == {"measured", "missing"}
    apart = (held["value"] - truth["value"].reindex(held.index)) / held["standard_error"]
    assert apart.abs().mean() < 2


def test_expert_round__nobody_is_found_outside_the_snapshots(once, small_round, home, prefect_home):
    once("run", "annual", "--round", str(small_round))
    files = [file for root in (home, prefect_home) for file in root.rglob("*") if file.is_file()]
    looked_at = [file for file in files if "snapshots" not in file.parts]
    assert any(file.suffix == ".parquet" and "expert_panel" in str(file) for file in looked_at)
    for file in looked_at:
        content = file.read_bytes()
        if file.suffix == ".parquet":  # compressed
            content += pd.read_parquet(file).to_csv().encode()
        assert not planted_in(content), file


def test_expert_round__errors_that_cells_share_sum_to_their_standard_errors(once, small_round, shared_errors):
    once("run", "annual", "--round", str(small_round))
    factors, squares, variances = shared_errors("expert")
    assert squares.to_dict() == pytest.approx(variances[variances > 0].to_dict(), rel=1e-9)
    assert factors.groupby("factor")["agency"].nunique().max() > 1
    assert (factors["degrees_of_freedom"] > 0).all()
