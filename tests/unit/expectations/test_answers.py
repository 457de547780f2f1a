import numpy as np
import pandas as pd
import pytest

from expectations.answers import Bounds, doubted
from warehouse.errors import DtiError


def test_doubted__each_sign_against_its_own_bounds():
    signs = pd.DataFrame({"pace": [0.1, 0.5, np.nan], "marks": [6, 5, 7]}, index=[4, 9, 2])
    found = doubted(signs, {"pace": Bounds(least=0.5), "marks": Bounds(most=6, below=True)}, "survey x")
    assert found["pace"].to_dict() == {4: True, 9: False, 2: False}
    assert found["marks"].to_dict() == {4: True, 9: False, 2: True}


def test_doubted__beyond_every_number__is_doubted():
    assert doubted(pd.DataFrame({"far": [np.inf, 1.0]}), {"far": Bounds(most=5)}, "x")["far"].tolist() == [True, False]


def test_doubted__nothing_known__doubts_nothing():
    assert not doubted(pd.DataFrame({"far": [np.nan, np.nan]}), {"far": Bounds(most=5)}, "x")["far"].any()


def test_doubted__no_rows_or_no_bounds__is_empty():
    assert doubted(pd.DataFrame({"far": []}), {"far": Bounds(most=5)}, "x").empty
    assert not doubted(pd.DataFrame({"far": [9.0]}), {}, "x")["far"].any()


def test_doubted__a_check_that_crashes__is_an_error_of_the_check():
    with pytest.raises(DtiError, match="The check far of survey x crashed"):
        doubted(pd.DataFrame({"far": ["words", "more"]}), {"far": Bounds(most=5)}, "survey x")
