"""LimeSurvey, RemoteControl 2: the responses of one survey, exported window by window.

Written from the API's public documentation: JSON-RPC at `/index.php/admin/remotecontrol`; `get_session_key` gives a key
for user and password, `get_summary` counts the responses, `export_responses` gives those of a window of response ids as
base64 of a CSV, `release_session_key` ends the session. Refusals come with status 200 as `{"status": "..."}`.
"""

import base64
import binascii
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tasks.sources.base import Page, Receipt
from tasks.sources.credentials import credential
from tasks.sources.limits import FetchLimits
from tasks.sources.messages import shown
from tasks.sources.rounds import Entry
from tasks.sources.submissions import submissions
from warehouse.errors import BatchRefused, SourceUnavailable

if TYPE_CHECKING:
    from tasks.sources.transport.api import Api

_PATH = "/index.php/admin/remotecontrol"
_WINDOW = re.compile(r"#survey=(?P<survey>[^&]+)&from=(?P<first>\d+)&to=(?P<last>\d+)$")
_VERSION = ("form_version", "formversion", "version", "phienban")  # a hidden question: the tool has no form versions
_NO_DATA = "No Data"
# What the tool adds to the questions; the address and the token of a participant are read by nobody.
_OF_THE_TOOL = frozenset(
    {"id", "submitdate", "lastpage", "startlanguage", "seed", "token", "ipaddr", "refurl", *_VERSION}
)
_MOST_GAPS = 20  # empty windows in a row after which no later response is expected


class LimeSurvey:
    """Completed responses of a LimeSurvey survey."""

    name = "limesurvey"
    title_vi = "Khảo sát trên LimeSurvey"
    title_en = "Survey on LimeSurvey"
    evidence = "survey"

    def gather(
        self,
        entry: Entry,
        folder: Path,  # noqa: ARG002 - the protocol of all sources
        earlier: Sequence[Page] = (),
        limits: FetchLimits | None = None,
    ) -> Iterator[Receipt]:
        """Yield the windows that are new; see `tasks.sources.base.MicroSource.gather`."""
        # Loading the HTTP library costs a tenth of a second, which commands that fetch nothing do not pay.
        from tasks.sources.transport.pages import Harvest, open_api, require

        require(entry, "url", "form", "credential")
        login = credential(entry.credential, needs=("user", "password"))
        place = str(entry.url).rstrip("/") + _PATH
        known = [page for page in earlier if page.origin.startswith(f"{place}#survey={entry.form}&")]
        harvest = Harvest(known, _rows)
        with harvest.partly(), open_api({}, limits) as api:
            session = _Session(api, place, entry.form)
            session.open(login.user, login.password)
            try:
                for receipt in session.windows(known):
                    yield from harvest.keep(receipt)
            finally:
                session.close()

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read the windows of one survey; see `tasks.sources.base.MicroSource.read_answers`.

        Raises:
            BatchRefused: A page is no export of LimeSurvey.
        """
        return submissions((_questions(row), _standard(row, page)) for page in pages for row in _rows(page.content))


SOURCE = LimeSurvey()


class _Session:
    """Calls of one session; the key stays in here and in no receipt.

    Args:
        api: The API.
        place: Its address.
        survey: Id of the survey.
    """

    def __init__(self, api: "Api", place: str, survey: str) -> None:
        self._api, self._place, self._survey = api, place, survey
        self._key = ""

    def open(self, user: str, password: str) -> None:
        _, key = self._ask("get_session_key", [user, password])
        if not isinstance(key, str):
            raise SourceUnavailable(
                f"{self._place} refused the login ({shown(_status(key))}).",
                "Check user and password, and that RemoteControl is switched on as JSON-RPC.",
            )
        self._key = key

    def close(self) -> None:
        try:
            self._ask("release_session_key", [self._key])
        except SourceUnavailable:
            self._key = ""  # the session then ends by itself

    def windows(self, known: Sequence[Page]) -> Iterator[Receipt]:
        """Yield windows of response ids after those known, until as many have come as the survey says to have."""
        from tasks.sources.transport.pages import PAGE_SIZE, numbered

        ids = [int(row["id"]) for page in known for row in _rows(page.content)]
        wanted, got, gaps, first = self._count(), len(set(ids)), 0, max(ids, default=0) + 1
        for _ in numbered():
            if got >= wanted or gaps >= _MOST_GAPS:
                return
            receipt, rows = self._window(first, first + PAGE_SIZE - 1)
            got, gaps, first = got + len(rows), 0 if rows else gaps + 1, first + PAGE_SIZE
            if rows:
                yield receipt

    def _count(self) -> int:
        _, said = self._ask("get_summary", [self._key, self._survey, "completed_responses"])
        count = said.get("completed_responses") if isinstance(said, dict) else said
        if not str(count).isdigit():
            raise SourceUnavailable(
                f"{self._place} does not count the responses of survey {self._survey} ({shown(_status(said))}).",
                "Check the survey id in round.yaml, and that the user may read and export its responses.",
            )
        return int(str(count))

    def _window(self, first: int, last: int) -> tuple[Receipt, list[dict[str, str]]]:
        options = [self._key, self._survey, "csv", None, "complete", "code", "short", first, last]
        receipt, said = self._ask("export_responses", options, f"#survey={self._survey}&from={first}&to={last}")
        if not isinstance(said, str) and not _status(said).startswith(_NO_DATA):
            raise SourceUnavailable(
                f"{self._place} does not export survey {self._survey} ({shown(_status(said))}).",
                "Check the survey id in round.yaml, and that the user may export its responses.",
            )
        return receipt, _rows(receipt.content)

    def _ask(self, method: str, parameters: list[Any], mark: str = "") -> tuple[Receipt, Any]:
        receipt, said = self._api.call(
            self._place, send={"method": method, "params": parameters, "id": 1}, origin=self._place + mark
        )
        if not isinstance(said, dict) or said.get("error"):
            raise SourceUnavailable(f"{self._place} refused {method}.", "Check that RemoteControl 2 is JSON-RPC.")
        return receipt, said.get("result")


def _status(said: object) -> str:
    return str(said.get("status", "no reason given")) if isinstance(said, dict) else "no reason given"


def _rows(content: bytes) -> list[dict[str, str]]:
    """Responses of a page: question code to answer; none where the window has no data."""
    try:
        said = json.loads(content)["result"]
        if isinstance(said, dict) and _status(said).startswith(_NO_DATA):
            return []
        text = base64.b64decode(said, validate=True).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        known = all(str(row.get("id", "")).isdigit() for row in rows)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, csv.Error):
        known = False
    if not known:
        raise BatchRefused("The page is no export of LimeSurvey.", "Check the source and the address in round.yaml.")
    return [{str(name): str(value or "") for name, value in row.items()} for row in rows]


def _questions(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in _OF_THE_TOOL}


def _standard(row: Mapping[str, str], page: Page) -> dict[str, str]:
    found = _WINDOW.search(page.origin)
    return {
        "submission_id": row["id"],
        "form": found["survey"] if found else "",
        "form_version": next((row[name] for name in _VERSION if row.get(name)), "1"),
        "submitted_at": row.get("submitdate", ""),
    }
