"""Rows of the Vietnam ICT Index that were printed with their three parts, through the whole path."""

import csv

import pytest

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.load import open_warehouse
from tasks.sources.rounds import bundled_round
from warehouse.queries import choose_vintage, league_table

ROUND = bundled_round("press_ict_index")
with (ROUND.folder / "expected.csv").open(encoding="utf-8", newline="") as _stream:
    EXPECTED = list(csv.DictReader(_stream))


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: f"{row['agency']} {row['period']}")
def test_index__is_the_plain_mean_to_the_last_printed_digit(whole_path, row):
    period = row["period"]
    whole_path("ict_index_2016", period, ROUND.folder)
    engine = open_warehouse()
    table = league_table(engine, choose_vintage(engine, "ict_index_2016", period, ROUND.round), "ICT")
    agency = Registry.bundled().resolve(row["agency"], at=period_end(period)).agency_id
    decimals = len(row["share"].partition(".")[2])
    assert f"{table.set_index('agency').at[agency, 'share']:.{decimals}f}" == row["share"]
