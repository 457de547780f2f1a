"""ODK Central: the submissions of one form over OData, with the tables of its repeats.

Written from the API's public documentation: `POST /v1/sessions` gives a token for e-mail and password; the service
`/v1/projects/{project}/forms/{form}.svc` lists the tables `Submissions` and `Submissions.<repeat>`; each table answers
with `value` and `@odata.nextLink`. Review states and edits stand under `__system` of the main table.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import pandas as pd

from tasks.sources.base import Page, Receipt
from tasks.sources.credentials import Credential, credential
from tasks.sources.limits import FetchLimits
from tasks.sources.rounds import Entry
from tasks.sources.submissions import records_in, submissions
from warehouse.errors import SourceUnavailable

if TYPE_CHECKING:
    from tasks.sources.transport.api import Api

_MAIN = "Submissions"
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

        Asked for is what was submitted or updated (edited, reviewed) since the latest time known. Rows of repeats have
        no time of their own: their tables are read whole, and pages that say nothing new are not kept again.
        """
        # Loading the HTTP library costs a tenth of a second, which commands that fetch nothing do not pay.
        from tasks.sources.transport.pages import PAGE_SIZE, Harvest, open_api, require

        require(entry, "url", "form", "project", "credential")
        server = str(entry.url).rstrip("/")
        base = f"{server}/v1/projects/{entry.project}/forms/{quote(entry.form)}.svc"
        known = [page for page in earlier if page.origin.startswith(f"{base}/")]
        harvest = Harvest(known, _records)
        with harvest.partly():
            headers = {"Authorization": f"Bearer {_token(server, entry, limits)}"}
            with open_api(headers, limits) as api:
                for table in _tables(api, base):
                    asked = {"$top": str(PAGE_SIZE)}
                    if table == _MAIN:
                        asked |= {"$orderby": "__system/submissionDate asc", **_since(known)}
                    place = f"{base}/{quote(table)}?{urlencode(asked)}"
                    yield from harvest.follow(api, place, "@odata.nextLink")

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read the pages of one form; see `tasks.sources.base.MicroSource.read_answers`.

        The rows of a repeat become columns of their submission: `person[1]/age`, `person[2]/age`, and those of a repeat
        within it `person[1]/phone[1]/kind`.

        Raises:
            BatchRefused: A page is not one of ODK Central's.
        """
        main: list[tuple[str, dict[str, Any]]] = []
        repeats: dict[str, dict[str, dict[str, Any]]] = {}
        for page in pages:
            form, table = _place(page.origin)
            for record in _records(page.content):
                if table == _MAIN:
                    main.append((form, dict(record)))
                else:
                    repeats.setdefault(table, {})[str(record["__id"])] = dict(record)
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


def _tables(api: "Api", base: str) -> list[str]:
    """The main table first, then those of the repeats."""
    _, said = api.call(base)
    listed = said.get("value", []) if isinstance(said, dict) else []
    names = [str(one.get("name", "")) for one in listed if isinstance(one, dict)]
    return [_MAIN, *sorted(name for name in names if name.startswith(f"{_MAIN}."))]


def _since(known: Sequence[Page]) -> dict[str, str]:
    times = [
        str(record["__system"].get(name) or "")
        for page in known
        if _place(page.origin)[1] == _MAIN
        for record in _records(page.content)
        for name in ("submissionDate", "updatedAt")
    ]
    since = max(times, default="")
    return {"$filter": f"__system/submissionDate ge {since} or __system/updatedAt ge {since}"} if since else {}


def _place(origin: str) -> tuple[str, str]:
    """Form and table that a page is of."""
    found = _FORM.search(urlsplit(origin).path)
    return (unquote(found["form"]), unquote(found["table"])) if found else ("", _MAIN)


def _records(content: bytes) -> list[dict[str, Any]]:
    return records_in(content, "value", ("__id",), "ODK Central")


def _standard(record: Mapping[str, Any], form: str) -> dict[str, str]:
    system = record.get("__system") or {}
    return {
        "submission_id": str(record["__id"]),
        "form": form,
        "form_version": str(system.get("formVersion") or ""),
        "submitted_at": str(system.get("submissionDate") or ""),
        "review_state": str(system.get("reviewState") or ""),
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
