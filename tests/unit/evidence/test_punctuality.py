from datetime import date

import pandas as pd

from tasks.evidence.punctuality import COLUMNS, punctuality
from warehouse.frames import CANDIDATE

DUE = date(2020, 9, 5)


def candidates(*rows):
    return CANDIDATE.conform(pd.DataFrame(rows, columns=["agency", "submitted_on"]))


def listed(found):
    return [tuple(row) for row in found[["agency", "state", "days_late"]].astype(object).to_numpy()]


def test_punctuality__in_time__is_not_listed():
    assert punctuality(candidates(("a", "2020-09-05")), ["a"], DUE).empty


def test_punctuality__late__with_its_days():
    found = punctuality(candidates(("a", "2020-09-08")), ["a"], DUE)
    assert listed(found) == [("a", "late", 3)]
    assert (found["submitted_on"][0], found["due"][0]) == ("2020-09-08", "2020-09-05")


def test_punctuality__in_time_and_corrected_later__is_in_time():
    assert punctuality(candidates(("a", "2020-09-20"), ("a", "2020-09-01")), ["a"], DUE).empty


def test_punctuality__nothing_readable__is_missing():
    found = punctuality(candidates(("", "2020-09-01"), ("b", "2020-09-01")), ["a", "b"], DUE)
    assert listed(found) == [("a", "missing", pd.NA)]


def test_punctuality__no_date__cannot_be_called_in_time():
    assert listed(punctuality(candidates(("a", "")), ["a"], DUE)) == [("a", "undated", pd.NA)]


def test_punctuality__no_day_is_due__only_who_is_missing():
    found = punctuality(candidates(("a", ""), ("b", "2030-01-01")), ["a", "b", "c"], None)
    assert listed(found) == [("c", "missing", pd.NA)]
    assert found["due"][0] == ""


def test_punctuality__order__late_before_missing_before_undated():
    found = punctuality(candidates(("d", ""), ("c", "2020-09-06"), ("a", "2020-10-01")), ["d", "c", "b", "a"], DUE)
    assert found["agency"].tolist() == ["a", "c", "b", "d"]


def test_punctuality__nobody_had_to_report__an_empty_list():
    found = punctuality(candidates(("a", "2030-01-01")), [], DUE)
    assert found.empty
    assert list(found.columns) == list(COLUMNS)
