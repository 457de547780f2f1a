"""How KoboToolbox, ODK Central and LimeSurvey answer, after their public API documentation."""

import base64
import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from tasks.demo.servers.forms import Form, answers_of

Query = Mapping[str, str]
KEY = "synthetic-session-key"
_SINCE = re.compile(r"__system/(\w+) ge (\S+)")
_ORDER = re.compile(r"__system/(\w+) asc")


def kobo_page(form: Form, query: Query, place: str) -> dict[str, Any]:
    """`/api/v2/assets/{uid}/data/`: one page, with the link to the next."""
    since = json.loads(query.get("query", "{}")).get("_submission_time", {}).get("$gte", "")
    rows = [_kobo_record(one, form) for one in form.submissions if one["submitted_at"] >= since]
    start, limit = int(query.get("start", "0")), int(query.get("limit", "100"))
    later = {**query, "start": str(start + limit)}
    return {
        "count": len(rows),
        "next": f"{place}?{urlencode(later)}" if start + limit < len(rows) else None,
        "previous": None,
        "results": rows[start : start + limit],
    }


def odk_service(form: Form) -> dict[str, Any]:
    """`/forms/{form}.svc`: the tables."""
    return {"value": [{"name": name, "kind": "EntitySet", "url": name} for name in ("Submissions", *form.repeats)]}


def odk_page(form: Form, table: str, query: Query, place: str) -> dict[str, Any]:
    """`/forms/{form}.svc/{table}`: one page, with the link to the next."""
    rows = _odk_main(form, query) if table == "Submissions" else _odk_repeat(form.repeats[table], table)
    token = json.loads(base64.b64decode(query.get("$skiptoken", "")) or "{}")
    start, top = token.get("start", 0), int(query.get("$top", "250"))
    found: dict[str, Any] = {"value": rows[start : start + top], "@odata.context": f"{place}/$metadata#{table}"}
    if start + top < len(rows):
        # As with the real one, the token holds the id of the last record.
        last = {"start": start + top, "instanceId": rows[start + top - 1]["__id"]}
        token = base64.b64encode(json.dumps(last).encode()).decode()
        found["@odata.nextLink"] = f"{place}?{urlencode({**query, '$skiptoken': token})}"
    return found


def limesurvey_result(forms: Mapping[str, Form], user: str, password: str, call: Mapping[str, Any]) -> Any:
    """The `result` of a call of RemoteControl 2; refusals are a status in an answer that looks fine."""
    method, parameters = call["method"], call["params"]
    if method == "get_session_key":
        return KEY if parameters[:2] == [user, password] else {"status": "Invalid user name or password"}
    if parameters[0] != KEY:
        return {"status": "Invalid session key"}
    if method == "release_session_key":
        return "OK"
    form = forms.get(str(parameters[1]))
    if form is None:
        return {"status": "Error: Invalid survey ID"}
    if method == "get_summary":
        return {"completed_responses": str(len({one["_id"] for one in form.submissions}))}
    first, last = parameters[7:9]
    rows = [one for one in form.submissions if first <= int(one["_id"]) <= last]
    return _limesurvey_csv(rows) if rows else {"status": "No Data, could not get max id."}


def _kobo_record(one: Mapping[str, str], form: Form) -> dict[str, Any]:
    status = {"uid": form.review[one["_uuid"]]} if one["_uuid"] in form.review else {}
    return {
        "_id": int(one["_id"]),
        "formhub/uuid": form.form,
        **{f"phieu/{name}": value for name, value in answers_of(one).items()},
        "__version__": one["version"],
        "meta/instanceID": f"uuid:{one['_uuid']}",
        "_xform_id_string": form.form,
        "_uuid": one["_uuid"],
        "_submission_time": one["submitted_at"],
        "_validation_status": status,
        "_attachments": [],
    }


def _odk_main(form: Form, query: Query) -> list[dict[str, Any]]:
    """The submissions that any of the comparisons with a time leaves, in the order of one time."""
    rows: list[dict[str, Any]] = [
        {
            "__id": f"uuid:{one['_uuid']}",
            "__system": {
                "submissionDate": one["submitted_at"],
                "updatedAt": form.updated.get(one["_uuid"]),
                "formVersion": one["version"],
                "reviewState": form.review.get(one["_uuid"]),
                "edits": 0,
            },
            "meta": {"instanceID": f"uuid:{one['_uuid']}"},
            "phieu": answers_of(one),
            **{f"{name.partition('.')[2]}@odata.navigationLink": f"Submissions('x')/{name}" for name in form.repeats},
        }
        for one in form.submissions
    ]
    if wish := query.get("$filter", ""):
        since = [_SINCE.fullmatch(part) for part in wish.split(" or ")]
        rows = [row for row in rows if any(one and (row["__system"][one[1]] or "") >= one[2] for one in since)]
    if order := _ORDER.fullmatch(query.get("$orderby", "")):
        return sorted(rows, key=lambda row: row["__system"][order[1]] or "")
    return rows[::-1]  # without a wish, the newest first


def _odk_repeat(rows: Sequence[Mapping[str, str]], table: str) -> list[dict[str, Any]]:
    """Rows of a repeat; `owner` is the submission, or for a repeat within another the number of the outer row."""
    outer = table.rpartition(".")[0]
    is_inner = outer != "Submissions"
    return [
        {
            "__id": f"{table}-row{number}",
            f"__{outer.replace('.', '-')}-id": f"{outer}-row{row['owner']}" if is_inner else f"uuid:{row['owner']}",
            **{name: value for name, value in row.items() if name != "owner"},
        }
        for number, row in enumerate(rows)
    ]


def _limesurvey_csv(rows: Sequence[Mapping[str, str]]) -> str:
    questions = list(dict.fromkeys(name for row in rows for name in answers_of(row)))
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "submitdate", "lastpage", "startlanguage", "form_version", *questions])
    for row in rows:
        fixed = [row["_id"], row["submitted_at"], "5", "vi", row["version"]]
        writer.writerow([*fixed, *(row.get(name, "") for name in questions)])
    return base64.b64encode(written.getvalue().encode("utf-8-sig")).decode()
