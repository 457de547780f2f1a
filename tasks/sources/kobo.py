"""KoboToolbox, API v2: the submissions of one asset, page by page, the oldest first.

Written from the API's public documentation: `GET /api/v2/assets/{uid}/data/?format=json&start=&limit=&sort=&query=`
answers with `count`, `next`, `previous` and `results`; the token goes into the header `Authorization: Token ...`.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd

from tasks.sources.base import Page, Receipt
from tasks.sources.credentials import credential
from tasks.sources.limits import FetchLimits
from tasks.sources.rounds import Entry
from tasks.sources.submissions import records_in, submissions


class Kobo:
    """Submissions of a KoboToolbox form."""

    name = "kobo"
    title_vi = "Khảo sát trên KoboToolbox"
    title_en = "Survey on KoboToolbox"
    evidence = "survey"

    def gather(
        self,
        entry: Entry,
        folder: Path,  # noqa: ARG002 - the protocol of all sources
        earlier: Sequence[Page] = (),
        limits: FetchLimits | None = None,
    ) -> Iterator[Receipt]:
        """Yield the pages that are new; see `tasks.sources.base.MicroSource.gather`.

        Only submissions from the latest known time on are asked for. Kobo does not change the time of a submission
        that is edited: to fetch late edits of old submissions, gather into a new round.
        """
        # Loading the HTTP library costs a tenth of a second, which commands that fetch nothing do not pay.
        from tasks.sources.transport.pages import PAGE_SIZE, Harvest, open_api, require, walk

        require(entry, "url", "form", "credential")
        token = credential(entry.credential, needs=("token",)).token
        base = f"{str(entry.url).rstrip('/')}/api/v2/assets/{quote(entry.form)}/data/"
        known = [page for page in earlier if page.origin.startswith(base)]
        times = [one["_submission_time"] for page in known for one in _records(page.content)]
        since = max((time for time in times if isinstance(time, str)), default="")
        asked = {"format": "json", "limit": str(PAGE_SIZE), "start": "0", "sort": '{"_submission_time":1}'}
        if since:
            asked["query"] = json.dumps({"_submission_time": {"$gte": since}})
        harvest = Harvest(known, _records)
        with harvest.partly(), open_api({"Authorization": f"Token {token}"}, limits) as api:
            yield from harvest.news(walk(api, f"{base}?{urlencode(asked)}", "next"))

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read the pages of one asset; see `tasks.sources.base.MicroSource.read_answers`.

        Raises:
            BatchRefused: A page is not one of Kobo's.
        """
        return submissions(
            (record, {**_standard(record), "review_state": _review(record)})
            for page in pages
            for record in _records(page.content)
        )


SOURCE = Kobo()


def _records(content: bytes) -> list[dict[str, Any]]:
    return records_in(content, "results", ("_id", "_submission_time"), "KoboToolbox")


def _standard(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "submission_id": record["_id"],
        "form": record.get("_xform_id_string"),
        "form_version": record.get("__version__"),
        "submitted_at": record["_submission_time"],
    }


def _review(record: dict[str, Any]) -> str:
    state = record.get("_validation_status") or {}
    uid = str(state.get("uid", "")) if isinstance(state, dict) else ""
    return {"validation_status_not_approved": "rejected", "validation_status_approved": "approved"}.get(uid, uid)
