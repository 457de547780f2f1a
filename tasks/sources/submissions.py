"""One frame out of the records of a survey tool: one row a submission, every question a column, text as written."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from warehouse.errors import BatchRefused

STANDARD = ("submission_id", "form", "form_version", "submitted_at", "review_state")


def submissions(records: Iterable[tuple[Mapping[str, Any], Mapping[str, str]]]) -> pd.DataFrame:
    """Lay out submissions.

    Args:
        records: Record as the tool sends it, nested or flat, and its standard columns, in the order of arrival.

    Returns:
        One row a submission, the columns of `STANDARD` first, then every question as `group/question`; the tool's own
        columns, which begin with `_` or `meta/`, are left out. A submission that came more than once counts as it came
        last.
    """
    found: dict[str, dict[str, str]] = {}
    for record, standard in records:
        answers = {name: value for name, value in flat(record).items() if not _is_of_the_tool(name)}
        found.pop(standard["submission_id"], None)
        found[standard["submission_id"]] = {**answers, **standard}
    frame = pd.DataFrame(list(found.values()), dtype="str")
    for name in STANDARD:
        if name not in frame:
            frame[name] = ""
    return frame[[*STANDARD, *(name for name in frame if name not in STANDARD)]].fillna("").astype("str")


def records_in(content: bytes, key: str, needed: tuple[str, ...], tool: str) -> list[dict[str, Any]]:
    """The records of a page in JSON.

    Args:
        content: The page.
        key: Key under which its records stand.
        needed: Keys that every record has.
        tool: Name of the tool, for the message.

    Raises:
        BatchRefused: It is no page of that tool.
    """
    try:
        page = json.loads(content)
    except ValueError:
        page = None
    found = page.get(key) if isinstance(page, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) and set(needed) <= set(one) for one in found):
        raise BatchRefused(f"The page is not one of {tool}.", "Check the source and the address in round.yaml.")
    return found


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested groups as one level: `group/question`; repeats as `group[1]/question`. Everything as text.

    >>> flat({"a": {"b": 1}, "c": [{"d": None}, {"d": "x"}]})
    {'a/b': '1', 'c[1]/d': '', 'c[2]/d': 'x'}
    """
    found: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}/")
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            for number, one in enumerate(value, start=1):
                found |= flat(one, f"{prefix}{name}[{number}]/")
        else:
            found[prefix + name] = text_of(value)
    return found


def text_of(value: object) -> str:
    """A JSON value as an export would write it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(text_of(one) for one in value)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _is_of_the_tool(name: str) -> bool:
    return name.startswith(("_", "meta/", "formhub/")) or "/__" in name or "@odata" in name
