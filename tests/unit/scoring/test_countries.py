"""Countries of a measurements file: one country under two names stands twice."""

import pandas as pd
import pytest

from tasks.scoring.countries import with_known_units
from tasks.scoring.engine import score
from warehouse.errors import InputError
from warehouse.frameworks.loader import load_framework

EGDI = load_framework("egdi")


def rows(*agencies, node="OSI"):
    return pd.DataFrame({"agency": pd.array(agencies, dtype="str"), "node": node, "value": 0.5})


def test_names__codes_and_other_spellings__become_names_of_m49():
    found = with_known_units(rows("VNM", "thailand", "Laos"), EGDI, "in.csv")
    assert list(found["agency"]) == ["Viet Nam", "Thailand", "Lao People's Democratic Republic"]


def test_names__one_country_under_two__is_an_error_that_names_both_rows():
    found = with_known_units(rows("Viet Nam", "Thailand", "Vietnam"), EGDI, "in.csv")
    with pytest.raises(InputError, match=r"in.csv, row 4: agency Viet Nam.* was measured in row 2 already"):
        score(EGDI, found, origin="in.csv")


def test_names__no_country__is_an_error_that_names_the_row_and_the_nearest():
    with pytest.raises(InputError, match=r"in.csv, row 3: 'Wakanda' is not a country of M49") as error:
        with_known_units(rows("Viet Nam", "Wakanda"), EGDI, "in.csv")
    assert "Rwanda" in error.value.hint


def test_names__a_framework_of_other_units__are_left_as_they_are():
    found = rows("Wakanda", node="ICT")
    assert with_known_units(found, load_framework("ict_index_2016"), "in.csv") is found


def test_egdi__a_country_that_lacks_a_sub_index__has_no_index_and_no_rank():
    figures = pd.concat([rows("Viet Nam", "Thailand", node=node) for node in ("OSI", "TII", "HCI")])
    lacking = figures[(figures["agency"] != "Thailand") | (figures["node"] != "HCI")]
    found = score(EGDI, lacking.reset_index(drop=True))
    total = found[found["node"] == "EGDI"].set_index("agency")
    assert total.loc["Viet Nam", ["share", "rank"]].tolist() == [0.5, 1]
    assert (total.at["Thailand", "status"], total.loc["Thailand", ["share", "rank"]].isna().all()) == ("excluded", True)
