"""ODK Central: the submissions of one form over OData, with the tables of its repeats.

Written from the API's public documentation: `POST /v1/sessions` gives a token for e-mail and password; the service
`/v1/projects/{project}/forms/{form}.svc` lists the tables `Submissions` and `Submissions.<repeat>`; each table answers
with `value` and `@odata.nextLink`. Review states and edits stand under `__system` of the main table.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import pandas as pd

from tasks.sources.base import Page, Receipt
from tasks.sources.credentials import Credential, credential
from tasks.sources.limits import FetchLimits
from tasks.sources.rounds import Entry
from tasks.sources.submissions import records_in, submissions
from warehouse.errors import BatchRefused, SourceUnavailable

if TYPE_CHECKING:
    from tasks.sources.transport.api import Api

_MAIN = "Submissions"
_NEXT = "@odata.nextLink"
_BY_SUBMISSION = "__system/submissionDate asc"
_BY_UPDATE = "__system/updatedAt asc"
_EVER = "1970-01-01T00:00:00.000Z"
_FORM = re.compile(r"/forms/(?P<form>[^/]+)\.svc/(?P<table>[^/?]+)")


class OdkCentral:
    """Submissions of a form of ODK Central."""

    name = "odk_central"
    title_vi = "Khảo sát trên ODK Central"
    title_en = "Survey on ODK Central"
    evidence = "survey"

    def gather(
        self,
        entry: Entry,
        folder: Path,  # noqa: ARG002 - the protocol of all sources
        earlier: Sequence[Page] = (),
        limits: FetchLimits | None = None,
    ) -> Iterator[Receipt]:
        """Yield the pages that are new; see `tasks.sources.base.MicroSource.gather`.

        Asked for is what was submitted, and what was updated (edited, reviewed), since the latest times known. Rows of
        repeats have no time of their own: their tables are read whole, and kept whole where anything changed.
        """
        # Loading the HTTP library costs a tenth of a second, which commands that fetch nothing do not pay.
        from tasks.sources.transport.pages import PAGE_SIZE, Harvest, open_api, require, walk

        require(entry, "url", "form", "project", "credential")
        server = str(entry.url).rstrip("/")
        base = f"{server}/v1/projects/{entry.project}/forms/{quote(entry.form)}.svc"
        known = [page for page in earlier if page.origin.startswith(f"{base}/")]
        harvest = Harvest(known, _records)
        with harvest.partly():
            headers = {"Authorization": f"Bearer {_token(server, entry, limits)}"}
            with open_api(headers, limits) as api:
                tables = _repeats(api, base)
                top = {"$top": str(PAGE_SIZE)}
                for asked in _questions(known):
                    yield from harvest.news(walk(api, f"{base}/{_MAIN}?{urlencode(top | asked)}", _NEXT))
                readings = _last_readings(known)
                for table in tables:
                    coming = walk(api, f"{base}/{quote(table)}?{urlencode(top)}", _NEXT)
                    yield from harvest.whole(coming, readings.get(table, ()))

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read the pages of one form; see `tasks.sources.base.MicroSource.read_answers`.

        The rows of a repeat become columns of their submission: `person[1]/age`, `person[2]/age`, and those of a repeat
        within it `person[1]/phone[1]/kind`. Of each repeat the last complete reading counts: rows that an edit removed
        are gone.

        Raises:
            BatchRefused: A page is not one of ODK Central's.
        """
        main: list[tuple[str, dict[str, Any]]] = []
        for page in pages:
            form, table = _place(page.origin)
            if table == _MAIN:
                main += [(form, record) for record in _records(page.content)]
        repeats = {
            table: {str(row["__id"]): row for page in reading for row in _records(page.content)}
            for table, reading in _last_readings(pages).items()
        }
        _nest(repeats, [record for _, record in main])
        return submissions((record, _standard(record, form)) for form, record in main)


SOURCE = OdkCentral()


def _token(server: str, entry: Entry, limits: FetchLimits | None) -> str:
    """The token that was given, or one for this session."""
    from tasks.sources.transport.pages import open_api

    given = _login(entry)
    if given.token:
        return given.token
    with open_api({}, limits) as api:
        _, said = api.call(f"{server}/v1/sessions", send={"email": given.user, "password": given.password})
    token = said.get("token") if isinstance(said, dict) else None
    if not isinstance(token, str):
        raise SourceUnavailable(f"{server} gave no session for the credential {entry.credential!r}.", "Renew it.")
    return token


def _login(entry: Entry) -> Credential:
    found = credential(entry.credential, needs=())
    return found if found.token else credential(entry.credential, needs=("user", "password"))


def _repeats(api: "Api", base: str) -> list[str]:
    """The tables of the repeats."""
    _, said = api.call(base)
    listed = said.get("value", []) if isinstance(said, dict) else []
    names = [str(one.get("name", "")) for one in listed if isinstance(one, dict)]
    return sorted(name for name in names if name.startswith(f"{_MAIN}."))


def _questions(known: Sequence[Page]) -> Iterator[dict[str, str]]:
    """What to ask the main table: first for what was submitted since, then for what was updated since."""
    # Two walks, each in the order of the very time from which the next one goes on: wherever a walk is cut, all that is
    # older than the latest time on its own pages has come. Times on the pages of the other walk prove nothing.
    main = [page for page in known if _place(page.origin)[1] == _MAIN]
    submitted = [page for page in main if _asked(page).get("$orderby") != _BY_UPDATE]
    since = _latest(submitted, "submissionDate")
    yield {"$orderby": _BY_SUBMISSION, **({"$filter": f"__system/submissionDate ge {since}"} if since else {})}
    if main:
        # Whatever was updated before the first page ever came is on the pages of submissions as it is.
        updated = [page for page in main if _asked(page).get("$orderby") == _BY_UPDATE]
        since = max(_latest(main[:1], "submissionDate"), _latest([*main[:1], *updated], "updatedAt"))
        yield {"$orderby": _BY_UPDATE, "$filter": f"__system/updatedAt ge {since or _EVER}"}


def _latest(pages: Sequence[Page], name: str) -> str:
    times = [record.get("__system", {}).get(name) for page in pages for record in _records(page.content)]
    return max((time for time in times if isinstance(time, str)), default="")


def _last_readings(pages: Sequence[Page]) -> dict[str, list[Page]]:
    """Pages of the last complete reading of each repeat; until there is one, all that came."""
    found: dict[str, list[Page]] = {}
    reading: dict[str, list[Page]] = {}
    complete: set[str] = set()
    for page in pages:
        _, table = _place(page.origin)
        if table == _MAIN:
            continue
        if "page" not in _asked(page):
            reading[table] = []
        reading.setdefault(table, []).append(page)
        _records(page.content)
        if not json.loads(page.content).get(_NEXT):
            complete.add(table)
            found[table] = reading[table]
        elif table not in complete:
            found.setdefault(table, []).append(page)
    return found


def _asked(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.origin).query))


def _place(origin: str) -> tuple[str, str]:
    """Form and table that a page is of."""
    found = _FORM.search(urlsplit(origin).path)
    return (unquote(found["form"]), unquote(found["table"])) if found else ("", _MAIN)


def _records(content: bytes) -> list[dict[str, Any]]:
    found = records_in(content, "value", ("__id",), "ODK Central")
    for record in found:  # a row of a repeat says whose it is, a submission has `__system`
        is_row = any(name.startswith(f"__{_MAIN}-") for name in record)
        if not isinstance(record.get("__system", {} if is_row else None), dict):
            raise BatchRefused("A submission of ODK Central has no __system.", "Check the address in round.yaml.")
    return found


def _standard(record: Mapping[str, Any], form: str) -> dict[str, Any]:
    system = record.get("__system", {})
    return {
        "submission_id": record["__id"],
        "form": form,
        "form_version": system.get("formVersion"),
        "submitted_at": system.get("submissionDate"),
        "review_state": system.get("reviewState"),
    }


def _nest(repeats: Mapping[str, Mapping[str, dict[str, Any]]], main: Sequence[dict[str, Any]]) -> None:
    """Put the rows of repeats as lists into the records that they belong to, repeats within repeats too.

    A row names its owner under a key made of the owner's table: `__Submissions-id`, `__Submissions-household-id`.
    """
    owners: dict[str, dict[str, list[dict[str, Any]]]] = {_MAIN: {}}
    for record in main:
        owners[_MAIN].setdefault(str(record["__id"]), []).append(record)  # an edited submission comes again
    owners |= {table: {identity: [row] for identity, row in rows.items()} for table, rows in repeats.items()}
    for table, rows in repeats.items():
        owner = max((other for other in owners if table.startswith(f"{other}.")), key=len)
        name = table.removeprefix(f"{owner}.").replace(".", "/")
        for row in rows.values():
            for record in owners[owner].get(str(row.get(f"__{owner.replace('.', '-')}-id", "")), ()):
                record.setdefault(name, []).append(row)
