"""Synthetic months: what is written, and that the real sources read exactly what the truth and the dirt say."""

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tasks.demo.month_figures import STANDS_STILL
from tasks.demo.months import make_months, months_between
from tasks.demo.servers.survey import serve_surveys
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.revisions import supersede_revisions
from tasks.harmonise.standardise import standardise
from tasks.sources.limits import FetchLimits
from tasks.sources.registry import sources
from tasks.sources.rounds import Entry
from tests.unit.demo.services import KINDS, edition_of
from warehouse.errors import InputError

FIRST, LAST, LIMIT = "2020-01", "2020-07", 30
PERIODS = months_between(FIRST, LAST)
QUICK = FetchLimits(attempts=1, pause_seconds=0.0, backoff_seconds=0.01)


def make(folder, first=FIRST, last=LAST, url="http://127.0.0.1:1", **more):
    return make_months(folder, seed=5, first=first, last=last, server_url=url, limit=LIMIT, edition=edition_of, **more)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("months"))


def entries(folder, period, url=""):
    """The entries of round.yaml as they are for a month."""
    text = (folder / "round.yaml").read_text(encoding="utf-8").replace("http://127.0.0.1:1", url)
    for name, value in (("period", period), ("year", period[:4]), ("month", period[5:])):
        text = text.replace(f"{{{name}}}", value)
    return [Entry(**entry) for entry in yaml.safe_load(text)["sources"]]


def read(made, period, source, receipts):
    frames = []
    framework = edition_of(period)
    for receipt in receipts:
        rows = sources()[source].read(receipt.content, framework)
        frames.append(
            standardise(
                rows,
                framework=framework,
                round_name=made.round,
                period=period,
                source=source,
                snapshot_sha256=receipt.origin,
                registry=Registry.bundled(),
                kinds=KINDS,
            )
        )
    import pandas as pd

    return pd.concat(frames, ignore_index=True)


def figures(rows):
    assert (rows[["agency", "item"]] != "").all(axis=None)
    assert rows["value"].notna().all()
    return {(row["agency"], row["item"]): row["value"] for row in rows.to_dict("records")}


def test_make_months__round_yaml__serves_every_month_and_says_that_it_is_synthetic(made):
    text = (made.folder / "round.yaml").read_text(encoding="utf-8")
    said = yaml.safe_load(text)
    assert "period" not in said
    assert said["kind"] == "synthetic"
    assert "SYNTHETIC" in text.splitlines()[0]
    assert [entry.source for entry in entries(made.folder, "2020-03", "http://x.vn")] == [
        "agency_report",
        "agency_report",
        "monitoring",
    ]
    assert entries(made.folder, "2020-03", "http://x.vn")[0].path == "returns/2020-03"


def test_make_months__returns_come_in_three_formats(made):
    kinds = Counter(file.suffix for file in (made.folder / "returns" / "2020-03").iterdir())
    assert set(kinds) == {".xlsx", ".csv", ".json"}


def test_make_months__every_return__says_that_it_is_synthetic(made):
    for file in (made.folder / "returns" / "2020-03").iterdir():
        if file.suffix in (".csv", ".json"):
            assert "SYNTHETIC" in file.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("period", ["2020-01", "2020-04"])
def test_returns__as_the_source_reads_them__are_the_truth_but_for_the_dirt(made, period):
    folder = made.folder / "returns_http" / period
    over_http = [path.relative_to(made.folder).as_posix() for path in folder.iterdir()]
    files = [Entry(source="agency_report", path=path) for path in (f"returns/{period}", *over_http)]
    receipts = [one for entry in files for one in sources()["agency_report"].gather(entry, made.folder)]
    rows = read(made, period, "agency_report", receipts)
    wanted = {(one.agency, one.node): one.value for one in made.truth if one.period == period}
    dirt = [one for one in made.dirt if one.period == period]
    gone = {one.agency for one in dirt if one.kind == "missing_return"}
    wanted = {cell: value for cell, value in wanted.items() if cell[0] not in gone}
    wanted |= {(one.agency, one.node): int(one.written) for one in dirt if one.source == "agency_report" and one.node}
    assert figures(rows) == wanted
    late = {one.agency for one in dirt if one.kind == "late_return"}
    assert {row["agency"] for row in rows.to_dict("records") if row["submitted_on"][8:] > "05"} == late


@pytest.fixture(scope="module")
def served(made):
    with serve_surveys(made.folder) as url:
        yield url


@pytest.fixture
def allowed(private_allowed, monkeypatch):
    monkeypatch.setenv("DTI_SYNTHETIC_TOKEN", "synthetic")


def monitored(made, period, url):
    entry = entries(made.folder, period, url)[-1]
    rows = read(made, period, "monitoring", sources()["monitoring"].gather(entry, Path(), QUICK))
    return supersede_revisions(rows)


def test_monitoring__two_readings__the_second_brings_the_revisions_and_then_all_is_true(made, served, allowed):
    period = "2020-04"
    first, second = (monitored(made, period, served) for _ in range(2))
    dirt = [one for one in made.dirt if one.period == period and one.source == "monitoring"]
    wanted = {(one.agency, one.node): one.value for one in made.truth if one.period == period}
    wanted |= {(one.agency, one.node): int(one.written) for one in dirt if one.kind == "frozen_number"}
    later = {(one.agency, one.node): int(one.written) for one in dirt if one.kind == "revised_after_reading"}
    in_force = [figures(found[found["superseded_by"] == ""]) for found in (first, second)]
    known = set(in_force[1])
    assert in_force[1] == {cell: value for cell, value in wanted.items() if cell in known}
    assert in_force[0] == in_force[1] | later
    assert later
    assert (first["superseded_by"] != "").sum() == sum(one.kind == "revised_before_reading" for one in dirt)
    assert {code for _, code in known}.isdisjoint({"C.DV", "C.NDXP", "C.VB"})
    assert len({agency for agency, _ in known}) == LIMIT - 4


def test_returns_over_http__come_as_the_files_do(made, served, allowed):
    entry = entries(made.folder, "2020-02", served)[1]
    receipts = list(sources()["agency_report"].gather(entry, Path()))
    assert len(receipts) == len(entry.addresses) > 1
    assert figures(read(made, "2020-02", "agency_report", receipts))


def test_monitoring__without_the_token__is_refused(made, served, allowed, monkeypatch):
    monkeypatch.setenv("DTI_SYNTHETIC_TOKEN", "wrong")
    with pytest.raises(Exception, match="status 401"):
        monitored(made, "2020-04", served)


def test_dirt__every_kind__happens_and_the_jump_is_answered_in_the_next_month(made):
    jumped = {(one.period, one.agency) for one in made.dirt if one.kind == "wrong_unit" and one.period < LAST}
    fallen = {(one.period, one.agency) for one in made.dirt if one.kind == "after_wrong_unit"}
    assert fallen == {(PERIODS[PERIODS.index(period) + 1], agency) for period, agency in jumped}
    kinds = Counter(one.kind for one in made.dirt)
    assert set(kinds) == {
        "missing_return",
        "late_return",
        "level_4_above_total",
        "online_above_all_dossiers",
        "wrong_unit",
        "after_wrong_unit",
        "disagrees_with_monitoring",
        "revised_before_reading",
        "revised_after_reading",
        "frozen_number",
    }
    assert not [one for one in made.dirt if one.period == FIRST and one.kind == "wrong_unit"]


def test_level_4_above_total__takes_all_that_it_contradicts_with_it(made):
    taken = {one.node for one in made.dirt if one.kind == "level_4_above_total" and one.period == "2020-04"}
    assert taken == {"C.M4", "C.M3", "C.DK", "C.TTHC"}


def test_frozen_number__the_same_figure_for_six_months__is_to_be_seen_in_the_sixth(made):
    still = [one for one in made.dirt if one.kind == "frozen_number" and one.period <= "2020-06"]
    assert len({(one.agency, one.node, one.written) for one in still}) == 1
    assert {one.period for one in still if one.outcome == "warning"} == {"2020-06"}
    (agency,) = {one.agency for one in still}
    half_year = [one for one in made.truth if (one.agency, one.node) == (agency, STANDS_STILL) and one.period < LAST]
    assert {one.written for one in still} == {str(min(one.value for one in half_year))}
    assert len({one.period for one in still}) == len(half_year) == 6


def test_truth__is_written_beside_the_round(made):
    with (made.folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(made.truth) == len(PERIODS) * LIMIT * len(edition_of(FIRST).leaves)
    assert {row["outcome"] for row in rows} == {"measured", "missing", "quarantined", "wrong"}


def bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_make_months__same_seed__same_bytes_over_an_earlier_round(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "one", tmp_path / "two"):
        make(folder, "2022-05", "2022-06")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_make_months__over_the_change_of_edition__each_month_on_its_own_form(tmp_path):
    made = make(tmp_path, "2022-05", "2022-06")
    codes = {period: {one.node for one in made.truth if one.period == period} for period in made.periods}
    assert "C.M4" in codes["2022-05"] - codes["2022-06"]
    assert "C.HS_TT" in codes["2022-06"] - codes["2022-05"]


def test_make_months__over_the_merger_of_provinces__reports_who_exists(tmp_path):
    made = make_months(tmp_path, seed=1, first="2025-06", last="2025-07", limit=None, edition=edition_of)
    agencies = {period: {one.agency for one in made.truth if one.period == period} for period in made.periods}
    for period, found in agencies.items():
        assert found == {one.agency_id for one in Registry.bundled().valid_at(period_end(period), KINDS)}


def test_make_months__without_a_server__needs_none(tmp_path):
    made = make(tmp_path, "2020-01", "2020-02", url="")
    assert [entry.source for entry in entries(made.folder, "2020-01")] == ["agency_report"]
    assert not {one.kind for one in made.dirt} & {"disagrees_with_monitoring", "revised_after_reading"}


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [("2020-02", "2020-01", "no months"), ("2018-12", "2019-01", "not a month"), ("2020", "2021", "not a month")],
)
def test_months_between__what_is_no_range__is_refused(first, last, said):
    with pytest.raises(InputError, match=said):
        months_between(first, last)


def test_make_months__a_folder_of_something_else__is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        make(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "x"
