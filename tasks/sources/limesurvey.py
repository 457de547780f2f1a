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

Row = dict[str, str]
_PATH = "/index.php/admin/remotecontrol"
_WINDOW = re.compile(r"#survey=(?P<survey>[^&]+)&from=(?P<first>\d+)&to=(?P<last>\d+)(?=#|$)")
_VERSION = ("form_version", "formversion", "version", "phienban")  # a hidden question: the tool has no form versions
_NO_DATA = "No Data"
# What the tool adds to the questions; the address and the token of a participant are read by nobody.
_OF_THE_TOOL = frozenset(
    {"id", "submitdate", "lastpage", "startlanguage", "seed", "token", "ipaddr", "refurl", *_VERSION}
)
_LAST_ID = 2**31 - 1  # the largest that the tool's column holds


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
        """Yield the windows that changed; see `tasks.sources.base.MicroSource.gather`.

        Every window is asked for each time: an early response may be completed late, and any may be deleted.
        """
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
                for receipt in session.windows(_responses(known).get(entry.form, {})):
                    harvest.note(receipt.content)
                    yield receipt
            finally:
                session.close()

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read the windows of one survey; see `tasks.sources.base.MicroSource.read_answers`.

        A later answer replaces all that earlier ones said about the ids of its window: what was deleted is gone.

        Raises:
            BatchRefused: A page is no export of LimeSurvey.
        """
        return submissions(
            (_questions(row), _standard(row, survey))
            for survey, rows in _responses(pages).items()
            for row in rows.values()
        )


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

    def windows(self, known: Mapping[int, Row]) -> Iterator[Receipt]:
        """Yield the windows of response ids that say anything else than what is known.

        They go on until as many responses have come as the survey counts, and past the last one known. After an empty
        window the next one is twice as wide: twenty pass over any gap.

        Raises:
            SourceUnavailable: Fewer came than the survey counts.
        """
        from tasks.sources.transport.pages import PAGE_SIZE, numbered

        wanted, last_known = self._count(), max(known, default=0)
        got: set[int] = set()
        first, size, widest = 1, PAGE_SIZE, _LAST_ID
        for _ in numbered():
            if first > _LAST_ID or (len(got) >= wanted and first > last_known):
                break
            window = range(first, min(first + size, _LAST_ID + 1))
            try:
                receipt, rows = self._window(window)
            except SourceUnavailable:
                if size <= PAGE_SIZE:
                    raise
                size = widest = max(PAGE_SIZE, size // 8)  # a wide window may hold more than one answer can
                continue
            changed = any(known.get(number) != row for number, row in rows.items())
            if changed or any(number not in rows for number in _within(known, window)):
                yield receipt
            got |= rows.keys()
            first, size = window.stop, PAGE_SIZE if rows else min(2 * size, widest)
        if len(got) < wanted:
            raise SourceUnavailable(
                f"Of {wanted} completed responses of survey {self._survey} only {len(got)} came.",
                "Run again; if it stays so, check that the user may export all responses of the survey.",
            )

    def _count(self) -> int:
        _, said = self._ask("get_summary", [self._key, self._survey, "completed_responses"])
        count = said.get("completed_responses") if isinstance(said, dict) else said
        if not re.fullmatch("[0-9]{1,18}", str(count)):
            raise SourceUnavailable(
                f"{self._place} does not count the responses of survey {self._survey} ({shown(_status(said))}).",
                "Check the survey id in round.yaml, and that the user may read and export its responses.",
            )
        return int(str(count))

    def _window(self, ids: range) -> tuple[Receipt, dict[int, Row]]:
        first, last = ids[0], ids[-1]
        options = [self._key, self._survey, "csv", None, "complete", "code", "short", first, last]
        receipt, said = self._ask("export_responses", options, f"#survey={self._survey}&from={first}&to={last}")
        if not isinstance(said, str) and not _status(said).startswith(_NO_DATA):
            raise SourceUnavailable(
                f"{self._place} does not export survey {self._survey} ({shown(_status(said))}).",
                "Check the survey id in round.yaml, and that the user may export its responses.",
            )
        return receipt, _by_id(receipt.content)

    def _ask(self, method: str, parameters: list[Any], mark: str = "") -> tuple[Receipt, Any]:
        receipt, said = self._api.call(
            self._place, send={"method": method, "params": parameters, "id": 1}, origin=self._place + mark
        )
        if not isinstance(said, dict) or said.get("error"):
            raise SourceUnavailable(f"{self._place} refused {method}.", "Check that RemoteControl 2 is JSON-RPC.")
        return receipt, said.get("result")


def _status(said: object) -> str:
    return str(said.get("status", "no reason given")) if isinstance(said, dict) else "no reason given"


def _responses(pages: Sequence[Page]) -> dict[str, dict[int, Row]]:
    """Survey to response id to response, as the last answer about that id says."""
    found: dict[str, dict[int, Row]] = {}
    for page in pages:
        said = _WINDOW.search(page.origin)
        rows = found.setdefault(said["survey"] if said else "", {})
        for number in _within(rows, range(int(said["first"]), int(said["last"]) + 1) if said else range(0)):
            del rows[number]
        rows |= _by_id(page.content)
    return found


def _within(rows: Mapping[int, Row], window: range) -> list[int]:
    """The ids of a window that have a response, found in the shorter of the two."""
    return [number for number in (window if len(window) < len(rows) else rows) if number in rows and number in window]


def _by_id(content: bytes) -> dict[int, Row]:
    return {int(row["id"]): row for row in _rows(content)}


def _rows(content: bytes) -> list[Row]:
    """Responses of a page: question code to answer; none where the window has no data."""
    try:
        said = json.loads(content)["result"]
        if isinstance(said, dict) and _status(said).startswith(_NO_DATA):
            return []
        text = base64.b64decode(said, validate=True).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        known = all(re.fullmatch("[0-9]{1,18}", str(row.get("id", ""))) for row in rows)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error, csv.Error):
        known = False
    if not known:
        raise BatchRefused("The page is no export of LimeSurvey.", "Check the source and the address in round.yaml.")
    return [{str(name): str(value or "") for name, value in row.items()} for row in rows]


def _questions(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in _OF_THE_TOOL}


def _standard(row: Mapping[str, str], survey: str) -> dict[str, str]:
    return {
        "submission_id": row["id"],
        "form": survey,
        "form_version": next((row[name] for name in _VERSION if row.get(name)), "1"),
        "submitted_at": row.get("submitdate", ""),
    }
