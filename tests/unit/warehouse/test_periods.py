from datetime import date

import pytest

from warehouse.errors import InputError
from warehouse.periods import period_days


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("2020", (date(2020, 1, 1), date(2020, 12, 31))),
        ("2020-08", (date(2020, 8, 1), date(2020, 8, 31))),
        ("2021-02", (date(2021, 2, 1), date(2021, 2, 28))),
    ],
)
def test_period_days__year_or_month__first_and_last_day(period, days):
    assert period_days(period) == days


@pytest.mark.parametrize("text", ["", "20", "2020-13", "2020-8", "2020-08-01", " 2020"])
def test_period_days__anything_else__refused(text):
    with pytest.raises(InputError, match="is not a period"):
        period_days(text)
