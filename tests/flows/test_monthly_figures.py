"""The printed figures of a month through the flow and the command line."""

import re

import pytest

from tasks.sources.rounds import bundled_round

MONTH = ("--framework", "online_services_2022", "--period", "2024-12")


@pytest.fixture
def ran(once):
    done = once("run", "annual", *MONTH, "--round", str(bundled_round("press_online_services").folder))
    assert done.returncode == 0, done.stderr


def test_rank__no_node_named__ranks_by_the_headline_with_groups(dti, ran):
    table = dti("rank", *MONTH).stdout
    assert "Tỷ lệ hồ sơ trực tuyến toàn trình" in table
    assert re.search(r"^ *4 +Hà Nam +0\.6854 +68\.5 +province +1$", table, re.MULTILINE), table


def test_rank__count__has_figures_and_no_ranks(dti, ran):
    done = dti("rank", *MONTH, "--node", "C.HS", "--format", "json")
    assert done.returncode == 0
    assert '"rank": null' in done.stdout


def test_explain__whole_dashboard__shows_counts_and_what_follows(dti, ran):
    said = re.sub(r"\s+", " ", dti("explain", *MONTH, "--agency", "Hà Nam").stdout)
    assert "3 nodes stand below side by side and make no total" in said
    assert "count of 115665 hồ sơ" in said
    assert "(numerator 115665, denominator 168746)" in said
    assert "no report came" in said  # a count that nobody gave
    assert "siblings carry its weight" not in said
