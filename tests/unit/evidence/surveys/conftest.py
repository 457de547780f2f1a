import pandas as pd
import pytest

from warehouse.frameworks.survey import Survey

FIELDS = {
    "agency": "tinh",
    "stratum": "tang",
    "cluster": "cum",
    "weight": "trongso",
    "interviewer": "dtv",
    "started": "batdau",
    "ended": "ketthuc",
    "margins": {"sex": "gioi"},
}
SCALES = {
    "rating": {"kind": "likert", "low": 1, "high": 5, "dont_know": ["9"]},
    "best_first": {"kind": "likert", "low": 1, "high": 5, "reverse": True},
    "words": {"kind": "likert", "low": 1, "high": 5, "codes": {"kém": 1, "tốt": 5}},
    "yes_no": {"kind": "proportion", "yes_answers": ["1"], "no_answers": ["2"], "dont_know": ["9"]},
}


@pytest.fixture
def make_survey():
    def make(**changes):
        first = {
            "forms": ["aB12"],
            "versions": ["1"],
            "fields": FIELDS,
            "identity": ["dienthoai"],
            "contact": ["hoten"],
            "criteria": {
                "X.1": {"question": "q1", "scale": "rating"},
                "X.2": {"question": "q2", "scale": "yes_no"},
            },
        }
        second = first | {
            "versions": ["2"],
            "criteria": {
                "X.1": {"question": "c9", "scale": "best_first"},
                "X.2": {"question": "c8", "scale": "yes_no"},
            },
        }
        said = {
            "survey": "people",
            "population": "people",
            "title_vi": "Khảo sát người dân",
            "title_en": "Survey of people",
            "scales": SCALES,
            "forms": [first, second],
            "minimum_cell": 4,
        }
        return Survey.model_validate(said | changes)

    return make


@pytest.fixture
def make_answers():
    def make(*rows):
        plain = {
            "form": "aB12",
            "form_version": "1",
            "submitted_at": "2020-12-01T08:00:00+07:00",
            "review_state": "",
            "tinh": "Hà Giang",
            "tang": "urban",
            "cum": "c1",
            "trongso": "10",
            "dtv": "DTV 1",
            "batdau": "2020-12-01T07:00:00+07:00",
            "ketthuc": "2020-12-01T07:15:00+07:00",
            "gioi": "nam",
            "hoten": "Người Mô Phỏng",
            "q1": "4",
            "q2": "1",
        }
        numbered = [
            plain | {"submission_id": f"u{number}", "dienthoai": f"p{number}"} | row for number, row in enumerate(rows)
        ]
        return pd.DataFrame(numbered).fillna("").astype("str")

    return make
