from datetime import date

import pandas as pd
import pytest
import sqlalchemy as sa

from warehouse import queries
from warehouse.engine import connect, transaction
from warehouse.errors import WarehouseError
from warehouse.frames import MEASUREMENT, OBSERVATION, SCORE, SNAPSHOT
from warehouse.load import load_evidence, load_reference
from warehouse.reference.agencies import Agency
from warehouse.runs import start_run
from warehouse.vintages import publish, write_vintage

HUE = {"agency_id": "province-hue", "kind": "province", "type_vi": "tỉnh", "name_en": "Hue"}
AGENCIES = [
    Agency(**HUE, valid_from=None, valid_to=date(2024, 12, 31), name_vi="TT Huế", full_name_vi="Tỉnh TT Huế"),
    Agency(**HUE, valid_from=date(2025, 1, 1), valid_to=None, name_vi="Huế", full_name_vi="Thành phố Huế"),
]
SHARES = {"province-hue": 0.5, "province-b": 0.75, "province-c": 0.5}


def choose(engine, **asked):
    return queries.choose_vintage(engine, "tiny_2020", asked.pop("period", "2020"), **asked)


def test_choose_vintage__no_round_named__official_before_press_before_synthetic(engine, write):
    for kind in ("synthetic", "press", "official"):
        write(SHARES, round_name=f"{kind}-1", kind=kind)
        assert choose(engine).round == f"{kind}-1"
    write(SHARES, round_name="synthetic-2", kind="synthetic")
    assert choose(engine).kind == "official"
    assert queries.rounds(engine, "tiny_2020", "2020") == ["official-1", "press-1", "synthetic-2", "synthetic-1"]


def test_choose_vintage__two_rounds_of_a_kind__the_newest(engine, write):
    write(SHARES, round_name="later")
    write(SHARES, round_name="earlier")
    write({"province-b": 0.1}, round_name="later")
    assert choose(engine).round == "later"


def test_choose_vintage__newest_or_numbered__says_number_and_state(engine, write):
    write(SHARES, final=True)
    write({"province-b": 0.1})
    assert (choose(engine).vintage, choose(engine).state) == (2, "provisional")
    first = choose(engine, number=1)
    assert (first.vintage, first.state, first.kind) == (1, "published", "press")


def test_choose_vintage__nothing_there__hint_names_what_there_is(engine, write):
    write(SHARES)
    with pytest.raises(WarehouseError, match="no scores of tiny_2020 2021, round x, vintage 3") as caught:
        choose(engine, period="2021", round_name="x", number=3)
    assert caught.value.hint == "It has: tiny_2020 2020, round press, newest vintage 1."


def test_choose_vintage__empty_warehouse__hint_says_what_to_run(engine):
    with pytest.raises(WarehouseError) as caught:
        choose(engine)
    assert "dti run annual" in caught.value.hint


def test_choose_vintage__no_tables__says_how_to_make_them(sqlite_url):
    with pytest.raises(WarehouseError, match="has no tables yet"):
        choose(connect(sqlite_url))


def test_league_table__node__ranked_with_ties_and_what_was_used(engine, write):
    write(SHARES)
    rows = queries.league_table(engine, choose(engine), "DTI")
    assert list(rows["agency"]) == ["province-b", "province-c", "province-hue"]
    assert list(rows["rank"]) == [1, 2, 2]
    assert set(zip(rows["round"], rows["round_kind"], rows["vintage"], rows["state"], strict=True)) == {
        ("press", "press", 1, "provisional")
    }
    assert (rows["node_name_vi"][0], rows["title_vi"][0]) == ("Chỉ số", "Chỉ số nhỏ")
    assert bool(rows["framework_is_reconstructed"][0])


@pytest.mark.parametrize(("period", "name"), [("2020", "TT Huế"), ("2025", "Huế"), ("2024-12", "TT Huế")])
def test_league_table__agency__is_named_as_at_the_end_of_the_period(engine, framework, write, period, name):
    load_reference(engine, AGENCIES, framework)
    write(SHARES, period=period)
    rows = queries.league_table(engine, choose(engine, period=period), "DTI").set_index("agency")
    assert rows.loc["province-hue", "agency_name"] == name
    assert rows.loc["province-c", "agency_name"] == "province-c"
    assert len(rows) == 3


def test_league_table__corrected_agency__is_listed_once_under_the_corrected_name(engine, framework, write):
    load_reference(engine, AGENCIES, framework)
    load_reference(
        engine, [Agency(**HUE, valid_from=None, valid_to=None, name_vi="Hué", full_name_vi="Hué")], framework
    )
    write(SHARES)
    rows = queries.league_table(engine, choose(engine), "DTI")
    assert list(rows.loc[rows["agency"] == "province-hue", "agency_name"]) == ["Hué"]


def test_league_table__group__only_its_agencies_by_their_own_ranks(engine, framework, make):
    scores = make.scores(SHARES)
    scores["group"] = scores["agency"].map({"province-hue": "g", "province-b": "h", "province-c": "g"}).astype("str")
    scores["group_rank"] = scores["agency"].map({"province-hue": 1, "province-b": 1, "province-c": 2}).astype("Int64")
    write_scores(engine, framework, make, scores)
    rows = queries.league_table(engine, choose(engine), "DTI", "g")
    assert list(rows["agency"]) == ["province-hue", "province-c"]
    with pytest.raises(WarehouseError, match="No agency in the group 'x' has a score of 'DTI'"):
        queries.league_table(engine, choose(engine), "DTI", "x")


def test_league_table__groups_within_a_group__all_of_them_by_their_ranks_among_all(engine, framework, make):
    scores = make.scores(SHARES)
    scores["group"] = scores["agency"].map({"province-hue": "g", "province-b": "g1", "province-c": "h"}).astype("str")
    scores["group_rank"] = pd.array([1] * len(scores), dtype="Int64")
    write_scores(engine, framework, make, scores)
    rows = queries.league_table(engine, choose(engine), "DTI", "g", ("g", "g1"))
    assert list(rows["agency"]) == ["province-b", "province-hue"]
    assert list(queries.league_table(engine, choose(engine), "DTI", "g")["agency"]) == ["province-hue"]


def test_league_table__agency_without_a_rank__stands_last(engine, framework, make):
    scores = make.scores(SHARES)
    scores.loc[scores["agency"] == "province-b", ["rank", "share", "points"]] = None
    write_scores(engine, framework, make, scores)
    rows = queries.league_table(engine, choose(engine), "DTI")
    assert list(rows["agency"]) == ["province-c", "province-hue", "province-b"]
    assert rows["rank"].isna().sum() == 1


def test_league_table__unknown_node__says_so(engine, write):
    write(SHARES)
    with pytest.raises(WarehouseError, match="No agency has a score of 'XYZ' in round press of tiny_2020 2020"):
        queries.league_table(engine, choose(engine), "XYZ")


def test_league_table__text_that_looks_like_sql__is_only_text(engine, write):
    write(SHARES)
    with pytest.raises(WarehouseError, match="has a score of"):
        queries.league_table(engine, choose(engine), "x' OR '1'='1")


def test_mart_league_table__two_vintages__shows_the_newest_of_each_round(engine, write):
    write(SHARES, final=True)
    write({"province-b": 0.1})
    write(SHARES, round_name="demo", kind="synthetic")
    with transaction(engine) as connection:
        rows = connection.execute(
            sa.text("SELECT DISTINCT \"round\", round_kind, vintage FROM mart_league_table WHERE node = 'DTI'")
        )
        assert {tuple(row) for row in rows} == {("press", "press", 2), ("demo", "synthetic", 1)}


def test_ranked_counts__node__agencies_with_a_rank(engine, framework, make):
    scores = make.scores(SHARES)
    scores.loc[(scores["agency"] == "province-b") & (scores["node"] == "DTI.1"), "rank"] = None
    write_scores(engine, framework, make, scores)
    assert queries.ranked_counts(engine, choose(engine)) == {"DTI": 3, "DTI.1": 2}


def test_score_tree__agency__all_its_nodes_in_tree_order(engine, write):
    write(SHARES)
    rows = queries.score_tree(engine, choose(engine), "province-b")
    assert list(rows["node"]) == ["DTI", "DTI.1"]
    assert list(rows["parent"]) == ["", "DTI"]
    assert list(rows["points"]) == [7.5, 4.5]
    assert {name: str(rows[name].dtype) for name in SCORE.columns} == SCORE.columns


def test_measurements__several_stages__the_one_that_counts(engine, framework, make):
    rows = pd.concat(
        [make.measurements({"province-b": value}, stage=stage) for stage, value in
         (("self_reported", 90.0), ("final", 70.0), ("appraised", 80.0))]
    )  # fmt: skip
    write_scores(engine, framework, make, make.scores(SHARES), rows)
    counted = queries.measurements(engine, choose(engine), "province-b")
    assert list(counted["value"]) == [70.0]
    assert {name: str(counted[name].dtype) for name in MEASUREMENT.columns} == MEASUREMENT.columns
    assert len(queries.measurements(engine, choose(engine), "province-b", all_stages=True)) == 3
    assert queries.measurements(engine, choose(engine), "province-c").empty


def test_observations_and_snapshots__by_identity__come_back_as_loaded(engine, scope, make):
    loaded = {"observations": make.observations(1.5, None), "snapshots": make.snapshots()}
    load_evidence(engine, scope=scope, **loaded, quarantine=make.refused("E1"), batches=make.batches("one"))
    found = queries.observations_by_id(engine, [*loaded["observations"]["observation_id"], "unknown"])
    pd.testing.assert_frame_equal(found, loaded["observations"])
    pd.testing.assert_frame_equal(queries.snapshot_cards(engine, ["a" * 64] * 2), loaded["snapshots"])


def test_observations_by_id__more_than_one_list__all_are_found(engine, scope, make, monkeypatch):
    monkeypatch.setattr("warehouse.queries._MANY", 2)
    rows = make.observations(*range(5))
    load_evidence(
        engine,
        scope=scope,
        observations=rows,
        snapshots=make.snapshots(),
        quarantine=make.refused("E1"),
        batches=make.batches("one"),
    )
    assert list(queries.observations_by_id(engine, rows["observation_id"])["value"]) == [0, 1, 2, 3, 4]


def test_lookups__nothing_asked__declared_columns_without_rows(engine):
    assert {n: str(t) for n, t in queries.observations_by_id(engine, []).dtypes.items()} == OBSERVATION.columns
    assert {n: str(t) for n, t in queries.snapshot_cards(engine, []).dtypes.items()} == SNAPSHOT.columns


def test_quarantine__no_round_named__of_the_round_run_last_with_file_and_name(engine, framework, scope, make):
    load_reference(engine, AGENCIES, framework)
    for number, name in enumerate(("press", "demo")):
        this = {**scope, "round": name}
        start_run(engine, f"r{number}", "annual", this)
        load_evidence(
            engine,
            scope=this,
            observations=make.observations(1.0).assign(round=name, observation_id=name),
            snapshots=make.snapshots(round=name),
            quarantine=make.refused("E2", "E1", round=name),
            batches=make.batches("two", "one", round=name),
        )
    rows = queries.quarantine(engine, "tiny_2020", "2020")
    assert list(zip(rows["round"], rows["locator"], strict=True)) == [("demo", "E1"), ("demo", "E2")]
    assert (rows["origin"][0], rows["agency_full_name"][0]) == ("returns/one.xlsx", "Tỉnh TT Huế")
    assert set(queries.quarantine(engine, "tiny_2020", "2020", "press")["round"]) == {"press"}
    assert list(queries.batches(engine, "tiny_2020", "2020")["origin"]) == ["one", "two"]


def test_quarantine__nothing_refused__no_rows(engine):
    start_run(engine, "r1", "annual", {"framework": "tiny_2020", "round": "one", "period": "2020"})
    rows = queries.quarantine(engine, "tiny_2020", "2020")
    assert rows.empty
    assert {"origin", "rule", "reason_vi"} <= set(rows.columns)


def test_quarantine__unknown_round__is_refused_and_names_the_known(engine):
    start_run(engine, "r1", "annual", {"framework": "tiny_2020", "round": "one", "period": "2020"})
    with pytest.raises(WarehouseError, match="knows no round other") as refusal:
        queries.quarantine(engine, "tiny_2020", "2020", "other")
    assert "one" in refusal.value.hint


def test_vintages__of_a_framework_and_period__newest_first(engine, write):
    write(SHARES, final=True)
    write({"province-b": 0.1})
    rows = queries.vintages(engine, "tiny_2020", "2020")
    assert list(zip(rows["vintage"], rows["state"], rows["is_latest"], strict=True)) == [
        (2, "provisional", True),
        (1, "published", False),
    ]
    assert rows["period_end"][0] == date(2020, 12, 31)


def write_scores(engine, framework, make, scores, measurements=None):
    write_vintage(
        engine,
        framework=framework,
        round_name="press",
        kind="press",
        period="2020",
        measurements=make.measurements(SHARES) if measurements is None else measurements,
        scores=scores,
        run_id="r",
        code_version="1",
    )
    return publish(engine, framework="tiny_2020", round_name="press", period="2020")


def test_quarantine__warnings__are_listed_with_file_and_name(engine, framework, scope, make):
    load_reference(engine, AGENCIES, framework)
    start_run(engine, "r1", "monthly", scope)
    load_evidence(
        engine,
        scope=scope,
        observations=make.observations(1.0),
        snapshots=make.snapshots(),
        quarantine=make.refused("E1"),
        batches=make.batches("one"),
        warnings=make.refused("E3", "E2").assign(rule="value_does_not_jump", observation_id="0" * 32),
    )
    rows = queries.quarantine(engine, "tiny_2020", "2020", warnings=True)
    assert rows[["locator", "origin", "agency_full_name", "observation_id"]].to_numpy().tolist() == [
        ["E2", "returns/one.xlsx", "Tỉnh TT Huế", "0" * 32],
        ["E3", "returns/one.xlsx", "Tỉnh TT Huế", "0" * 32],
    ]
    assert queries.quarantine(engine, "tiny_2020", "2020")["locator"].tolist() == ["E1"]
