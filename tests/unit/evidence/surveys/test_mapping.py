from tasks.evidence.surveys.mapping import report_mapping
from warehouse.frameworks.survey import SurveyDeclaration


def reported(survey, answers):
    found = report_mapping(answers, SurveyDeclaration(framework="x", surveys=(survey,)))
    return {label: (report.unmapped, report.unused) for label, report in found.items()}


def test_report_mapping__has_nothing_to_say_where_all_is_mapped(make_survey, make_answers):
    assert reported(make_survey(), make_answers({})) == {}


def test_report_mapping__names_unmapped_and_unused_questions_per_form_version(make_survey, make_answers):
    answers = make_answers({"zalo": "0912"}, {"form_version": "2", "q1": "", "q2": "", "c9": "1"})
    assert reported(make_survey(), answers) == {"aB12 v1": (("zalo",), ()), "aB12 v2": ((), ("c8",))}


def test_report_mapping__leaves_the_columns_of_the_tools_alone(make_survey, make_answers):
    assert reported(make_survey(), make_answers({"_id": "1", "meta/instanceID": "uuid:1", "formhub/uuid": "2"})) == {}
