"""Which of several records of one figure counts."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tasks.harmonise.revisions import supersede_revisions
from warehouse.frames import CANDIDATE

BASE = {
    "framework": "f",
    "round": "r",
    "period": "2020-08",
    "period_text": "2020-08",
    "agency": "a",
    "item": "C.M4",
    "part": "value",
    "source": "monitoring",
    "stage": "self_reported",
    "snapshot_sha256": "one",
}


def candidates(*rows):
    return CANDIDATE.conform(pd.DataFrame([{**BASE, "locator": str(at), **row} for at, row in enumerate(rows)]))


def record(revision, value="=1", time="2020-09-02T01:00:00Z", **more):
    return {"form_version": f"monitoring/1#{revision} {time}", "value_text": value, **more}


def superseded(*rows):
    return supersede_revisions(candidates(*rows))["superseded_by"].tolist()


def test_supersede_revisions__the_highest_revision_counts_as_a_number():
    found = superseded(record(9), record(10, snapshot_sha256="two"), record(2))
    assert found == ["two", "", "two"]


def test_supersede_revisions__two_on_one_page__the_page_replaces_its_own_record():
    assert superseded(record(1), record(2)) == ["one", ""]


def test_supersede_revisions__one_revision_at_two_times__the_later_counts():
    assert superseded(record(1, "=2", "2020-09-03T00:00:00Z"), record(1, "=1")) == ["", "one"]


def test_supersede_revisions__a_record_that_came_twice__is_one():
    found = supersede_revisions(candidates(record(1), record(1, snapshot_sha256="two")))
    assert found[["snapshot_sha256", "superseded_by"]].to_numpy().tolist() == [["one", ""]]


def test_supersede_revisions__two_figures_of_one_revision_and_time__both_stay_for_validation_to_refuse():
    assert superseded(record(1, "=1"), record(1, "=2")) == ["", ""]


def test_supersede_revisions__other_agencies_items_and_months__do_not_replace():
    others = [{"agency": "b"}, {"item": "C.M3"}, {"period_text": "2020-09"}, {"stage": "final"}]
    assert superseded(record(1), *(record(9, **other) for other in others)) == [""] * 5


def test_supersede_revisions__agencies_and_items_that_nobody_knows__stay_apart_by_what_is_written():
    rows = [record(number, agency="", item="", agency_text=f"x{number}", item_text="y") for number in (1, 2)]
    assert superseded(*rows) == ["", ""]
    rows = [record(number, agency="", item="", agency_text="x", item_text="y") for number in (1, 2)]
    assert superseded(*rows) == ["one", ""]


def test_supersede_revisions__of_nothing_is_nothing():
    assert supersede_revisions(CANDIDATE.empty()).empty


RECORDS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from("ab"), st.integers(0, 2)).map(
        lambda one: record(one[0], f"={one[2]}", agency=one[1], snapshot_sha256=f"s{one}")
    ),
    min_size=1,
    max_size=8,
)


@given(RECORDS, st.randoms())
def test_supersede_revisions__the_order_of_arrival_makes_no_difference(rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = (supersede_revisions(candidates(*some)) for some in (rows, shuffled))
    assert in_force(one) == in_force(other)
    assert {agency for agency, _, _ in in_force(one)} == set(candidates(*rows)["agency"])


def in_force(found):
    rows = found.loc[found["superseded_by"] == "", ["agency", "form_version", "value_text"]]
    return set(rows.itertuples(index=False, name=None))
