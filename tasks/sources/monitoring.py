"""The system that monitors how online public services are offered and used: its JSON API, page by page.

In Vietnamese: Hệ thống giám sát, đo lường mức độ cung cấp và sử dụng dịch vụ Chính phủ số. A page is

    {"data": [{"agency": {"code": "02", "name": "Tỉnh Hà Giang"}, "indicator": "C.M4", "month": "2020-08",
               "value": 123, "revision": 2, "updated_at": "2020-09-02T08:00:00+07:00"}],
     "next": "https://.../figures?month=2020-08&page=2", "total": 1410}

Figures are revised for months afterwards, so every run asks for the whole month again. How pages follow each other:
`tasks.sources.transport.listing`. Which revision counts: `tasks.harmonise.revisions`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tasks.sources.base import Receipt
from tasks.sources.credentials import credential
from tasks.sources.files import gather_path
from tasks.sources.limits import MAX_JSON_BYTES, MAX_JSON_ITEMS, FetchLimits
from tasks.sources.messages import visible
from tasks.sources.rounds import Entry
from tasks.sources.strict_json import Figure, figure, parse_json, plain, pointer
from warehouse.errors import BatchRefused, PartlyUnavailable, SourceUnavailable
from warehouse.frames import READING
from warehouse.frameworks.editions import VIET_NAM
from warehouse.frameworks.model import Framework

if TYPE_CHECKING:
    from tasks.sources.transport.listing import Reading

_FORMAT = "monitoring/1"
_NEEDED = ("agency", "indicator", "month", "value")
_NO_MONTH = "0000-00"  # contradicts every period: a record that names no month belongs to none
_NOTHING = "null"
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_CHECK_ADDRESS = "Check the address in round.yaml; docs/rounds.md shows what a page holds."
_LATER = "Run again later; where it stays so, ask the operator of the system."


class Monitoring:
    """Counts of services and dossiers of every agency, as the monitoring system has them now."""

    name = "monitoring"
    title_vi = "Hệ thống giám sát, đo lường mức độ cung cấp và sử dụng dịch vụ"
    title_en = "Monitoring system of online services"
    evidence_needed = False
    later_replaces = False
    revises_figures = True

    def gather(self, entry: Entry, folder: Path, limits: FetchLimits | None = None) -> Iterator[Receipt]:
        """Yield the pages of every address, or exported pages from files; see `tasks.sources.base.Source.gather`.

        Where the entry names a credential, its token goes into the header `Authorization: Bearer ...`.

        Raises:
            SourceUnavailable: Nothing arrived, or there is no record at all.
            PartlyUnavailable: After all that arrived was yielded, where pages are missing or contradict each other.
        """
        if entry.path is not None:
            yield from gather_path(entry.path, folder, max_bytes=MAX_JSON_BYTES)
            return
        # Loading the HTTP library costs a tenth of a second, which commands that fetch nothing do not pay.
        from tasks.sources.transport.listing import read_list
        from tasks.sources.transport.pages import open_api

        headers = {"Accept": "application/json"}
        if entry.credential:
            headers["Authorization"] = f"Bearer {credential(entry.credential, needs=('token',)).token}"
        readings = []
        with open_api(headers, limits) as api:
            for url in entry.addresses:
                reading = read_list(api, url, _understand, limits)
                yield from reading.receipts
                readings.append(reading)
        _tell_faults(readings, entry)

    def read(self, content: bytes, framework: Framework) -> pd.DataFrame:  # noqa: ARG002 - the same for every framework
        """Read one page.

        Args:
            content: Bytes of the page.
            framework: Not needed: validation knows which indicators there are.

        Returns:
            READING rows, one a record, stage `self_reported`, so that an appraisal goes before it. The revision of a
            record and its time in UTC stand in `form_version`, `monitoring/1#2 2020-09-02T01:00:00Z`. A record without
            a value is read as `null`, so that an earlier revision does not count in its place.

        Raises:
            BatchRefused: It is no sound JSON, no page of the system, or too long.
        """
        rows = [_reading(record, number) for number, record in enumerate(_records(_page(content)))]
        return READING.conform(pd.DataFrame(rows)) if rows else READING.empty()


SOURCE = Monitoring()


def _tell_faults(readings: "list[Reading]", entry: Entry) -> None:
    """Say what is missing, once everything that arrived was handed over."""
    faults = [reading.fault for reading in readings if reading.fault]
    has_records = any(reading.received for reading in readings)
    if faults:
        kind = PartlyUnavailable if has_records else SourceUnavailable
        raise kind(visible(" ".join(faults)), _LATER)
    if not has_records:
        raise SourceUnavailable(f"{visible(', '.join(entry.addresses))} has no record yet.", _LATER)


def _understand(content: bytes) -> Any:
    from tasks.sources.transport.listing import ListPage, next_of

    page = _page(content)
    written = plain(page.get("total"))
    total = int(written) if _WHOLE.fullmatch(written) else None
    return ListPage(_records(page), total, **next_of(page))


def _page(content: bytes) -> dict[str, Any]:
    said = parse_json(content)
    if not isinstance(said, dict) or not isinstance(said.get("data"), list):
        raise BatchRefused("It is no page of the monitoring system: it has no list 'data'.", _CHECK_ADDRESS)
    return said


def _records(page: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = page["data"]
    if len(found) > MAX_JSON_ITEMS:
        raise BatchRefused(f"The page has more than {MAX_JSON_ITEMS} records.", "Ask for smaller pages.")
    missing = [key for key in _NEEDED if found and not any(isinstance(one, dict) and key in one for one in found)]
    if missing:
        raise BatchRefused(f"No record of the page has a key {' or '.join(map(repr, missing))}.", _CHECK_ADDRESS)
    return found


def _reading(record: Any, number: int) -> dict[str, str]:
    said: Mapping[str, Any] = record if isinstance(record, dict) else {"value": plain(record)}
    updated = plain(said.get("updated_at"))
    return {
        "agency_text": _agency(said.get("agency")),
        "item_text": plain(said.get("indicator")),
        "part": "value",
        "value_text": figure(said.get("value"), exact=True) or _NOTHING,
        "unit_text": plain(said.get("unit")),
        "period_text": plain(said.get("month")) or _NO_MONTH,
        "stage": "self_reported",
        "form_version": f"{_FORMAT}#{_revision(said.get('revision'))} {_instant(updated)}".strip(),
        "submitted_text": updated,
        "locator": pointer("data", number, "value"),
    }


def _agency(agency: Any) -> str:
    """The name; the code only where there is none, because codes were given to other agencies."""
    if isinstance(agency, dict):
        return plain(agency.get("name")) or plain(agency.get("code"))
    return plain(agency)


def _revision(written: Any) -> int:
    """Number of a revision; 0, before all others, where it is none."""
    text = plain(written)
    return int(text) if isinstance(written, Figure | str) and _WHOLE.fullmatch(text) else 0


def _instant(written: str) -> str:
    """A time in UTC to the second, so that times order as texts; without a zone it is that of Viet Nam."""
    try:
        found = datetime.fromisoformat(written)
        utc = (found if found.tzinfo else found.replace(tzinfo=VIET_NAM)).astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return f"{utc:%Y-%m-%dT%H:%M:%SZ}"
