import pandas as pd
import pytest

from expectations.shape import check_shape
from warehouse.errors import BatchRefused
from warehouse.frames import CANDIDATE


def test_check_shape__declared_columns__pass(rows):
    check_shape(rows({}))


def test_check_shape__missing_columns__are_all_named(rows):
    with pytest.raises(BatchRefused, match=r"lack the column\(s\) item, value\."):
        check_shape(rows({}).drop(columns=["value", "item"]))


def test_check_shape__no_row__is_refused():
    with pytest.raises(BatchRefused, match="no row to validate"):
        check_shape(CANDIDATE.empty())


@pytest.mark.parametrize(
    ("column", "content"), [("value", "85"), ("counterpart", True), ("evidence_needed", "có"), ("valid_max", "100")]
)
def test_check_shape__column_of_another_type__is_named(rows, column, content):
    with pytest.raises(BatchRefused, match=rf"column\(s\) {column} "):
        check_shape(rows({}).assign(**{column: pd.Series([content])}))
