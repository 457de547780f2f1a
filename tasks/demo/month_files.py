"""The files of synthetic months: a return as XLSX, CSV or JSON, and the records of the monitoring system."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from tasks.demo.files import csv_bytes, xlsx_bytes
from tasks.demo.latent import Figures
from tasks.demo.month_figures import Told
from tasks.demo.sheet import SYNTHETIC, Form, Habits, clean_row, lay_out
from tasks.harmonise.periods import period_end
from tasks.returns.layout import ONE_SHEET
from tasks.returns.versions import form_name
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency

FORMATS = ("xlsx", "csv", "json")
_READY_AFTER = 1  # days after the end of the month
_REVISED_AFTER = 12


@dataclass(frozen=True)
class MonthReturn:
    """A return before it is written.

    Attributes:
        framework: The edition of the month.
        agency_text: The agency as it spells itself.
        period: The month.
        submitted: Day of the return.
        counts: Counts by code.
        habits: How the agency fills in forms.
        rng: Random generator of its documents.
    """

    framework: Framework
    agency_text: str
    period: str
    submitted: date
    counts: Mapping[str, int]
    habits: Habits
    rng: Random

    def content(self, kind: str) -> bytes:
        """Return its bytes in one of `FORMATS`."""
        if kind == "json":
            return self._json()
        by_code = self.framework.by_code
        rows = [clean_row(Figures(by_code[code], value=count), self._document()) for code, count in self.counts.items()]
        title = ONE_SHEET if kind == "xlsx" else ""
        form = Form(self.framework, self.agency_text, self.period, self.submitted, 1, self.habits, {title: rows})
        grids = lay_out(form)
        return xlsx_bytes(grids) if kind == "xlsx" else csv_bytes(grids[0])

    def _document(self) -> str:
        return f"Báo cáo số {self.rng.randint(12, 4800)}/BC ngày {self.submitted:%d/%m/%Y} (mô phỏng)"

    def _json(self) -> bytes:
        code, value, unit, evidence = _KEYS[self.habits.header % len(_KEYS)]
        items = [
            {code: node, value: count, unit: self.framework.by_code[node].unit, evidence: self._document()}
            for node, count in self.counts.items()
        ]
        said = {
            "synthetic": SYNTHETIC,
            "agency": self.agency_text,
            "period": self.period,
            "form_version": form_name(self.framework),
            "submitted_on": self.submitted.isoformat(),
            "items": items,
        }
        return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


_KEYS = (("code", "value", "unit", "evidence"), ("ma_chi_tieu", "gia_tri", "don_vi_tinh", "minh_chung"))


def monitoring_records(agency: Agency, told: Told, period: str) -> list[dict[str, Any]]:
    """Return the records of an agency in the monitoring system, as the file of the demo server holds them.

    `later` says whether a record appears only after the month was read once.
    """
    end = period_end(period)
    return [
        {
            "agency": {"code": agency.code, "name": agency.full_name_vi},
            "indicator": code,
            "month": period,
            "value": count,
            "revision": revision,
            "updated_at": f"{end + timedelta(days=_READY_AFTER if revision == 1 else _REVISED_AFTER)}T06:00:00+07:00",
            "later": later,
        }
        for code, count, revision, later in told.revisions
    ]


def json_lines(records: Sequence[Mapping[str, Any]]) -> bytes:
    """Return records as lines of JSON."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
