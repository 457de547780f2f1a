"""Ingest: one source of a round is brought in, what the others brought stays, nothing is scored."""

import sqlite3
from contextlib import closing

import pytest

from flows.ingest import ingest_job, parts_of_source
from flows.parameters_of.upkeep import IngestParameters
from warehouse.errors import DtiError

WHERE = ("--framework", "province_2020", "--period", "2020")


def count(home, table, where="1=1"):
    with closing(sqlite3.connect(home / "warehouse.db")) as connection:
        return connection.execute(f"SELECT COUNT(*) FROM {table} WHERE {where}").fetchone()[0]


def test_ingest__one_source_then_another__evidence_of_both_and_no_vintage(dti, home, small_round):
    first = dti("run", "ingest", "appraisal", *WHERE, "--round", str(small_round))
    assert first.returncode == 0, first.stderr
    appraised = count(home, "batch", "source = 'appraisal'")
    assert appraised > 0
    assert count(home, "observation", "source = 'agency_report'") == 0
    second = dti("run", "ingest", "agency_report", *WHERE, "--round", str(small_round))
    assert "accepted" in second.stdout, second.stderr
    assert count(home, "observation", "source = 'agency_report'") > 0
    assert count(home, "batch", "source = 'appraisal'") == appraised
    assert count(home, "vintage") == 0


def test_ingest__a_source_that_the_round_does_not_have__is_refused_with_those_it_has(home, small_round):
    parameters = IngestParameters(source="kobo", round_folder=small_round)
    with pytest.raises(DtiError, match="gathers nothing from 'kobo'") as refusal:
        parts_of_source(ingest_job(parameters), parameters.source)
    assert "agency_report" in refusal.value.hint


def test_ingest__a_month_in_the_future__is_refused(home, standing_round):
    parameters = IngestParameters(
        source="published", framework="online_services", period="2099-01", round_folder=standing_round
    )
    with pytest.raises(DtiError, match="future"):
        ingest_job(parameters)
