from pathlib import Path

import pytest
import yaml

from warehouse.errors import FrameworkError
from warehouse.frameworks.survey import FILE, load_surveys
from warehouse.frameworks.survey_tables import check_margins, load_margins, load_population

FORM = {"forms": ["aB12"], "versions": ["1"], "criteria": {"X.1": {"question": "q1", "scale": "rating"}}}
SURVEY = {
    "survey": "people",
    "population": "people",
    "title_vi": "Khảo sát",
    "title_en": "Survey",
    "scales": {"rating": {"kind": "likert", "low": 1, "high": 5}},
    "forms": [FORM],
}


def load(folder, *surveys):
    text = yaml.safe_dump({"framework": "x", "surveys": list(surveys)}, allow_unicode=True)
    (folder / FILE).write_text(text, encoding="utf-8")
    return load_surveys(folder)


def scale(**said):
    return SURVEY | {"scales": {"rating": said}}


def test_load_surveys__reads_a_declaration(tmp_path):
    survey = load(tmp_path, SURVEY).survey("people")
    assert survey.criteria == ("X.1",)
    assert survey.form_of("aB12", "1") is survey.forms[0]
    assert survey.form_of("aB12", "2") is None


@pytest.mark.parametrize(
    ("surveys", "said"),
    [
        ([SURVEY | {"colour": "red"}], "colour"),
        ([SURVEY | {"population": "cats"}], "population"),
        ([SURVEY, SURVEY], "same name"),
        ([SURVEY, SURVEY | {"survey": "two"}], "X.1 is measured by two surveys"),
        ([SURVEY | {"forms": [FORM, FORM]}], "declared twice"),
        ([SURVEY | {"scales": {}}], "'rating' is not among the scales"),
        ([SURVEY | {"rake": ["sex"]}], "no question for the margin 'sex'"),
        ([scale(kind="likert", low=5, high=1)], "greater `high`"),
        ([scale(kind="proportion")], "yes_answers"),
        ([scale(kind="proportion", yes_answers=["1"], dont_know=["1"])], "two things at once"),
        ([scale(kind="number", reverse=True)], "reversed"),
        ([SURVEY | {"minimum_cell": 1}], "minimum_cell"),
    ],
)
def test_load_surveys__names_what_is_wrong(tmp_path, surveys, said):
    with pytest.raises(FrameworkError, match=said):
        load(tmp_path, *surveys)


def test_load_surveys__refuses_a_ratio_without_a_denominator(tmp_path):
    item = {"question": "q1", "scale": "rating", "statistic": "ratio"}
    with pytest.raises(FrameworkError, match="denominator"):
        load(tmp_path, SURVEY | {"forms": [FORM | {"criteria": {"X.1": item}}]})


@pytest.mark.parametrize("text", ["[", "surveys: 3", "", "framework: \u0041\u0301"])
def test_load_surveys__refuses_what_is_no_declaration(tmp_path, text):
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(FrameworkError, match=FILE):
        load_surveys(tmp_path)


def test_load_surveys__says_where_the_file_is_missing(tmp_path):
    with pytest.raises(FrameworkError, match=r"holds no survey\.yaml"):
        load_surveys(tmp_path)


def test_survey__refuses_an_unknown_name(tmp_path):
    with pytest.raises(FrameworkError, match="no survey 'cats'"):
        load(tmp_path, SURVEY).survey("cats")


@pytest.mark.parametrize("size", ["0", "-4", "many", "", "inf"])
def test_load_population__refuses_a_size_that_is_none(tmp_path, size):
    text = f"survey,agency,stratum,clusters,units\npeople,a,x,10,{size}\n"
    (tmp_path / "survey_population.csv").write_text(text, encoding="utf-8")
    with pytest.raises(FrameworkError, match="line 2: units is"):
        load_population(tmp_path, "people")


def test_load_population__refuses_a_row_that_stands_twice(tmp_path):
    text = "survey,agency,stratum,clusters,units\n" + "people,a,x,10,100\n" * 2
    (tmp_path / "survey_population.csv").write_text(text, encoding="utf-8")
    with pytest.raises(FrameworkError, match="line 3 stands twice"):
        load_population(tmp_path, "people")


def test_load_population__is_empty_without_a_file(tmp_path):
    assert load_population(tmp_path, "people").empty


@pytest.mark.parametrize("name", ["province_2020", "ministry_2020"])
def test_check_margins__accepts_the_bundled_ones(name):
    from warehouse.frameworks.loader import framework_folder

    folder = framework_folder(name)
    for survey in load_surveys(folder).surveys:
        population = load_population(folder, survey.survey)
        check_margins(load_margins(folder, survey, population), population)
        assert (population["clusters"] <= population["units"]).all()


def test_load_surveys__reads_the_example_of_the_documentation(tmp_path):
    page = (Path(__file__).parents[4] / "docs" / "frameworks.md").read_text(encoding="utf-8")
    example = page.split("## survey.yaml")[1].split("```yaml\n")[1].split("```")[0]
    (tmp_path / FILE).write_text(example, encoding="utf-8")
    assert load_surveys(tmp_path).survey("people").minimum_cell == 30
