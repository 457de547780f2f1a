from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import pytest

from tasks.evidence.experts.places import Places
from tasks.evidence.experts.pseudonyms import KEPT_COLUMNS, pseudonymise_ratings
from tasks.evidence.surveys.pseudonyms import Pseudonyms
from tasks.harmonise.agencies import Registry
from tasks.harmonise.items import ItemIndex
from tasks.harmonise.numbers import parse_number

KEY = Pseudonyms("k" * 32)
AT = date(2020, 12, 31)


@pytest.fixture(scope="module")
def places():
    return Places(Registry.bundled(), AT, ("province",))


@pytest.fixture
def kept(places, tiny):
    return partial(kept_of, places, ItemIndex(tiny))


def kept_of(places, items, **changes):
    row = {
        "expert": "Lê Văn A",
        "employer": "Viện Mô Phỏng",
        "agency": "Bắc Ninh",
        "criterion": "X.1",
        "round": "2",
        "rating": "7,5",
        "confidence": "4",
        "justification": "Tôi là người soạn kế hoạch",
    }
    return pseudonymise_ratings(pd.DataFrame([row | changes]), KEY, places, items)


def test_pseudonymise_ratings__keeps_no_name_no_words_and_no_employer(kept):
    ratings = kept()
    assert tuple(ratings.columns) == KEPT_COLUMNS
    text = ratings.to_csv()
    for planted in ("Lê Văn A", "Viện Mô Phỏng", "soạn kế hoạch"):
        assert planted not in text
    assert ratings.loc[0, "expert"] == KEY.of("expert", "lê văn a ")
    said = ratings.drop(columns="expert").loc[0].to_list()
    assert said == ["unknown", "province-bac-ninh", "X.1", "2", "=7.5", "=4"]


def test_pseudonymise_ratings__an_employer_named_in_one_row__holds_for_all_of_the_expert(places, tiny):
    """Also where the name is spelt otherwise."""
    same = {
        "agency": "Bắc Ninh",
        "criterion": "X.1",
        "round": "1",
        "rating": "7",
        "confidence": "4",
        "justification": "",
    }
    rows = [
        {"expert": "TS. Lê Văn Hoà", "employer": "UBND tỉnh Bắc Ninh", **same},
        {"expert": "lê văn  Hòa", "employer": "", **same, "round": "2"},
        {"expert": "Trần B", "employer": "", **same},
    ]
    ratings = pseudonymise_ratings(pd.DataFrame(rows), KEY, places, ItemIndex(tiny))
    assert ratings["employed"].tolist() == ["own", "own", "unknown"]
    assert ratings["expert"].nunique() == 2


@pytest.mark.parametrize("column", ["agency", "criterion", "round", "rating", "confidence"])
def test_pseudonymise_ratings__keeps_no_words_in_a_cell_where_they_do_not_belong(kept, column):
    for words in ("7 (theo ông Lê Văn A)", "Theo ông Lê Văn A", "2 Lê Văn A"):
        assert "Lê Văn A" not in kept(**{column: words}).to_csv()
    assert kept(**{column: "Theo ông Lê Văn A"})[column].tolist() == ["?"]
    assert kept(**{column: " "})[column].tolist() == [""]


@pytest.mark.parametrize(("text", "bare"), [("7,25 điểm", "=7.25"), ("80%", "80,0%"), ("12,345%", "12,345%")])
def test_pseudonymise_ratings__numbers_stay_what_they_were(kept, text, bare):
    assert kept(confidence=text)["confidence"].tolist() == [bare]
    assert parse_number(bare).value == parse_number(text).value


def test_pseudonymise_ratings__drops_columns_that_are_no_part_of_a_rating(kept):
    ratings = kept(telephone="0000012345")
    assert "0000012345" not in ratings.to_csv()


@pytest.mark.parametrize(
    ("employer", "agency", "said"),
    [
        ("UBND tỉnh Bắc Ninh", "Bắc Ninh", "own"),
        ("TP Hà Nội", "Thành phố Hà Nội", "own"),
        ("Tỉnh Hà Nam", "Bắc Ninh", "other"),
        ("Bộ Tài chính", "Bắc Ninh", "other"),
        ("Trường Đại học Mô Phỏng", "Bắc Ninh", "unknown"),
        ("Sở Y tế tỉnh Bắc Ninh", "Bắc Ninh", "own"),
        ("Văn phòng UBND tỉnh Bắc Ninh", "Bắc Ninh", "own"),
        ("Sở Y tế Hà Nội", "Bắc Ninh", "other"),
        ("Sở Y tế", "Bắc Ninh", "unknown"),
        ("Trường Đại học Bắc Ninh", "Bắc Ninh", "unknown"),
        ("", "Bắc Ninh", "unknown"),
        ("Cơ quan lạ", "cơ quan lạ", "own"),
        ("Bộ Y tế", "Không có thật", "other"),
    ],
)
def test_employment__finds_out_who_judges_the_own_agency(places, employer, agency, said):
    assert places.employment(employer, agency) == said


def test_employment__of_ministries():
    places = Places(Registry.bundled(), AT, ("ministry", "ministerial_body", "government_agency"))
    assert places.employment("Bộ TT&TT", "Bộ Thông tin và Truyền thông") == "own"
    assert places.employment("Cục Tin học hóa, Bộ TT&TT", "Bộ Thông tin và Truyền thông") == "own"
    assert places.employment("Sở Thông tin và Truyền thông", "Bộ Thông tin và Truyền thông") == "unknown"


def test_agency_of__an_ambiguous_name_is_never_guessed(places):
    twins = Registry.bundled().valid_at(AT, ("province",))[:2]
    ambiguous = Registry([replace(one, name_vi="Trùng Tên", full_name_vi="Trùng Tên", name_en="") for one in twins])
    assert Places(ambiguous, AT).agency_of("Trùng Tên") == ""
    assert places.agency_of("Không có thật") == ""
    assert places.agency_of("") == ""
