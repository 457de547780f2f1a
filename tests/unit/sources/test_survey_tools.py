"""The clients of KoboToolbox, ODK Central and LimeSurvey against servers that behave like them, faults included."""

import dataclasses
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.demo.servers.forms import Form
from tasks.demo.servers.survey import Tools, serve_tools
from tasks.sources import kobo, limesurvey, odk_central
from tasks.sources.base import Page, Receipt
from tasks.sources.limits import FetchLimits
from tasks.sources.rounds import Entry
from tasks.sources.submissions import submissions
from tasks.sources.transport import download, pages
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
        form.submissions[0] = submission(1, q1="edited")
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


class Scripted:
    """An API that gives page after page."""

    def __init__(self, *said):
        self.said, self.asked = list(said), []

    def call(self, url, *, origin=""):
        self.asked.append(url)
        said = self.said.pop(0)
        return Receipt(json.dumps(said).encode(), origin, "application/json", datetime.now(UTC)), said


def form_of(tool, tools):
    return next(form for form in tools.forms if form.tool == tool)


def gather_into(kept, coming):
    for receipt in coming:
        kept.append(receipt)


def ids(tool, found):
    return sorted(SOURCES[tool].read_answers(found)["submission_id"])


def test_odk__an_early_submission_was_reviewed_and_the_gathering_cut__nothing_is_lost(server, tools):
    form_of("odk", tools).updated["u1"] = "2021-02-01T00:00:00Z"
    tools.faults.extend(["", "403"])
    coming = odk_central.SOURCE.gather(entry("odk", server), Path(), (), QUICK)
    known = pages_of([next(coming)])
    with pytest.raises(PartlyUnavailable):
        next(coming)
    known += pages_of(gather("odk", server, known))
    assert ids("odk", known) == [f"uuid:u{number}" for number in range(1, 6)]


def test_odk__a_cut_among_the_updates__the_rest_of_them_come_later(server, tools):
    form = form_of("odk", tools)
    known = pages_of(gather("odk", server))
    for number, day in ((1, 25), (2, 24), (3, 23), (4, 22), (5, 21)):  # the earliest submission was edited last
        form.submissions[number - 1]["q1"] = f"edited {number}"
        form.updated[f"u{number}"] = f"2021-02-{day}T00:00:00Z"
    form.submissions.append(submission(6))
    tools.faults.extend(["", "", "403"])  # of the submissions, then the second page of the updates
    coming = odk_central.SOURCE.gather(entry("odk", server), Path(), known, QUICK)
    with pytest.raises(PartlyUnavailable):
        gather_into(kept := [], coming)
    known += pages_of(kept)
    known += pages_of(gather("odk", server, known))
    answers = odk_central.SOURCE.read_answers(known)
    assert sorted(answers["phieu/q1"]) == ["6", *(f"edited {number}" for number in range(1, 6))]
    assert gather("odk", server, known) == []


def test_odk__no_origin_and_no_message_holds_the_id_of_a_submission(server, tools):
    receipts = gather("odk", server)
    assert [receipt.origin.partition("&page=")[2] for receipt in receipts] == ["", "2", "3"]
    tools.faults.extend(["", "404"])
    with pytest.raises(PartlyUnavailable) as refusal:
        gather("odk", server)
    for text in (refusal.value.message, *(receipt.origin for receipt in receipts)):
        assert "skiptoken" not in text


@pytest.mark.parametrize("left", [0, 1, 3])
def test_odk__an_edit_removed_rows_of_a_repeat__they_are_gone(server, tools, left):
    form = form_of("odk", tools)
    form.repeats["Submissions.person"] = [{"owner": "u1", "age": str(30 + number)} for number in range(5)]
    known = pages_of(gather("odk", server))
    assert gather("odk", server, known) == []
    del form.repeats["Submissions.person"][left:]
    known += pages_of(gather("odk", server, known))
    assert gather("odk", server, known) == []
    ages = odk_central.SOURCE.read_answers(known).filter(regex="age$")
    assert list(ages) == [f"person[{number}]/age" for number in range(1, left + 1)]


def test_odk__a_reading_of_a_repeat_was_cut__the_last_complete_one_counts(server, tools):
    form = form_of("odk", tools)
    rows = form.repeats["Submissions.person"] = [{"owner": "u1", "age": str(number)} for number in range(5)]
    known = pages_of(gather("odk", server))
    rows[0]["age"] = "90"
    tools.faults.extend(["", "", "", "403"])  # one page of submissions, one of updates, one of the repeat
    with pytest.raises(PartlyUnavailable):
        gather_into(kept := [], odk_central.SOURCE.gather(entry("odk", server), Path(), known, QUICK))
    assert len(kept) == 1
    known += [Page(f"{page.origin}#again=1", page.content) for page in pages_of(kept)]
    assert odk_central.SOURCE.read_answers(known).filter(regex="age$").iloc[0].tolist() == list("01234")
    known += pages_of(gather("odk", server, known))
    assert odk_central.SOURCE.read_answers(known).filter(regex="age$").iloc[0].tolist() == ["90", *"1234"]


@pytest.mark.parametrize("record", [{}, {"__system": None}, {"__system": "x"}, {"__system": []}])
def test_odk__a_submission_without_a_usable_system__is_refused(record):
    page = Page("https://x/forms/f.svc/Submissions", json.dumps({"value": [{"__id": "a", **record}]}).encode())
    with pytest.raises(BatchRefused):
        odk_central.SOURCE.read_answers([page])


def test_limesurvey__a_response_completed_late__comes_with_the_next_gathering(server, tools):
    form = form_of("limesurvey", tools)
    form.submissions[:] = [submission(number) for number in (1, 6, 7)]
    known = pages_of(gather("limesurvey", server))
    form.submissions.insert(1, submission(5))
    known += pages_of(gather("limesurvey", server, known))
    assert ids("limesurvey", known) == list("1567")


def test_limesurvey__a_deleted_response__is_gone_and_hides_no_new_one(server, tools):
    form = form_of("limesurvey", tools)
    known = pages_of(gather("limesurvey", server))
    del form.submissions[4], form.submissions[0]
    form.submissions.append(submission(6))
    later = gather("limesurvey", server, known)
    known += [Page(f"{page.origin}#again=1", page.content) for page in pages_of(later)]
    assert ids("limesurvey", known) == list("2346")
    del form.submissions[1:]
    known += pages_of(gather("limesurvey", server, known))
    assert ids("limesurvey", known) == ["2"]
    assert gather("limesurvey", server, known) == []


def test_limesurvey__an_edit_that_was_taken_back__counts_as_it_is(server, tools):
    form = form_of("limesurvey", tools)
    known = pages_of(gather("limesurvey", server))
    for answer in ("edited", "1"):
        form.submissions[0]["q1"] = answer
        known += pages_of(gather("limesurvey", server, known))
        assert answer in limesurvey.SOURCE.read_answers(known)["q1"].tolist()


def test_limesurvey__a_big_gap_between_ids__is_passed_in_few_calls(server, tools):
    far = 2_000_000
    form_of("limesurvey", tools).submissions.append({**submission(6), "_id": str(far)})
    assert str(far) in ids("limesurvey", pages_of(gather("limesurvey", server)))
    assert len(tools.asked) < 70


def test_limesurvey__fewer_came_than_were_counted__says_how_many(server, tools, monkeypatch):
    monkeypatch.setattr(limesurvey._Session, "_count", lambda _: 7)
    with pytest.raises(PartlyUnavailable, match="Of 7 completed responses of survey 123 only 5 came"):
        gather("limesurvey", server)


def test_limesurvey__a_wide_window_holds_too_much__is_asked_for_in_parts(server, tools, monkeypatch):
    monkeypatch.setattr(pages, "PAGE_SIZE", 20)
    form_of("limesurvey", tools).submissions[:] = [
        {**submission(1), "_id": str(number), "q1": "x" * 100} for number in range(1_000, 1_100)
    ]
    limits = replace(QUICK, max_bytes=6_000)
    receipts = list(limesurvey.SOURCE.gather(entry("limesurvey", server), Path(), (), limits))
    assert len(ids("limesurvey", pages_of(receipts))) == 100


@pytest.mark.parametrize("tool", ["kobo", "odk"])
def test_gather__half_an_emoji__is_replaced(tool, server, tools, monkeypatch):
    form_of(tool, tools).submissions[0]["q1"] = "a\ud83d"
    form_of(tool, tools).submissions[1]["q1\ud83d"] = "b"
    monkeypatch.setattr("tasks.demo.servers.survey.json.dumps", lambda found, **_: json_text(found))
    receipts = gather(tool, server)
    assert b"\\ud83d" in receipts[0].content
    answers = SOURCES[tool].read_answers(pages_of(receipts))
    assert answers["phieu/q1"][0] == "a\N{REPLACEMENT CHARACTER}"
    assert "phieu/q1\N{REPLACEMENT CHARACTER}" in answers


json_text = json.JSONEncoder().encode


@every_tool
def test_gather__nested_without_end__is_one_sentence(tool, server, monkeypatch):
    monkeypatch.setattr("tasks.demo.servers.survey.json.dumps", lambda *_, **__: "[" * 200_000)
    with pytest.raises(SourceUnavailable):
        gather(tool, server)
    with pytest.raises(BatchRefused):
        SOURCES[tool].read_answers([Page("x", b"[" * 200_000)])


@pytest.mark.parametrize("depth", [100, 500, 900, 970, 1_500, 3_000, 10_000])
def test_read_answers__nested_deeply__is_read_or_refused(depth):
    deep = '{"a":' * depth + "1" + "}" * depth
    page = f'{{"results": [{{"_id": 1, "_submission_time": "x", "q": {deep}}}]}}'.encode()
    try:
        assert len(kobo.SOURCE.read_answers([Page("x", page)])) == 1
    except BatchRefused:
        assert depth > 100


def test_kobo__a_submission_without_a_time__does_not_end_the_gathering_of_later_ones(server, tools, monkeypatch):
    page = {"results": [{"_id": None, "_submission_time": None, "q1": "x"}]}
    known = [Page(f"{server}/kobo/api/v2/assets/123/data/?start=0", json.dumps(page).encode())]
    known += pages_of(gather("kobo", server, known))
    answers = kobo.SOURCE.read_answers(known)
    assert len(answers) == 6
    assert "None" not in answers.to_csv()


def test_submissions__of_two_forms_or_without_an_id__stay_apart():
    given = [("a", "1"), ("b", "1"), ("a", ""), ("a", ""), ("a", "1")]
    found = submissions(
        ({"q": str(number)}, {"submission_id": identity, "form": form}) for number, (form, identity) in enumerate(given)
    )
    assert found[["form", "submission_id", "q"]].to_numpy().tolist() == [
        ["b", "1", "1"],
        ["a", "", "2"],
        ["a", "", "3"],
        ["a", "1", "4"],
    ]


def test_walk__a_page_that_came_already__ends_it():
    api = Scripted({"next": "https://x/b?y=1"}, {"next": "https://x/a?y=1"}, {})
    with pytest.raises(SourceUnavailable, match="a page that came before"):
        list(pages.walk(api, "https://x/a?y=1", "next"))
    assert len(api.asked) == 2


@pytest.mark.parametrize("link", ["https://[x", "https://x/\ud83d"])
def test_next_page__that_is_no_address__is_one_sentence(link):
    with pytest.raises(SourceUnavailable, match="no address"):
        pages.next_page("https://x/a", link)


@pytest.mark.parametrize(
    ("place", "location", "good"),
    [
        ("https://x.vn/a", "/b", True),
        ("https://x.vn/a", "https://x.vn:443/b", True),
        ("http://x.vn/a", "https://x.vn/b", True),
        ("http://x.vn:80/a", "https://x.vn:443/b", True),
        ("http://x.vn/a", "https://x.vn:8443/b", False),
        ("http://x.vn:8080/a", "https://x.vn/b", False),
        ("https://x.vn/a", "https://x.vn:444/b", False),
        ("https://x.vn/a", "http://x.vn/b", False),
        ("https://x.vn/a", "https://y.vn/b", False),
        ("https://x.vn/a", "https://x.vn:port/b", False),
        ("https://x.vn/a", "https://[x/b", False),
    ],
)
def test_redirect__to_another_port__is_not_followed(place, location, good):
    if good:
        assert download._next_place(place, place, location)
    else:
        with pytest.raises(SourceUnavailable, match="redirects to"):
            download._next_place(place, place, location)


def test_calls__are_never_closer_together_than_the_pace_allows(server):
    paced = dataclasses.replace(QUICK, pause_seconds=0.2)
    started = time.monotonic()
    assert len(list(kobo.SOURCE.gather(entry("kobo", server), Path(), (), paced))) == 3
    assert time.monotonic() - started >= 2 * 0.2
