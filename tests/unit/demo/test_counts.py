"""Synthetic counts grow as the printed ones did and never contradict each other."""

from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.demo.counts import draw_counts, draw_latent, month_number
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tests.unit.demo.services import KINDS

AGENCIES = Registry.bundled().valid_at(period_end("2020-08"), KINDS)
MONTHS = [f"{year}-{month:02d}" for year in range(2019, 2026) for month in range(1, 13)]
PARTS = (
    ("C.DK", "C.TTHC"),
    ("C.M4", "C.DK"),
    ("C.TT", "C.DK"),
    ("C.HS_ON", "C.HS"),
    ("C.HS_TT", "C.HS_ON"),
    ("C.TSLCD", "C.DV"),
    ("C.VB_DT", "C.VB"),
)


@given(st.sampled_from(AGENCIES), st.sampled_from(MONTHS), st.integers(0, 10**6))
def test_draw_counts__a_part_is_never_above_its_whole(agency, month, seed):
    found = draw_counts(draw_latent(agency, seed), month)
    assert all(0 <= found[part] <= found[whole] for part, whole in PARTS)
    online = ("C.M3", "C.M4") if month < "2022-06" else ("C.MP", "C.TT")
    served = sum(found[code] for code in online)
    assert served <= found["C.DK"]
    assert max(found[code] for code in ("C.DVC_HS", "C.PAY", "C.CQG")) <= served
    assert found["C.NDXP"] in (0, 1)


def share(month, part, whole):
    found = [draw_counts(draw_latent(agency, 2020), month) for agency in AGENCIES]
    return sum(one[part] for one in found) / sum(one[whole] for one in found)


@pytest.mark.parametrize(
    ("month", "part", "whole", "low", "high"),
    [
        ("2019-12", "C.M4", "C.TTHC", 0.08, 0.16),  # 10.76 % were printed for 2019
        ("2020-08", "C.M4", "C.TTHC", 0.12, 0.20),  # 15.9 %
        ("2020-12", "C.M4", "C.TTHC", 0.25, 0.36),  # 30.1 %
        ("2021-12", "C.M4", "C.DK", 0.90, 1.0),  # 96 %
        ("2020-12", "C.TSLCD", "C.DV", 0.8, 1.0),
    ],
)
def test_draw_counts__all_agencies_together__are_near_what_was_printed(month, part, whole, low, high):
    assert low < share(month, part, whole) < high


@pytest.mark.parametrize("code", ["C.TTHC", "C.HS", "C.HS_ON", "C.VB_DT", "C.DVC_HS"])
def test_draw_counts__no_number_stands_still_for_half_a_year_and_none_jumps(code):
    for agency in AGENCIES:
        latent = draw_latent(agency, 2020)
        series = [draw_counts(latent, month)[code] for month in MONTHS[:36]]
        assert all(len(set(series[at : at + 6])) > 1 for at in range(len(series) - 5)), agency.agency_id
        jumps = [later / before for before, later in pairwise(series) if min(before, later) >= 20]
        assert all(1 / 3 < jump < 3 for jump in jumps), agency.agency_id


def test_draw_counts__agencies_differ():
    found = [draw_counts(draw_latent(agency, 2020), "2020-08") for agency in AGENCIES]
    shares = [one["C.M4"] / one["C.TTHC"] for one in found]
    assert max(shares) > 1.5 * mean(shares)
    assert min(shares) < 0.7 * mean(shares)


def test_month_number__counts_on_over_the_year():
    assert month_number("2021-01") == month_number("2020-12") + 1
