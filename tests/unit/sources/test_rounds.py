from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.sources.rounds import bundled_round, load_round
from warehouse.errors import InputError
from warehouse.periods import due_day, filled, period_days

GOOD = """\
round: press-2020
kind: press
period: 2020
sources:
  - {source: published, framework: province_2020, path: figures.csv, critical: true}
  - {source: agency_report, path: returns}
"""


def written(folder, text):
    (folder / "round.yaml").write_text(text, encoding="utf-8")
    return folder


def test_load_round__reads_what_the_file_says(tmp_path):
    found = load_round(written(tmp_path, GOOD))
    assert (found.round, found.kind, found.period, found.folder) == ("press-2020", "press", "2020", tmp_path)
    assert [entry.critical for entry in found.sources] == [True, False]
    assert found.corrections_file is None


def test_load_round__takes_the_file_as_well_as_its_folder(tmp_path):
    assert load_round(written(tmp_path, GOOD) / "round.yaml") == load_round(tmp_path)


def test_entries__without_a_framework_are_for_every_one(tmp_path):
    found = load_round(written(tmp_path, GOOD))
    assert [position for position, _ in found.entries("province_2020")] == [0, 1]
    assert [position for position, _ in found.entries("ministry_2020")] == [1]


def test_period__may_be_a_month(tmp_path):
    assert load_round(written(tmp_path, GOOD.replace("2020\n", "2020-08\n", 1).replace("-2020-08", "-2020"))).period


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("round: press-2020\n", "", "key round: it is missing"),
        ("kind: press", "kind: rumour", "key kind: "),
        ("period: 2020", "period: 2020-13", "key period: a period is a year"),
        ("period: 2020", "period: 2020\nperiods: 1", "key periods: there is no such key"),
        ("period: 2020", "period: 2020\nseed: 7", "only a synthetic round has a seed"),
        ("round: press-2020", "round: ../up", "key round: "),
        ("path: returns}", "paths: returns}", "key sources.2.paths: there is no such key"),
        ("path: returns}", "framework: x}", "key sources.2: it needs exactly one of path, url and urls"),
        ("path: returns}", "path: returns, url: 'https://a.vn/x'}", "key sources.2: it needs exactly one"),
        ("path: returns}", "path: ../secret}", "key sources.2.path: a path is relative"),
        ("path: returns}", "path: /etc/passwd}", "key sources.2.path: a path is relative"),
        ("path: returns}", "path: 'a/../../b'}", "key sources.2.path: a path is relative"),
        ("path: returns}", "url: 'file:///etc/passwd'}", "key sources.2.url: a url begins with http"),
        ("path: returns}", "urls: ['https://a.vn', 'ftp://a.vn/x']}", "key sources.2.urls.2: a url begins with http"),
        ("path: returns}", "url: 'https://me:secret@a.vn'}", "carries no user name or password"),
        ("source: agency_report", "source: hearsay", "key sources.2.source: there is no source 'hearsay'"),
        ("period: 2020", "period: 2020\ncorrections: none.yaml", "key corrections: there is no file 'none.yaml'"),
        ("period: 2020", "period: [", "line 5 is not YAML"),
        ("period: 2020", "due: 29", "key due: due is a date, 2020-09-05, or a day from 1 to 28"),
        ("period: 2020", "due: 0", "key due: due is a date"),
        ("period: 2020", "due: soon", "key due: due is a date"),
        ("period: 2020", "due: true", "key due: due is a date"),
        ("period: 2020", "due: 5.5", "key due: due is a date"),
    ],
)
def test_load_round__a_fault_is_named_with_file_and_key(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(InputError, match=r"round\.yaml") as error:
        load_round(written(tmp_path, GOOD.replace(old, new)))
    assert said in str(error.value)


def test_load_round__other_faults_are_in_the_hint(tmp_path):
    with pytest.raises(InputError) as error:
        load_round(written(tmp_path, GOOD.replace("kind: press", "kind: x").replace("period: 2020", "period: x")))
    assert "Also: key period" in error.value.hint


def test_load_round__without_a_file_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"There is no .*round\.yaml"):
        load_round(tmp_path)


@pytest.mark.parametrize("text", ["", "- a list", "just text"])
def test_load_round__needs_keys(tmp_path, text):
    with pytest.raises(InputError, match="holds no keys"):
        load_round(written(tmp_path, text))


def test_load_round__corrections_may_not_be_a_link_to_the_outside(tmp_path):
    (tmp_path / "outside.yaml").write_text("corrections: []")
    inside = tmp_path / "round"
    inside.mkdir()
    (inside / "c.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(InputError, match="key corrections"):
        load_round(written(inside, GOOD + "corrections: c.yaml\n"))


def test_bundled_round__is_the_real_one_of_2020():
    found = bundled_round()
    assert (found.round, found.kind) == ("press-2020", "press")
    assert [entry.source for _, entry in found.entries("province_2020")] == ["published"]
    assert found.entries("ministry_2020") == ()


def test_bundled_round__of_another_name_is_an_error():
    with pytest.raises(InputError, match="no bundled round 'press_1999'"):
        bundled_round("press_1999")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("a" * 300, "at most 255 bytes in each name"),
        ('"\\ud800"', "no control characters and no half characters"),
        ('"a\\0b"', "no control characters and no half characters"),
    ],
)
def test_load_round__a_path_that_no_file_can_have(tmp_path, path, said):
    with pytest.raises(InputError, match=rf"key sources\.2\.path: a path has {said}") as error:
        load_round(written(tmp_path, GOOD.replace("path: returns}", f"path: {path}}}")))
    assert str(error.value).isprintable()


STANDING = """\
round: monthly
kind: official
due: 5
sources:
  - {source: agency_report, path: "returns/{year}/{month}"}
  - {source: agency_report, url: "https://a.vn/{period}.csv"}
  - {source: agency_report, urls: ["https://a.vn/{year}", "https://b.vn/{month}"]}
"""


def test_standing_round__for_a_month__fields_are_filled_in(tmp_path):
    found = load_round(written(tmp_path, STANDING))
    assert found.period is None
    of_month = found.for_period("2020-08")
    assert of_month.period == "2020-08"
    assert of_month.sources[0].path == "returns/2020/08"
    assert [entry.addresses for entry in of_month.sources[1:]] == [
        ("https://a.vn/2020-08.csv",),
        ("https://a.vn/2020", "https://b.vn/08"),
    ]


def test_standing_round__for_a_year__has_no_month(tmp_path):
    with pytest.raises(InputError, match="names a month, and 2020 is a year"):
        load_round(written(tmp_path, STANDING)).for_period("2020")


@pytest.mark.parametrize("period", ["2020-13", "../../etc", "{year}", ""])
def test_standing_round__for_what_is_no_period__is_refused(tmp_path, period):
    with pytest.raises(InputError, match="is not a period"):
        load_round(written(tmp_path, STANDING)).for_period(period)


def test_standing_round__unknown_field__is_named(tmp_path):
    with pytest.raises(InputError, match=r"returns/\{moth\} has the field \{moth\}"):
        load_round(written(tmp_path, STANDING.replace("{year}/{month}", "{moth}")))


def test_round_of_one_period__braces_in_a_name__are_a_name(tmp_path):
    found = load_round(written(tmp_path, GOOD.replace("path: returns}", 'path: "returns {x}"}')))
    assert found.for_period("2020") is found


@pytest.mark.parametrize(
    ("due", "period", "day"),
    [
        ("5", "2020-08", date(2020, 9, 5)),
        ("5", "2020-12", date(2021, 1, 5)),
        ("15", "2020", date(2021, 1, 15)),
        ("2020-10-01", "2020-08", date(2020, 10, 1)),
        ('"2020-10-01"', "2020-08", date(2020, 10, 1)),
    ],
)
def test_due_on__day_of_the_next_month_or_a_date(tmp_path, due, period, day):
    assert load_round(written(tmp_path, STANDING.replace("due: 5", f"due: {due}"))).due_on(period) == day


def test_due_on__nothing_is_said__nothing_is_due(tmp_path):
    assert load_round(written(tmp_path, STANDING.replace("due: 5\n", ""))).due_on("2020-08") is None


MONTHS = st.tuples(st.integers(1900, 2099), st.integers(1, 12)).map(lambda month: f"{month[0]}-{month[1]:02d}")


@given(st.text(alphabet="{}yearmonthpid/.", max_size=40), MONTHS)
def test_filled__twice__is_filled_once(text, period):
    assert filled(filled(text, period), period) == filled(text, period)


@given(MONTHS, st.integers(1, 28))
def test_due_on__lies_in_the_month_after_the_period(period, day):
    due = due_day(day, period)
    assert due.day == day
    assert 0 < (due - period_days(period)[1]).days <= 28


def test_bundled_round__online_services__serves_months():
    found = bundled_round("press_online_services")
    assert found.period is None
    assert found.for_period("2024-12").sources[0].path == "2024-12.csv"
