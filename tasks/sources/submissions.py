"""One frame out of the records of a survey tool: one row a submission, every question a column, text as written."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from warehouse.errors import BatchRefused

_HALF = re.compile("[\ud800-\udfff]")  # of a character that JSON writes as two escapes
STANDARD = ("submission_id", "form", "form_version", "submitted_at", "review_state")


def submissions(records: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> pd.DataFrame:
    """Lay out submissions.

    Args:
        records: Record as the tool sends it, nested or flat, and its standard columns, in the order of arrival.

    Returns:
        One row a submission, the columns of `STANDARD` first, then every question as `group/question`; the tool's own
        columns, which begin with `_` or `meta/`, are left out. A submission of a form that came more than once counts
        as it came last; those without an id are each one of their own.

    Raises:
        BatchRefused: A record is nested too deeply.
    """
    found: dict[tuple[str, str, int], dict[str, str]] = {}
    for number, (record, given) in enumerate(records, start=1):
        standard = {name: text_of(value) for name, value in given.items()}
        try:
            answers = {name: value for name, value in flat(record).items() if not _is_of_the_tool(name)}
        except RecursionError:
            raise BatchRefused("A submission is nested too deeply.", "Check the source in round.yaml.") from None
        identity = standard["submission_id"]
        key = (standard.get("form", ""), identity, 0 if identity else number)
        found.pop(key, None)
        found[key] = {**answers, **standard}
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
    except (ValueError, RecursionError):
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
    for given, value in record.items():
        name = _HALF.sub("\N{REPLACEMENT CHARACTER}", given)
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}/")
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            for number, one in enumerate(value, start=1):
                found |= flat(one, f"{prefix}{name}[{number}]/")
        else:
            found[prefix + name] = text_of(value)
    return found


def text_of(value: object) -> str:
    r"""A JSON value as an export would write it; half an emoji, which no file takes, is replaced.

    >>> text_of("\ud83d!")
    '�!'
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(text_of(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", str(value))


def _is_of_the_tool(name: str) -> bool:
    return name.startswith(("_", "meta/", "formhub/")) or "/__" in name or "@odata" in name
