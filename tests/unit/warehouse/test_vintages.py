import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.engine import reading
from warehouse.errors import WarehouseError
from warehouse.frames import MEASUREMENT, SCORE
from warehouse.schema import MEASUREMENTS, SCORES, VINTAGE
from warehouse.vintages import content_digest, find_vintage, publish, write_vintage

FIRST = {"province-a": 0.5, "province-b": 0.25}
SECOND = {"province-a": 0.5, "province-b": 0.75}


def stored(engine, table=SCORES):
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]


def shares(engine, vintage):
    query = sa.select(SCORES.c.agency, SCORES.c.share).where(SCORES.c.vintage == vintage, SCORES.c.node == "DTI")
    with reading(engine) as connection:
        return dict(connection.execute(query).all())


def test_write_vintage__first__is_provisional_number_one(engine, write):
    written = write(FIRST)
    assert (written.vintage, written.state, written.change) == (1, "provisional", "new")
    assert shares(engine, 1) == FIRST


def test_write_vintage__same_content__nothing_is_written(engine, write):
    first = write(FIRST)
    before = stored(engine, VINTAGE)
    again = write(FIRST)
    assert (again.vintage, again.change, again.created_at) == (1, "unchanged", first.created_at)
    assert stored(engine, VINTAGE) == before


def test_write_vintage__provisional_and_other_content__replaced_in_place(engine, write):
    first = write(FIRST)
    second = write({"province-b": 0.75})
    assert (second.vintage, second.change) == (1, "replaced")
    assert second.digest != first.digest
    assert shares(engine, 1) == {"province-b": 0.75}
    assert {row[4] for row in stored(engine, MEASUREMENTS)} == {"province-b"}


def test_write_vintage__published_and_other_content__new_number_and_the_old_one_stays(engine, write):
    write(FIRST, final=True)
    second = write(SECOND)
    assert (second.vintage, second.state, second.change) == (2, "provisional", "new")
    assert shares(engine, 1) == FIRST
    assert shares(engine, 2) == SECOND


def test_write_vintage__published_and_same_content__nothing_is_written(engine, write):
    published = write(FIRST, final=True)
    again = write(FIRST)
    assert (again.vintage, again.state, again.change) == (1, "published", "unchanged")
    assert again.digest == published.digest


def test_write_vintage__same_numbers_under_another_framework_content__is_another_vintage(engine, write, make):
    write(FIRST, final=True)
    assert write(FIRST, tree=make.tiny_framework("d2")).vintage == 2


def test_write_vintage__other_round_and_period__count_on_their_own(engine, write):
    write(FIRST, final=True)
    assert write(SECOND, round_name="demo", kind="synthetic").vintage == 1
    assert write(SECOND, period="2021").vintage == 1
    assert shares(engine, 1) != {}


def test_write_vintage__round_changes_its_kind__refused(engine, write):
    write(FIRST, kind="synthetic")
    with pytest.raises(WarehouseError, match="holds synthetic figures, and is now called press"):
        write(SECOND, kind="press")
    assert shares(engine, 1) == FIRST


def test_write_vintage__row_of_another_round__refused(engine, framework, make):
    with pytest.raises(WarehouseError, match="belongs to the round 'other'"):
        write_vintage(
            engine,
            framework=framework,
            round_name="press",
            kind="press",
            period="2020",
            measurements=make.measurements(FIRST),
            scores=make.scores(FIRST, round="other"),
            run_id="r",
            code_version="1",
        )


def test_write_vintage__bad_rows__nothing_is_kept(engine, framework, make):
    scores = make.scores(FIRST).assign(agency="province-a")
    with pytest.raises(WarehouseError, match="same key"):
        write_vintage(
            engine,
            framework=framework,
            round_name="press",
            kind="press",
            period="2020",
            measurements=make.measurements(FIRST),
            scores=scores,
            run_id="r",
            code_version="1",
        )
    assert [stored(engine, table) for table in (VINTAGE, MEASUREMENTS, SCORES)] == [[], [], []]


def test_write_vintage__seed_and_code__are_kept(engine, framework, make, scope):
    write_vintage(
        engine,
        framework=framework,
        round_name="press",
        kind="press",
        period="2020",
        measurements=make.measurements(FIRST),
        scores=make.scores(FIRST),
        run_id="run-7",
        code_version="1.2.3",
        seed=2020,
    )
    with reading(engine) as connection:
        found = find_vintage(connection, scope)
    assert (found.seed, found.code_version, found.run_id, found.published_at) == (2020, "1.2.3", "run-7", None)


def test_publish__provisional__is_published_with_its_note(engine, write, scope):
    write(FIRST)
    published = publish(engine, framework="tiny_2020", round_name="press", period="2020", note="Công bố")
    assert (published.state, published.note) == ("published", "Công bố")
    assert published.published_at is not None
    with reading(engine) as connection:
        assert find_vintage(connection, scope) == published


def test_publish__again__does_nothing(engine, write):
    published = write(FIRST, final=True)
    assert publish(engine, framework="tiny_2020", round_name="press", period="2020") == published


def test_publish__published_with_another_note__refused(engine, write):
    write(FIRST, final=True)
    with pytest.raises(WarehouseError, match="a published vintage is never changed"):
        publish(engine, framework="tiny_2020", round_name="press", period="2020", note="đổi")


@pytest.mark.parametrize(("vintage", "which"), [(None, "no vintage"), (7, "no vintage 7")])
def test_publish__no_such_vintage__says_so(engine, vintage, which):
    with pytest.raises(WarehouseError, match=f"round press of tiny_2020 2020 has {which} that could be published"):
        publish(engine, framework="tiny_2020", round_name="press", period="2020", vintage=vintage)


def test_content_digest__known_content__never_changes(make):
    digest = content_digest("d1", make.measurements(FIRST), make.scores(FIRST))
    assert digest == "fbc853d39398e7da66fca41557737ed1b2a95cf5c3baad318ee780f9d184afdf"


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)), st.integers(1, 9))
def test_content_digest__other_order_and_number__is_the_same(make, order, number):
    measurements, scores = make.measurements(FIRST), make.scores(FIRST)
    shuffled = scores.iloc[order].assign(vintage=number)
    assert content_digest("d1", measurements[::-1], shuffled) == content_digest("d1", measurements, scores)


@pytest.mark.parametrize("column", [name for name in SCORE.columns if name != "vintage"])
def test_content_digest__any_cell_of_the_scores__counts(make, column):
    before = make.scores(FIRST)
    after = before.copy()
    after.loc[0, column] = "other" if SCORE.columns[column] == "str" else 99
    assert content_digest("d1", MEASUREMENT.empty(), after) != content_digest("d1", MEASUREMENT.empty(), before)


def test_content_digest__absent_and_zero__differ(make):
    zero = make.measurements({"province-a": 0.0})
    absent = zero.assign(value=np.nan)
    assert content_digest("d1", zero, SCORE.empty()) != content_digest("d1", absent, SCORE.empty())


def test_content_digest__text_moved_to_the_next_cell__differs(make):
    rows = make.measurements({"a": 0.0, "b": 0.0})
    one = rows.assign(method=["xy", "z"])
    other = rows.assign(method=["x", "yz"])
    assert content_digest("d1", one, SCORE.empty()) != content_digest("d1", other, SCORE.empty())
