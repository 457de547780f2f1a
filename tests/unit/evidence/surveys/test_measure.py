import json
import shutil

import pandas as pd
import pytest

from tasks.evidence.surveys.measure import check_criteria, measure
from tasks.evidence.surveys.values import Round
from warehouse.errors import FrameworkError
from warehouse.frames import MEASUREMENT
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.survey import SurveyDeclaration, load_surveys

WHERE = Round("r", "2020", pages={"aB12": ("ab",), "other": ("cd",)})
YAML = """\
framework: tiny
levels:
  - {level: index}
  - {level: criterion}
"""
NODES = """\
code,parent,level,name_en,max_points,evidence,rule,parameters,unit
X,,index,Index,10,,,,
X.1,X,criterion,Ease,5,survey,likert,,1-5
X.2,X,criterion,Use,5,survey,proportion,,%
"""
POPULATION = """\
survey,agency,stratum,clusters,units
people,Hà Giang,urban,10,1000
people,Cao Bằng,urban,10,1000
"""


@pytest.fixture
def tiny(tmp_path):
    (tmp_path / "framework.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "nodes.csv").write_text(NODES, encoding="utf-8")
    (tmp_path / "survey_population.csv").write_text(POPULATION, encoding="utf-8")
    return load_framework(tmp_path)


def measured(framework, survey, answers):
    rows, _, summary = measure_all(framework, survey, answers)
    return rows, summary


def measure_all(framework, *surveys_and_answers):
    *surveys, answers = surveys_and_answers
    declaration = SurveyDeclaration(framework="tiny", surveys=tuple(surveys))
    return measure(answers, framework, declaration, WHERE, str)


def five(**changes):
    marks, votes = "23445", "11122"
    rows = [{"cum": f"c{place % 2}", "q1": marks[place], "q2": votes[place]} for place in range(5)]
    return [row | changes for row in rows]


def test_measure__gives_values_in_the_unit_of_the_criterion(tiny, make_survey, make_answers):
    rows, _ = measured(tiny, make_survey(), make_answers(*five()))
    assert list(rows.columns) == list(MEASUREMENT.columns)
    by_node = rows.set_index("node")
    assert by_node["value"].to_dict() == pytest.approx({"X.1": 3.6, "X.2": 60.0})
    assert by_node["n"].to_dict() == {"X.1": 5, "X.2": 5}
    assert by_node["method"].to_dict() == {"X.1": "survey:likert", "X.2": "survey:proportion"}
    # Cluster sums of the scores, w (y - mean) / W: c0 has 2, 4, 5 and c1 has 3, 4; a fifth of the clusters is sampled.
    assert by_node.loc["X.1", "standard_error"] == pytest.approx((0.8 * 2 * 2 * (0.2 / 5) ** 2) ** 0.5)


def test_measure__says_in_the_detail_how_good_an_estimate_is(tiny, make_survey, make_answers):
    rows, _ = measured(tiny, make_survey(), make_answers(*five()))
    detail = json.loads(rows["detail"].iloc[0])
    assert detail.keys() >= {
        "survey",
        "design_effect",
        "effective_n",
        "degrees_of_freedom",
        "interval",
        "form_versions",
    }
    assert detail["form_versions"] == ["aB12 v1"]
    assert rows["snapshots"].to_list() == ['["ab"]'] * 2


def test_measure__suppresses_cells_below_the_minimum(tiny, make_survey, make_answers):
    answers = five()
    answers[0]["q2"] = answers[1]["q2"] = "9"
    rows, summary = measured(tiny, make_survey(), make_answers(*answers))
    assert rows["node"].to_list() == ["X.1"]
    assert summary.surveys[0].suppressed == ("Hà Giang: X.2",)


def test_measure__suppresses_an_agency_of_one_cluster(tiny, make_survey, make_answers):
    rows, summary = measured(tiny, make_survey(), make_answers(*five(cum="c0")))
    assert rows.empty
    assert summary.surveys[0].suppressed == ("Hà Giang: X.1", "Hà Giang: X.2")


def test_measure__names_a_province_without_respondents(tiny, make_survey, make_answers):
    rows, summary = measured(tiny, make_survey(), make_answers(*five()))
    assert set(rows["agency"]) == {"Hà Giang"}
    assert summary.surveys[0].no_respondent == ("Cao Bằng",)


def test_measure__counts_what_belongs_to_no_survey_or_stratum(tiny, make_survey, make_answers):
    answers = make_answers(*five(), {"form": "zz"}, {"tang": "moon"}, {"form_version": "7"})
    _, summary = measured(tiny, make_survey(), answers)
    assert summary.unknown_forms == {"zz": 1}
    assert summary.surveys[0].refused == {"form version not mapped: aB12 v7": 1, "stratum not in the population": 1}
    assert summary.surveys[0].used == 5


def test_measure__leaves_out_by_a_declared_rule_only(tiny, make_survey, make_answers):
    answers = make_answers(*five(), {"cum": "c0", "q1": "1", "ketthuc": "2020-12-01T07:00:20+07:00"})
    kept, first = measured(tiny, make_survey(), answers)
    left, second = measured(tiny, make_survey(quality={"exclude": ["speeder"]}), answers)
    assert (kept["n"].iloc[0], left["n"].iloc[0]) == (6, 5)
    assert first.surveys[0].flagged["speeder"] == second.surveys[0].excluded["speeder"] == 1


def test_measure__takes_answers_none_of_which_can_be_used(tiny, make_survey, make_answers):
    rows, summary = measured(tiny, make_survey(), make_answers(*five(trongso="0")))
    assert rows.empty
    assert summary.surveys[0].refused == {"weight zero or negative": 5}


def test_measure__does_not_depend_on_the_order_of_the_answers(tiny, make_survey, make_answers):
    answers = make_answers(*five(), *five(tinh="Cao Bằng"))
    first, _ = measured(tiny, make_survey(), answers)
    second, _ = measured(tiny, make_survey(), answers.iloc[::-1])
    pd.testing.assert_frame_equal(first, second, rtol=1e-12)


def test_measure__refuses_margins_that_do_not_sum(tiny, make_survey, make_answers):
    margins = "survey,agency,margin,category,units\npeople,Hà Giang,sex,nam,400\npeople,Hà Giang,sex,nữ,500\n"
    (tiny.folder / "survey_margins.csv").write_text(margins, encoding="utf-8")
    with pytest.raises(FrameworkError, match=r"margin sex of Hà Giang sums to 900, but .* 1000"):
        measured(tiny, make_survey(rake=["sex"]), make_answers(*five()))


def test_measure__shows_nothing_of_a_respondent(tiny, make_survey, make_answers):
    answers = make_answers(*five(dienthoai="0000012345", hoten="Người Mô Phỏng 7", zalo="0000012345"))
    rows, summary = measured(tiny, make_survey(), answers)
    text = rows.to_csv() + json.dumps(summary.as_dict(), ensure_ascii=False) + repr(summary)
    for planted in ("0000012345", "Mô Phỏng", "u0", "DTV 1"):
        assert planted not in text


def test_check_criteria__refuses_a_code_that_no_survey_measures(tiny, make_survey):
    form = make_survey().forms[0].model_dump() | {"criteria": {"X.9": {"question": "q1", "scale": "rating"}}}
    declaration = SurveyDeclaration(framework="tiny", surveys=(make_survey(forms=[form]),))
    with pytest.raises(FrameworkError, match=r"X\.9, which tiny does not measure"):
        check_criteria(tiny, declaration)


def test_check_criteria__refuses_a_scale_of_another_kind(tiny, make_survey):
    form = make_survey().forms[0].model_dump() | {"criteria": {"X.1": {"question": "q1", "scale": "yes_no"}}}
    declaration = SurveyDeclaration(framework="tiny", surveys=(make_survey(forms=[form]),))
    with pytest.raises(FrameworkError, match="rule likert"):
        check_criteria(tiny, declaration)


@pytest.mark.parametrize("name", ["province_2020", "ministry_2020"])
def test_check_criteria__finds_every_survey_criterion_of_the_bundled_frameworks_mapped(name):
    framework = load_framework(name)
    declaration = load_surveys(framework.folder)
    assert check_criteria(framework, declaration) == ()
    for survey in declaration.surveys:
        assert len({version for form in survey.forms for version in form.versions}) == 2
        assert all(form.criteria.keys() == set(survey.criteria) for form in survey.forms)


def test_framework_digest__covers_the_survey(tmp_path):
    source = load_framework("ministry_2020").folder
    folder = tmp_path / "copy"
    shutil.copytree(source, folder)
    before = load_framework(folder).digest
    for name in ("survey.yaml", "survey_population.csv", "survey_margins.csv"):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        after = load_framework(folder).digest
        assert after != before
        before = after
