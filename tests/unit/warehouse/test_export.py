"""The views as files, and what every column means."""

import csv

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from warehouse.dictionary import DOCUMENT, GRAINS, entries, with_views
from warehouse.engine import transaction
from warehouse.errors import InputError, WarehouseError
from warehouse.export import export_views
from warehouse.queries import vintages
from warehouse.views import VIEWS

EACH = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
SHARES = {"province-hue": 0.5, "province-b": 0.75}


def test_export__all_views__a_file_each_with_the_rows_of_the_view(engine, write, tmp_path):
    write(SHARES, final=True)
    counts = export_views(engine, tmp_path / "out")
    assert set(counts) == {view.name for view in VIEWS}
    table = pd.read_parquet(tmp_path / "out" / "mart_league_table.parquet")
    assert list(table.columns) == [column.name for column in VIEWS[2].columns]
    assert counts["mart_league_table"] == len(table) == 4
    assert set(table["share"]) == set(SHARES.values())
    assert str(pd.read_parquet(tmp_path / "out" / "mart_vintage.parquet")["created_at"].dtype) == "datetime64[us, UTC]"


def test_export__one_view_as_csv__opens_with_its_letters_and_empty_fields(engine, write, tmp_path):
    write(SHARES)
    assert export_views(engine, tmp_path, names=["mart_vintage"], form="csv") == {"mart_vintage": 1}
    assert (tmp_path / "mart_vintage.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    row = next(csv.DictReader((tmp_path / "mart_vintage.csv").open(encoding="utf-8-sig")))
    assert (row["title_vi"], row["published_at"]) == ("Chỉ số nhỏ", "")
    assert row["created_at"].startswith(str(vintages(engine, "tiny_2020", "2020")["created_at"][0])[:19])


def test_export__dictionary__has_every_column_of_the_files_beside_it(engine, tmp_path):
    export_views(engine, tmp_path, names=["mart_score", "mart_movement"])
    lines = list(csv.DictReader((tmp_path / "dictionary.csv").open(encoding="utf-8-sig")))
    for name in ("mart_score", "mart_movement"):
        documented = [line["column"] for line in lines if line["view"] == name]
        assert documented == pq.read_schema(tmp_path / f"{name}.parquet").names
    assert {line["unit"] for line in lines if line["column"] == "share"} == {"share of 1"}


def test_export__parquet__carries_units_and_meanings(engine, tmp_path):
    export_views(engine, tmp_path, names=["mart_score"])
    share = pq.read_schema(tmp_path / "mart_score.parquet").field("share")
    assert share.metadata[b"unit"] == b"share of 1"
    assert b"unrounded" in share.metadata[b"meaning"]


def test_export__text_that_looks_like_a_formula__is_made_safe_in_csv_only(engine, write, framework, make, tmp_path):
    write({"=cmd|' /C calc'!A0": 0.5})
    for form in ("csv", "parquet"):
        export_views(engine, tmp_path, names=["mart_score"], form=form, safe=lambda text: f"'{text}")
    assert pd.read_csv(tmp_path / "mart_score.csv")["agency"][0] == "'=cmd|' /C calc'!A0"
    assert pd.read_parquet(tmp_path / "mart_score.parquet")["agency"][0] == "=cmd|' /C calc'!A0"


def test_export__more_rows_than_a_batch__all_arrive(engine, write, tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.bulk.BATCH", 3)
    write({f"province-{number}": number / 10 for number in range(7)})
    assert export_views(engine, tmp_path, names=["mart_score"]) == {"mart_score": 14}
    assert pd.read_parquet(tmp_path / "mart_score.parquet")["agency"].nunique() == 7


def test_export__unknown_view__names_those_there_are(engine, tmp_path):
    with pytest.raises(InputError, match="no view 'score'") as caught:
        export_views(engine, tmp_path, names=["score"])
    assert "mart_league_table" in caught.value.hint


def test_export__folder_cannot_be_written__one_sentence_and_no_half_file(sqlite_engine, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(WarehouseError, match="cannot be written"):
        export_views(sqlite_engine, tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


@EACH
def test_view__every_column__has_a_meaning_and_the_view_a_grain(view):
    assert GRAINS[view.name].startswith("One row per")
    assert [entry.column for entry in entries(view) if not entry.meaning] == []


@EACH
def test_view__comments_in_postgresql__are_those_of_the_dictionary(postgres_engine, view):
    inspector = sa.inspect(postgres_engine)
    assert inspector.get_table_comment(view.name, schema="mart")["text"] == GRAINS[view.name]
    found = {column["name"]: column["comment"] for column in inspector.get_columns(view.name, schema="mart")}
    expected = {entry.column: entry.meaning + (f" [{entry.unit}]" if entry.unit else "") for entry in entries(view)}
    assert found == expected


@EACH
def test_view__types_in_postgresql__are_those_of_the_dictionary(postgres_engine, view):
    query = (
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'mart' AND table_name = "
    )
    with postgres_engine.connect() as connection:
        found = dict(connection.exec_driver_sql(f"{query}'{view.name}'").all())
    expected = {entry.column: entry.type for entry in entries(view)}
    assert {name: kind.replace("integer", "bigint") for name, kind in found.items()} == expected


@EACH
@pytest.mark.parametrize(
    "change", ["DELETE FROM {}", "UPDATE {} SET framework = 'x'", "INSERT INTO {} (framework) VALUES ('x')"]
)
def test_view__any_change__refused(engine, view, change):
    with pytest.raises((sa.exc.DBAPIError, WarehouseError)), transaction(engine) as connection:
        connection.exec_driver_sql(change.format(view.name))


def test_document__tables_of_the_views__are_those_of_the_code():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert with_views(text) == text, "write them anew: python -m warehouse.dictionary"
