"""The monitoring system of synthetic months, and a server of returns: pages, and revisions that appear later.

A folder `monitoring` of the round holds one file a month, `2020-08.jsonl`, one record a line; `later` in a record says
that it appears only once the month was read to its last page. Returns over HTTP stand in the folder `returns_http`.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tasks.demo.sheet import SYNTHETIC
from warehouse.errors import InputError

FOLDER = "monitoring"
RETURNS = "returns_http"
FIGURES_PATH = "/monitoring/api/figures"
RETURNS_PATH = "/returns"
PAGE_SIZE = 250
_MONTH = re.compile(r"\d{4}-\d\d")
_RETURN = re.compile(r"[a-z0-9-]{1,120}\.(?:json|csv|xlsx)")


@dataclass
class Monitoring:
    """What the server knows.

    Attributes:
        folder: Folder of the round.
        page_size: Records of one page.
        readings: Month to how often it was read to its last page.
    """

    folder: Path
    page_size: int = PAGE_SIZE
    readings: dict[str, int] = field(default_factory=dict)
    _views: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, query: Mapping[str, str], place: str) -> dict[str, Any] | None:
        """Return a page of a month.

        Args:
            query: Parameters of the request: `month`, and `page` from 1 on.
            place: Address of the list.

        Returns:
            The page; None where the request makes no sense.
        """
        month, number = query.get("month", ""), query.get("page", "1")
        if not (_MONTH.fullmatch(month) and re.fullmatch(r"[1-9]\d{0,5}", number)):
            return None
        with self._lock:
            if number == "1" or month not in self._views:
                self._views[month] = self._records(month)  # what is revised meanwhile shows in the next reading
            records = self._views[month]
            start, end = (int(number) - 1) * self.page_size, int(number) * self.page_size
            is_last = end >= len(records)
            if is_last:
                self.readings[month] = self.readings.get(month, 0) + 1
        following = None if is_last else f"{place}?{urlencode({'month': month, 'page': int(number) + 1})}"
        return {"notice": SYNTHETIC, "data": records[start:end], "next": following, "total": len(records)}

    def sent(self, month: str, name: str) -> bytes | None:
        """Return the bytes of a return; None where there is none."""
        if not (_MONTH.fullmatch(month) and _RETURN.fullmatch(name)):
            return None
        file = self.folder / RETURNS / month / name
        return file.read_bytes() if file.is_file() else None

    def _records(self, month: str) -> list[dict[str, Any]]:
        file = self.folder / FOLDER / f"{month}.jsonl"
        if not file.is_file():
            return []
        try:
            records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            shown = [record for record in records if not record["later"] or self.readings.get(month)]
            return [{key: value for key, value in record.items() if key != "later"} for record in shown]
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{file} is damaged.", "Make the months again: dti demo make-months.") from None


def read_monitoring(round_folder: Path) -> Monitoring | None:
    """Return the monitoring system of a synthetic round; None where it has none."""
    return Monitoring(round_folder) if (round_folder / FOLDER).is_dir() else None
