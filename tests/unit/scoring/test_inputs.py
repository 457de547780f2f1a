"""Measurements that cannot be scored are refused with the file, the row and what to do."""

import numpy as np
import pandas as pd
import pytest

from tasks.scoring.engine import score
from warehouse.errors import InputError

ROWS = (
    "code,parent,rule,parameters,aggregation",
    "T,,,,mean",
    "P,T,minmax,minimum=1; maximum=9; transform=log; entry=value,mean",
    "CQS.1,P,published,,",
    "CQS.2,P,binary,,",
    "CQS.3,P,linear,target=9; floor=1; transform=log10,",
    "CQS.4,P,linear,target=9; transform=sqrt,",
)


@pytest.fixture
def refused(build):
    """The error that a frame raises."""

    def run(frame: pd.DataFrame) -> InputError:
        with pytest.raises(InputError) as caught:
            score(build(*ROWS), frame, origin="in.csv")
        return caught.value

    return run


def frame(*rows: tuple[object, ...], columns: str = "agency,node,value,period,stage") -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split(","))


GOOD = ("Hà Nội", "CQS.1", 0.5, "2020", "final")

BAD_ROWS = {
    "unknown node": (("Hà Nội", "CQS.9", 0.5, "2020", "final"), "'CQS.9' is not a node of the framework tiny", "CQS.4"),
    "value not a number": (
        ("Hà Nội", "CQS.1", "n/a", "2020", "x"),
        "the value 'n/a' is not a finite number",
        "leave the",
    ),
    "value blank": (("Hà Nội", "CQS.1", None, "2020", "final"), "is not a finite number", "leave the whole row out"),
    "value nan": (
        ("Hà Nội", "CQS.1", float("nan"), "2020", "final"),
        "the value nan is not a finite number",
        "leave the",
    ),
    "value infinite": (
        ("Hà Nội", "CQS.1", float("inf"), "2020", "final"),
        "the value inf is not a finite",
        "leave the",
    ),
    "agency blank": (("", "CQS.1", 0.5, "2020", "final"), "the agency is blank", "every row"),
    "agency missing": ((None, "CQS.1", 0.5, "2020", "final"), "the agency is blank", "every row"),
    "node blank": (("Hà Nội", " ", 0.5, "2020", "final"), "the node is blank", "every row"),
    "period blank": (("Hà Nội", "CQS.1", 0.5, "", "final"), "the period is blank", "every row"),
    "unknown stage": (("Hà Nội", "CQS.1", 0.5, "2020", "draft"), "the stage 'draft' is not known", "self_reported"),
    "doubled": (GOOD, "agency Hà Nội, node CQS.1, period 2020, stage final was measured in row 2 already", "Keep one"),
    "doubled with a blank stage": (
        ("Hà Nội", "CQS.1", 9.0, "2020", ""),
        "was measured in row 2 already",
        "counts as final",
    ),
    "binary": (("Hà Nội", "CQS.2", 0.5, "2020", "final"), "CQS.2 is binary, but its value is 0.5", "1 for yes"),
    "logarithm": (("Hà Nội", "CQS.3", 0.0, "2020", "final"), "CQS.3 has the value 0, which has no log10", "transform"),
    "square root": (
        ("Hà Nội", "CQS.4", -1.0, "2020", "final"),
        "CQS.4 has the value -1, which has no sqrt",
        "transform",
    ),
    "logarithm of an entry": (
        ("Hà Nội", "P", -2.0, "2020", "final"),
        "P has the value -2, which has no log",
        "transform",
    ),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_row__is_named(refused, case):
    row, words, remedy = BAD_ROWS[case]
    error = refused(frame(GOOD, row))
    assert error.message.startswith("in.csv, row 3: ")
    assert words in error.message
    assert remedy in error.hint


def test_bad_rows__are_counted(refused):
    error = refused(frame(GOOD, *(("Huế", "CQS.2", 0.5, str(year), "final") for year in (2018, 2019, 2020))))
    assert "row 3: " in error.message
    assert "(2 more rows have the same fault)" in error.message


def test_bad_row__its_number_survives_leaving_rows_out(refused):
    rows = frame(
        GOOD, *[("Huế", "CQS.1", 0.5, str(year), "final") for year in range(2010, 2020)], ("X", "Q", 1, "2020", "")
    )
    assert "row 13: 'Q'" in refused(rows.drop(index=range(3, 8))).message


@pytest.mark.parametrize("name", ["standard_error", "n"])
@pytest.mark.parametrize("figure", [-0.1, float("inf"), "wide"])
def test_uncertainty__that_makes_no_sense(refused, name, figure):
    rows = frame(("X", "CQS.1", 0.5, 1), ("Y", "CQS.1", 0.5, figure), columns=f"agency,node,value,{name}")
    assert f"in.csv, row 3: {name} is {figure}" in refused(rows).message


def test_uncertainty__may_be_blank(build):
    rows = frame(("X", "CQS.1", 0.5, None, pd.NA), columns="agency,node,value,standard_error,n")
    assert not score(build(*ROWS), rows).empty


@pytest.mark.parametrize(
    ("columns", "missing"), [("agency,node,wert", "column value"), ("who,node,what", "columns agency, value")]
)
def test_columns__a_needed_one_is_missing(refused, columns, missing):
    error = refused(frame(("X", "CQS.1", 0.5), columns=columns))
    assert f"in.csv has no {missing}" in error.message
    assert "agency, node, value" in error.hint


def test_columns__one_stands_twice(refused):
    assert (
        "the column node more than once"
        in refused(frame(("X", "a", "a", 1.0), columns="agency,node,node,value")).message
    )


def test_rows__none(refused):
    assert refused(frame()).message == "in.csv has no rows."


def test_values__may_be_texts(build, column):
    rows = frame(("X", "CQS.1", "0.25", "2020", "final"))
    assert column(score(build(*ROWS), rows), "CQS.1", "value") == {"X": 0.25}


def test_periods__all_blank_are_one_period(build):
    rows = frame(("X", "CQS.1", 0.25, "", "final"), ("Y", "CQS.1", 0.25, "", "final"))
    assert set(score(build(*ROWS), rows)["period"]) == {""}


def test_agencies__need_not_be_known_anywhere(build, column):
    rows = frame(("01", "CQS.1", 0.25, "2020", "final"), ("Viet Nam", "CQS.1", 0.5, "2020", "final"))
    assert column(score(build(*ROWS), rows), "CQS.1", "rank") == {"01": 2, "Viet Nam": 1}


def test_points__zero_given_at_a_node_that_does_not_score__are_no_points(build):
    framework = build("code,parent,max_points,rule", "T,,1,", "a,T,1,ratio", "b,T,0,ratio")
    rows = pd.DataFrame({"agency": "X", "node": ["a", "b"], "value": [0.5, np.nan], "points": [np.nan, 0.0]})
    shares = score(framework, rows).set_index("node")["share"]
    assert shares.to_dict() == {"T": 0.5, "a": 0.5, "b": 0.0}


def test_points__more_than_zero_at_a_node_that_does_not_score__are_refused(build):
    framework = build("code,parent,max_points,rule", "T,,1,", "a,T,1,ratio", "b,T,0,ratio")
    rows = pd.DataFrame({"agency": "X", "node": ["b"], "value": [np.nan], "points": [0.5]})
    with pytest.raises(InputError, match=r"b has 0 points at the most, but 0\.5 were given"):
        score(framework, rows)
