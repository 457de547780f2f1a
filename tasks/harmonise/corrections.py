"""Declared corrections: a bad number is mended by one entry of a round's `corrections.yaml`, never by hand in the data.

```yaml
corrections:
  - id: da-nang-broadband-typo       # unique
    source: agency_report
    agency: Đà Nẵng                  # any spelling, a code or an id
    item: CQS.3.1.2
    part: a                          # a or b of a ratio; left out: the value itself
    period: "2020"
    action: replace                  # or drop
    expect: 9850                     # the value as found: a number in the unit of the node, or the text of the cell
    value: 98.5                      # the right value, for replace
    unit: "%"                        # of value; left out: the node's
    reason: The agency left out the decimal comma; confirmed by letter 12/STTTT-CNTT.
    status: open                     # mended once the source itself was corrected
    by: Nguyễn Văn A
    date: 2021-03-01
```

`framework` and `stage` may narrow an entry down. An entry whose `expect` no longer stands in the source, or that
matches no row, is a fault that names it: a correction never outlives its reason unseen.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tasks.harmonise.agencies import Registry
from tasks.harmonise.identity import counterparts, observation_ids
from tasks.harmonise.periods import parse_period, period_end
from tasks.harmonise.text import clean_cell
from tasks.harmonise.units import conversion, rescale
from warehouse.errors import InputError


class Correction(BaseModel):
    """One entry of `corrections.yaml`; the fields are shown above."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    source: str
    agency: str
    item: str
    part: Literal["value", "a", "b"] = "value"
    period: str
    framework: str = ""
    stage: str = ""
    action: Literal["replace", "drop"]
    expect: float | str
    value: float | None = None
    unit: str = ""
    reason: str = Field(min_length=1)
    status: Literal["open", "mended"]
    by: str = Field(min_length=1)
    date: date

    @field_validator("period", mode="before")
    @classmethod
    def _period(cls, period: object) -> str:
        try:
            return parse_period(str(period))
        except InputError as error:
            raise ValueError(str(error)) from None

    @field_validator("expect")
    @classmethod
    def _expect(cls, expect: float | str) -> float | str:
        if isinstance(expect, str):
            expect.encode()  # half a character, which no file holds, is a ValueError
        return expect

    @model_validator(mode="after")
    def _value_stands_where_needed(self) -> "Correction":
        if (self.action == "replace") != (self.value is not None):
            raise ValueError("`value` is needed with `action: replace`, and only there")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError("`value` is not a finite number")
        return self


@dataclass(frozen=True)
class Applied:
    """A row that a correction changed or dropped.

    Attributes:
        correction: The entry.
        snapshot_sha256: Snapshot of the row.
        locator: Where in the snapshot the row stands.
        value_text: The figure as written.
    """

    correction: Correction
    snapshot_sha256: str
    locator: str
    value_text: str


@dataclass(frozen=True)
class CorrectionFault:
    """An entry that does not fit the source any more.

    Attributes:
        correction_id: The entry.
        message: What is wrong and what to do, in one or two sentences.
    """

    correction_id: str
    message: str


def load_corrections(path: Path) -> tuple[Correction, ...]:
    """Read a round's declared corrections.

    Raises:
        InputError: The file cannot be read, or an entry breaks the format; the message names the entry.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError(f"{path.name} cannot be read: {' '.join(str(error).split())}.", "Mend the file.") from None
    entries = content.get("corrections") if isinstance(content, dict) else content
    if not isinstance(entries, list | None):
        raise InputError(
            f"{path.name} holds no list of corrections.", "It starts with `corrections:` and lists entries."
        )
    corrections = tuple(_correction(entry, number, path) for number, entry in enumerate(entries or [], start=1))
    seen: set[str] = set()
    for correction in corrections:
        if correction.id in seen:
            raise InputError(
                f"{path.name} has two entries with the id {correction.id!r}.", "Give each entry its own id."
            )
        seen.add(correction.id)
    return corrections


def apply_corrections(
    candidates: pd.DataFrame, corrections: Iterable[Correction], registry: Registry | None = None
) -> tuple[pd.DataFrame, list[Applied], list[CorrectionFault]]:
    """Apply the declared corrections of a round.

    Only rows that count are corrected: a return that a later one replaced is left as it was. Entries for another
    framework are passed over. Entries marked `mended` change nothing, but are a fault as long as the source still says
    the old value.

    Args:
        candidates: CANDIDATE rows of all returns of the round, superseded ones marked.
        corrections: The entries.
        registry: Understands the agency of an entry; None for the bundled one.

    Returns:
        The rows with `correction` set where one was applied (dropped ones are gone), what was applied, and the faults.
    """
    rows = candidates.reset_index(drop=True)
    names = registry or Registry.bundled()
    applied: list[Applied] = []
    faults: list[CorrectionFault] = []
    dropped: list[int] = []
    for entry in corrections:
        if _is_for_another_framework(entry, rows):
            continue
        found = rows[_concerns(entry, rows, names)]
        hit = found[_is_expected(entry, found)]
        if fault := _fault(entry, found, hit):
            faults.append(CorrectionFault(entry.id, fault))
        elif entry.status == "open":
            applied += _applied(entry, hit)
            if entry.action == "drop":
                dropped += hit.index.tolist()
            else:
                _replace(rows, hit.index, entry)
    if applied:
        rows = rows.drop(index=dropped).reset_index(drop=True)
        rows["counterpart"] = counterparts(rows)
        rows["observation_id"] = observation_ids(rows)
    return rows, applied, faults


def _correction(entry: Any, number: int, path: Path) -> Correction:
    name = entry.get("id", f"number {number}") if isinstance(entry, dict) else f"number {number}"
    try:
        return Correction.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = f"{where}: {first['msg']}" if where else first["msg"]
        message = clean_cell(f"{path.name}, correction {name}: {what}.").encode(errors="backslashreplace").decode()
        raise InputError(message, "Mend the entry.") from None


def _is_for_another_framework(entry: Correction, rows: pd.DataFrame) -> bool:
    return bool(entry.framework) and not (rows["framework"] == entry.framework).any()


def _concerns(entry: Correction, rows: pd.DataFrame, registry: Registry) -> pd.Series:
    """Whether a row is the figure that an entry speaks of, and counts."""
    agency = registry.find(entry.agency, period_end(entry.period))
    wanted = {
        "source": entry.source,
        "agency": agency.agency_id if agency else clean_cell(entry.agency),
        "item": entry.item,
        "part": entry.part,
        "period": entry.period,
        "superseded_by": "",
    }
    if entry.stage:
        wanted["stage"] = entry.stage
    concerned = pd.Series(True, index=rows.index)
    for column, text in wanted.items():
        concerned &= rows[column] == text
    return concerned


def _is_expected(entry: Correction, found: pd.DataFrame) -> pd.Series:
    """Whether a figure is what the entry says: text is compared with the cell, a number with the value understood."""
    if isinstance(entry.expect, str):
        return found["value_text"] == clean_cell(entry.expect)
    return found["value"] == entry.expect


def _fault(entry: Correction, found: pd.DataFrame, hit: pd.DataFrame) -> str:
    """Why an entry does not fit, or empty."""
    figure = f"{entry.agency}, {entry.item} ({entry.part}), {entry.source}, {entry.period}"
    if entry.status == "mended":
        still = f"The correction {entry.id} is marked mended, but the source still says {entry.expect} for {figure}."
        return f"{still} Set its status to open." if len(hit) else ""
    if found.empty:
        return f"The correction {entry.id} matches nothing: there is no figure for {figure}. Mend or remove the entry."
    if hit.empty:
        says = ", ".join(dict.fromkeys(found["value_text"]))
        expects = f"The correction {entry.id} expects {entry.expect}, but the source says {says} for {figure}."
        return f"{expects} If the source was mended, set its status to mended."
    unit = hit["unit_expected"].iloc[0]
    if entry.value is not None and conversion(entry.unit, unit) is None:
        return f"The correction {entry.id} gives its value in {entry.unit}, which cannot be converted to {unit}."
    return ""


def _replace(rows: pd.DataFrame, places: pd.Index, entry: Correction) -> None:
    """Put the right value into rows, which are changed; the text as written stays."""
    found = conversion(entry.unit, rows.loc[places, "unit_expected"].iloc[0])
    if entry.value is not None and found is not None:
        rows.loc[places, "value"] = rescale(entry.value, found.factor)
        rows.loc[places, "unit"] = found.unit
        rows.loc[places, "correction"] = entry.id


def _applied(entry: Correction, hit: pd.DataFrame) -> list[Applied]:
    places = zip(hit["snapshot_sha256"].tolist(), hit["locator"].tolist(), hit["value_text"].tolist(), strict=True)
    return [Applied(entry, sha256, locator, value_text) for sha256, locator, value_text in places]
