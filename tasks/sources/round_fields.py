"""What may stand in the fields of round.yaml: periods, days, paths that stay in the folder, web addresses."""

import re
import unicodedata
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

from tasks.sources.messages import visible
from warehouse.periods import PERIOD

_LONGEST_PART = 255  # what file systems allow
_LONGEST_PATH = 1_000
_LAST_SAFE_DAY = 28  # every month has it


def _period(value: object) -> object:
    text = str(value) if isinstance(value, int) else value
    if not isinstance(text, str) or not PERIOD.fullmatch(text):
        raise ValueError("a period is a year, 2020, or a month, 2020-08")
    return text


def _due(value: object) -> object:
    if value is None or type(value) is date:
        return value
    if type(value) is int and 1 <= value <= _LAST_SAFE_DAY:
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2020-09-05") else _due_fault()
    except ValueError:
        return _due_fault()


def _due_fault() -> date:
    raise ValueError(f"due is a date, 2020-09-05, or a day from 1 to {_LAST_SAFE_DAY} of the month after the period")


def _inside(path: str) -> str:
    parts = PurePosixPath(path.replace("\\", "/"))
    if not path.strip() or parts.is_absolute() or ".." in parts.parts or re.match(r"[A-Za-z]:", path):
        raise ValueError("a path is relative to the round's folder and does not leave it")
    if visible(path) != unicodedata.normalize("NFC", path):
        raise ValueError("a path has no control characters and no half characters")
    if len(path.encode()) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_PART for part in parts.parts):
        raise ValueError(f"a path has at most {_LONGEST_PART} bytes in each name and {_LONGEST_PATH} in all")
    return path


def _web(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a url begins with http:// or https:// and names a host")
    if parts.username or parts.password:
        raise ValueError("a url in round.yaml carries no user name or password")
    return url


Period = Annotated[str | None, BeforeValidator(_period)]
Due = Annotated[date | int | None, BeforeValidator(_due)]
RelativePath = Annotated[str, AfterValidator(_inside)]
WebAddress = Annotated[str, AfterValidator(_web)]
