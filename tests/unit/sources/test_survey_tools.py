"""The clients of KoboToolbox, ODK Central and LimeSurvey against servers that behave like them, faults included."""

from pathlib import Path

import pytest

from tasks.demo.servers.forms import Form
from tasks.demo.servers.survey import Tools, serve_tools
from tasks.sources import kobo, limesurvey, odk_central
from tasks.sources.base import Page
from tasks.sources.limits import FetchLimits
from tasks.sources.rounds import Entry
from tasks.sources.transport import pages
from warehouse.errors import BatchRefused, PartlyUnavailable, SourceUnavailable

QUICK = FetchLimits(read_seconds=0.5, attempts=2, backoff_seconds=0.01, retry_after_seconds=2, pause_seconds=0.0)
SOURCES = {"kobo": kobo.SOURCE, "odk": odk_central.SOURCE, "limesurvey": limesurvey.SOURCE}
PATHS = {"kobo": "/kobo", "odk": "/odk", "limesurvey": "/limesurvey"}
every_tool = pytest.mark.parametrize("tool", SOURCES)


def submission(number, version="1", **answers):
    return {
        "_id": str(number),
        "_uuid": f"u{number}",
        "form": "123",
        "version": version,
        "submitted_at": f"2021-01-{number:02d}T08:00:00Z",
        "q1": str(number),
        **answers,
    }


@pytest.fixture
def tools(monkeypatch, private_allowed):
    monkeypatch.setenv("DTI_FIELD_TOKEN", "synthetic")
    monkeypatch.setenv("DTI_FIELD_USER", "synthetic")
    monkeypatch.setenv("DTI_FIELD_PASSWORD", "synthetic")
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    return Tools([Form(tool, "123", [submission(number) for number in range(1, 6)]) for tool in SOURCES])


@pytest.fixture
def server(tools):
    with serve_tools(tools) as url:
        yield url


def entry(tool, server, **more):
    said = {"source": SOURCES[tool].name, "url": server + PATHS[tool], "form": "123", "credential": "field"}
    return Entry(**{**said, "project": 1 if tool == "odk" else None, **more})


def gather(tool, server, earlier=(), **more):
    return list(SOURCES[tool].gather(entry(tool, server, **more), Path(), earlier, QUICK))


def pages_of(receipts):
    return [Page(receipt.origin, receipt.content) for receipt in receipts]


def numbers(tool, receipts):
    return SOURCES[tool].read_answers(pages_of(receipts)).filter(regex="q1$").iloc[:, 0].tolist()


@every_tool
def test_gather__all_pages__give_every_submission_with_its_standard_columns(tool, server):
    receipts = gather(tool, server)
    assert len(receipts) == 3
    answers = SOURCES[tool].read_answers(pages_of(receipts))
    assert numbers(tool, receipts) == list("12345")
    assert set(answers["form"]) == {"123"}
    assert set(answers["form_version"]) == {"1"}
    assert answers["submitted_at"].is_monotonic_increasing


@every_tool
def test_gather__again__keeps_only_what_is_new(tool, server, tools):
    earlier = pages_of(gather(tool, server))
    assert gather(tool, server, earlier) == []
    for form in tools.forms:
        form.submissions.append(submission(6))
    later = gather(tool, server, earlier)
    assert len(later) == 1
    assert SOURCES[tool].read_answers([*earlier, *pages_of(later)])["submission_id"].nunique() == 6


@every_tool
def test_gather__cut_between_pages__keeps_what_came_and_goes_on_from_there(tool, server, tools):
    tools.faults.extend(["", "", "403"])
    coming = SOURCES[tool].gather(entry(tool, server), Path(), (), QUICK)
    receipts = [next(coming), next(coming)]
    with pytest.raises(PartlyUnavailable):
        next(coming)
    assert numbers(tool, receipts) == list("1234")
    rest = gather(tool, server, pages_of(receipts))
    assert sorted(numbers(tool, [*receipts, *rest])) == list("12345")


@every_tool
@pytest.mark.parametrize("fault", ["429", "500", "cut"])
def test_gather__what_passes__is_asked_again(tool, server, tools, fault):
    tools.faults.extend(["", fault])
    assert numbers(tool, gather(tool, server)) == list("12345")


@every_tool
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("401", "status 401"),
        ("403", "status 403"),
        ("404", "status 404"),
        ("hang", "stopped coming|no answer in time"),
        ("html", "a web page instead of data"),
        ("redirect", "redirects to another host"),
    ],
)
def test_gather__what_does_not_pass__is_one_sentence_without_the_token(tool, server, tools, fault, said):
    tools.token = "s3cret"
    with pytest.MonkeyPatch.context() as patch:
        for part in ("TOKEN", "PASSWORD"):
            patch.setenv(f"DTI_FIELD_{part}", "s3cret")
        tools.faults.extend([fault] * QUICK.attempts)
        with pytest.raises(SourceUnavailable, match=said) as refusal:
            gather(tool, server)
    assert "s3cret" not in f"{refusal.value.message} {refusal.value.hint}"
    assert not isinstance(refusal.value, PartlyUnavailable)


@every_tool
def test_gather__expired_token__says_what_to_renew(tool, server, tools):
    tools.token = "another"
    with pytest.raises(SourceUnavailable, match=r"status 401|refused the login") as refusal:
        gather(tool, server)
    assert "renew" in refusal.value.hint.lower() or "password" in refusal.value.hint


@every_tool
def test_gather__no_credential__names_the_variable(tool, server):
    with pytest.raises(SourceUnavailable, match=r"no (token|user)") as refusal:
        gather(tool, server, credential="other")
    assert "DTI_OTHER_" in refusal.value.hint


@every_tool
def test_gather__a_key_is_missing__named(tool, server):
    with pytest.raises(SourceUnavailable, match="no key form"):
        gather(tool, server, form="")


@every_tool
def test_gather__nothing_secret_in_a_receipt(tool, server):
    for receipt in gather(tool, server):
        assert b"synthetic" not in receipt.content
        assert "synthetic" not in receipt.origin


@every_tool
def test_read_answers__an_edit_counts_as_it_came_last(tool, server, tools):
    first = gather(tool, server)
    for form in tools.forms:
        form.submissions[:] = [submission(1, q1="edited")]
    edited = gather(tool, server)
    assert sorted(numbers(tool, [*first, *edited])) == ["2", "3", "4", "5", "edited"]


@every_tool
def test_read_answers__a_submission_on_two_pages__counts_once(tool, server, tools):
    """Somebody submits while pages are read: the last record of a page comes first on the next one again."""
    for form in tools.forms:
        form.submissions[:] = [submission(1), submission(2), submission(2), submission(3)]
    assert sorted(numbers(tool, gather(tool, server))) == ["1", "2", "3"]


@every_tool
def test_read_answers__two_form_versions__stand_apart(tool, server, tools):
    for form in tools.forms:
        form.submissions[:] = [submission(1), submission(2, "2", q1="", q2="x")]
    answers = SOURCES[tool].read_answers(pages_of(gather(tool, server)))
    assert answers["form_version"].tolist() == ["1", "2"]
    assert answers.filter(regex="q2$").iloc[:, 0].tolist() == ["", "x"]


@every_tool
@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"results": 1, "value": 1, "result": 1}', b"[1]"])
def test_read_answers__a_page_of_another_tool_is_refused(tool, content):
    with pytest.raises(BatchRefused):
        SOURCES[tool].read_answers([Page("x", content)])


def test_odk__repeats_become_columns_of_their_submission(server, tools):
    form = next(form for form in tools.forms if form.tool == "odk")
    form.repeats["Submissions.person"] = [
        {"owner": "u1", "age": "30"},
        {"owner": "u1", "age": "31"},
        {"owner": "u2", "age": "40"},
    ]
    answers = odk_central.SOURCE.read_answers(pages_of(gather("odk", server)))
    by_id = answers.set_index("submission_id")
    assert by_id.loc["uuid:u1", ["person[1]/age", "person[2]/age"]].tolist() == ["30", "31"]
    assert by_id.loc["uuid:u2", ["person[1]/age", "person[2]/age"]].tolist() == ["40", ""]


def test_odk__a_repeat_within_a_repeat__belongs_to_its_row(server, tools):
    form = next(form for form in tools.forms if form.tool == "odk")
    form.repeats["Submissions.person"] = [{"owner": "u1", "age": "30"}, {"owner": "u1", "age": "31"}]
    form.repeats["Submissions.person.phone"] = [{"owner": "1", "kind": "x"}, {"owner": "1", "kind": "y"}]
    answers = odk_central.SOURCE.read_answers(pages_of(gather("odk", server))).set_index("submission_id")
    assert answers.loc["uuid:u1", ["person[2]/phone[1]/kind", "person[2]/phone[2]/kind"]].tolist() == ["x", "y"]
    assert not [name for name in answers if "__" in name]


def test_odk__review_state__goes_with_the_submission(server, tools):
    form = next(form for form in tools.forms if form.tool == "odk")
    form.review["u2"] = "rejected"
    answers = odk_central.SOURCE.read_answers(pages_of(gather("odk", server)))
    assert answers["review_state"].tolist() == ["", "rejected", "", "", ""]


def test_odk__user_and_password__open_a_session(server, monkeypatch, tools):
    monkeypatch.delenv("DTI_FIELD_TOKEN")
    assert numbers("odk", gather("odk", server)) == list("12345")
    assert "POST /odk/v1/sessions" in tools.asked


def test_limesurvey__the_session_is_released(server, tools):
    gather("limesurvey", server)
    asked = [line for line in tools.asked if "remotecontrol" in line]
    assert len(asked) == len(["key", "summary", *"123", "release"])


def test_limesurvey__columns_of_the_tool__are_no_questions(server):
    answers = limesurvey.SOURCE.read_answers(pages_of(gather("limesurvey", server)))
    assert set(answers) == {"submission_id", "form", "form_version", "submitted_at", "review_state", "q1"}


def test_next_page__on_another_host__is_not_asked():
    with pytest.raises(SourceUnavailable, match="the token is not sent there"):
        pages.next_page("https://kobo.example.vn/a", "https://evil.example/a")
