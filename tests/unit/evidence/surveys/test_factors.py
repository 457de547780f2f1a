"""What the measurements of surveys share, as the round hands it on."""

import numpy as np
import pandas as pd
import pytest

from tasks.evidence.surveys.measure import measure
from tasks.evidence.surveys.values import Round
from warehouse.frames import ERROR_FACTOR
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.survey import SurveyDeclaration

YAML = "framework: tiny\nlevels:\n  - {level: index}\n  - {level: criterion}\n"
NODES = """\
code,parent,level,name_en,max_points,evidence,rule,parameters,unit
X,,index,Index,20,,,,
X.1,X,criterion,Ease,5,survey,likert,,1-5
X.2,X,criterion,Use,5,survey,proportion,,%
X.3,X,criterion,Speed,5,survey,likert,,1-5
X.4,X,criterion,Trust,5,survey,likert,,1-5
"""


@pytest.fixture
def tiny(tmp_path):
    (tmp_path / "framework.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "nodes.csv").write_text(NODES, encoding="utf-8")
    return load_framework(tmp_path)


@pytest.fixture
def surveys(make_survey):
    """People are asked for X.1 and X.2, officials for X.3 and X.4."""
    form = make_survey().forms[0].model_dump()
    plain = {"survey": "officials", "population": "officials"}
    rating = {name: {"question": question, "scale": "rating"} for name, question in (("X.3", "q1"), ("X.4", "q3"))}
    officials = make_survey(forms=[form | {"forms": ["cB"], "criteria": rating}], **plain)
    return SurveyDeclaration(framework="tiny", surveys=(make_survey(), officials))


@pytest.fixture
def answered(tiny, surveys, make_answers):
    """Measurements and factors of forty answers of each agency and survey."""

    def run(*, order=1, **changes):
        random, rows = np.random.default_rng(3), []
        for agency in ("Hà Giang", "Cao Bằng"):
            for form in ("aB12", "cB"):
                for number in range(40):
                    mark = int(random.integers(1, 6))
                    said = {"q1": str(mark), "q2": str(1 + (mark < 3)), "q3": str(6 - mark)}
                    rows.append({"tinh": agency, "form": form, "cum": f"c{number % 8}", **said} | changes)
        answers = make_answers(*rows)[::order]
        found, factors, _ = measure(answers, tiny, surveys, Round("r", "2020"), str)
        return found, factors

    return run


def covariance(factors, first, second):
    table = factors.pivot(index="factor", columns=["agency", "node"], values="loading").fillna(0.0)
    return float(table[first] @ table[second])


def test_factors__the_squares_of_a_cell_sum_to_the_square_of_its_standard_error(answered):
    rows, factors = answered()
    assert list(factors.columns) == list(ERROR_FACTOR.columns)
    squares = factors.assign(square=factors["loading"] ** 2).groupby(["agency", "node"])["square"].sum()
    errors = rows.set_index(["agency", "node"])["standard_error"]
    assert len(errors) == 8
    assert squares.reindex(errors.index).to_numpy() == pytest.approx(errors.to_numpy() ** 2, rel=1e-9)


def test_factors__questions_to_the_same_people_go_together_and_by_what_they_ask(answered):
    rows, factors = answered()
    errors = rows.set_index(["agency", "node"])["standard_error"]
    first, second = ("Hà Giang", "X.1"), ("Hà Giang", "X.2")
    assert covariance(factors, first, second) / errors[first] / errors[second] > 0.7  # a good mark comes with a yes
    first, second = ("Hà Giang", "X.3"), ("Hà Giang", "X.4")
    assert covariance(factors, first, second) == pytest.approx(-errors[first] * errors[second])  # q3 is 6 - q1


def test_factors__surveys_and_agencies_share_nothing(answered):
    _, factors = answered()
    named = factors["factor"].str.rsplit(":", n=1).str[0]
    assert set(named) == {
        f"survey:{agency}:{survey}" for agency in ("Hà Giang", "Cao Bằng") for survey in ("people", "officials")
    }
    assert covariance(factors, ("Hà Giang", "X.1"), ("Hà Giang", "X.3")) == 0
    assert covariance(factors, ("Hà Giang", "X.1"), ("Cao Bằng", "X.1")) == 0


def test_factors__a_unit_that_runs_the_other_way__turns_the_error_round(tiny, answered):
    _, plain = answered()
    tiny.by_code["X.4"].parameters.update(low=5.0, high=1.0)
    rows, turned = answered()
    pair = ("Hà Giang", "X.3"), ("Hà Giang", "X.4")
    assert covariance(turned, *pair) == pytest.approx(-covariance(plain, *pair))
    assert (rows["standard_error"] > 0).all()


def test_factors__of_a_suppressed_cell__are_none(answered):
    rows, factors = answered(q2="9")
    assert "X.2" not in set(rows["node"])
    assert set(factors["node"]) == {"X.1", "X.3", "X.4"}


def test_factors__say_with_how_many_degrees_of_freedom_they_were_estimated(answered):
    _, factors = answered()
    assert factors["block"].tolist() == [name.rpartition(":")[0] for name in factors["factor"]]
    assert set(factors["degrees_of_freedom"]) == {7.0}  # eight clusters in one stratum


def test_factors__a_cell_that_few_clusters_answered__makes_no_other_as_uncertain(tiny, surveys, make_answers):
    random = np.random.default_rng(3)
    said = [(f"c{number % 8}", str(int(random.integers(1, 6))), number) for number in range(80)]
    rows = [
        {"tinh": "Hà Giang", "form": "aB12", "cum": cum, "q1": mark, "q2": str(1 + number % 3 // 2) if few else "9"}
        for cum, mark, number in said
        for few in [cum in ("c1", "c2", "c3")]
    ]
    found, factors, _ = measure(make_answers(*rows), tiny, surveys, Round("r", "2020"), str)
    assert set(found["node"]) == {"X.1", "X.2"}
    by_factor = factors.groupby("factor")["degrees_of_freedom"].first().to_dict()
    assert by_factor == {"survey:Hà Giang:people:1": 7.0, "survey:Hà Giang:people:X.2": 2.0}


def test_factors__do_not_depend_on_the_order_of_answers(answered):
    (_, first), (_, second) = answered(), answered(order=-1)
    pd.testing.assert_frame_equal(first, second, rtol=1e-9)


def test_factors__name_no_respondent_cluster_or_interviewer(answered):
    _, factors = answered(dtv="DTV 17", cum="", dienthoai="0000012345", hoten="Người Mô Phỏng 7")
    text = factors.to_csv()
    assert len(factors) > 4
    for planted in ("DTV", "0000012345", "Mô Phỏng", "urban", ":c1", "aB12"):
        assert planted not in text


def test_factors__answers_that_are_all_equal__have_none(answered):
    rows, factors = answered(q1="4", q2="1", q3="2")
    assert rows["standard_error"].tolist() == [0.0] * 8
    assert factors.empty
