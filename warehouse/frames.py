"""The frames that the rooms hand to each other: columns, types, keys and grain, declared once.

`portal -> snapshot -> observation -> measurement -> score -> published vintage` (docs/architecture.md).
A frame is an ordinary pandas DataFrame; provenance is a column, never an attribute.
"""

from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

TEXT = "str"
NUMBER = "float64"
COUNT = "Int64"
TIME = "datetime64[us, UTC]"


@dataclass(frozen=True, eq=False)  # one object a frame: compared and hashed by identity
class Frame:
    """The declared shape of a frame.

    Attributes:
        name: Name of the frame and of its warehouse table.
        grain: What one row stands for.
        columns: Column name to pandas dtype, in order.
        key: Columns that identify a row.
    """

    name: str
    grain: str
    columns: dict[str, str]
    key: tuple[str, ...]

    def empty(self) -> pd.DataFrame:
        """Return a frame of no rows with the declared columns and types."""
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in self.columns.items()})

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `frame` with exactly the declared columns, in order and of the declared types.

        Missing text columns become empty text, missing numbers become NaN.
        """
        columns = {}
        for name, dtype in self.columns.items():
            if name in frame.columns:
                column = frame[name]
                if dtype == TEXT:
                    column = column.astype(object).where(column.notna(), "")
                columns[name] = column.astype(cast(Any, dtype))  # the stubs know literal names only
            else:
                filler = "" if dtype == TEXT else None
                columns[name] = pd.Series([filler] * len(frame), index=frame.index, dtype=dtype)
        return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN or NA."""
    return bool(pd.isna(cast(Any, value)))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries by column name, with plain Python values."""
    return cast(list[dict[str, Any]], frame.to_dict("records"))


def as_written(value_text: str) -> str:
    """Return a cell's text as a person wrote it, without the mark of an exact number.

    >>> as_written("=1.234"), as_written("=SUM(A1)"), as_written("98,5%")
    ('1.234', '=SUM(A1)', '98,5%')
    """
    plain = value_text.removeprefix("=")
    try:
        float(plain)
    except ValueError:
        return value_text
    return plain


SNAPSHOT = Frame(
    name="snapshot",
    grain="bytes as received from one origin in one round and period",
    columns={
        "sha256": TEXT,
        "source": TEXT,
        "round": TEXT,
        "origin": TEXT,  # url, or path relative to the round's folder
        "period": TEXT,
        "size": COUNT,  # bytes
        "media_type": TEXT,
        "fetched_at": TIME,
        "http_status": COUNT,
        "headers": TEXT,  # JSON of the headers that matter
    },
    key=("sha256", "source", "round", "origin", "period"),
)

# What a source reads out of a snapshot, before names, numbers and units are understood. Everything is text as written.
READING = Frame(
    name="reading",
    grain="one cell of a source that carries a figure",
    columns={
        "agency_text": TEXT,
        "item_text": TEXT,  # code (or name) of the node as written
        "part": TEXT,  # 'value'; 'a' (numerator), 'b' (denominator) of a ratio; 'points', 'upheld' of an appraisal
        "value_text": TEXT,
        "unit_text": TEXT,
        "evidence_text": TEXT,  # document number, date or link that proves the figure
        "note": TEXT,  # why: the reason of the appraisal council
        "period_text": TEXT,
        "stage": TEXT,  # self_reported | appraised | final
        "form_version": TEXT,
        "submitted_text": TEXT,  # date of the return as written
        "locator": TEXT,  # where in the snapshot: "Sheet!E12", "line 7"
    },
    key=("locator",),
)

OBSERVATION = Frame(
    name="observation",
    grain="agency x item x part x period x stage x source row",
    columns={
        "observation_id": TEXT,  # 32 hex digits over everything but superseded_by: rows are added, never changed
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "agency": TEXT,  # durable agency id of warehouse/reference/agencies.csv
        "item": TEXT,  # node code
        "part": TEXT,
        "stage": TEXT,
        "source": TEXT,
        "value": NUMBER,  # in `unit`
        "value_text": TEXT,  # as written
        "unit": TEXT,
        "evidence_text": TEXT,
        "note": TEXT,
        "form_version": TEXT,
        "submitted_on": TEXT,  # ISO date, empty if unknown
        "snapshot_sha256": TEXT,
        "locator": TEXT,
        "correction": TEXT,  # id of the declared correction that changed it, or empty
        "superseded_by": TEXT,  # sha256 of the later return that replaces it, or empty
    },
    key=("observation_id", "period"),  # the period too: PostgreSQL keeps each year apart
)

# An observation that validation has not yet judged: with what the rules compare it to.
CANDIDATE = Frame(
    name="candidate",
    grain=OBSERVATION.grain,
    columns={
        **OBSERVATION.columns,
        "agency_text": TEXT,  # as written
        "item_text": TEXT,
        "unit_text": TEXT,
        "unit_expected": TEXT,  # unit of the node; for a ratio's parts empty: any count
        "period_text": TEXT,
        "evidence_needed": "bool",  # the source must name a document
        "valid_min": NUMBER,
        "valid_max": NUMBER,
        "counterpart": NUMBER,  # for a ratio: the value of the other part; otherwise NaN
    },
    key=OBSERVATION.key,
)

QUARANTINE = Frame(
    name="quarantine",
    grain="one refused row and the rule that refused it",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "source": TEXT,
        "snapshot_sha256": TEXT,
        "locator": TEXT,
        "rule": TEXT,  # name of the rule, e.g. value_not_above_maximum
        "agency": TEXT,  # empty where the agency itself is unknown
        "agency_text": TEXT,
        "item": TEXT,
        "part": TEXT,
        "stage": TEXT,
        "value_text": TEXT,
        "unit": TEXT,
        "reason_vi": TEXT,
        "reason_en": TEXT,
    },
    key=("framework", "round", "period", "snapshot_sha256", "locator", "rule"),
)

WARNING = Frame(
    name="warning",
    grain="one accepted row and the rule that doubts it",
    columns={**QUARANTINE.columns, "observation_id": TEXT},  # the row was accepted, so it is an observation
    key=QUARANTINE.key,
)

# What the present month is held against; read from the warehouse for a validation, and kept nowhere.
HISTORY = Frame(
    name="history",
    grain="agency x item x stage x source x earlier month",
    columns={"agency": TEXT, "item": TEXT, "stage": TEXT, "source": TEXT, "period": TEXT, "value": NUMBER},
    key=("agency", "item", "stage", "source", "period"),
)

MEASUREMENT = Frame(
    name="measurement",
    grain="agency x node x period x stage x framework x round x vintage",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "vintage": COUNT,  # empty until the vintage is written
        "agency": TEXT,
        "node": TEXT,
        "stage": TEXT,
        "value": NUMBER,  # in the node's unit; empty where points were given instead
        "points": NUMBER,  # points that an appraiser gave outright, whatever the rule of the node would give
        "standard_error": NUMBER,  # in the node's unit
        "n": COUNT,
        "method": TEXT,  # e.g. report:ratio, published
        "source": TEXT,
        "observation_ids": TEXT,  # JSON list
        "snapshots": TEXT,  # JSON list of the sha256 behind an estimate, which has no observations of its own
        "detail": TEXT,  # JSON of what an estimate says about itself: design effect, effective n, form versions, ...
    },
    key=("framework", "round", "period", "vintage", "agency", "node", "stage"),
)

# Errors that several measurements share, such as those of questions that the same respondents answered.
ERROR_FACTOR = Frame(
    name="error_factor",
    grain="agency x node x independent cause of error",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "agency": TEXT,
        "node": TEXT,
        "source": TEXT,  # kind of evidence: survey, expert, tone
        "factor": TEXT,  # name of the cause; the errors of all cells that name it move together
        "loading": NUMBER,  # in the node's unit: error of the cell where the cause is one standard deviation off
        "block": TEXT,  # causes whose sizes were estimated together
        "degrees_of_freedom": NUMBER,  # with which they were estimated; none: the sizes are known
    },
    key=("framework", "round", "period", "agency", "node", "factor"),
)

SCORE = Frame(
    name="score",
    grain="agency x node x period x framework x round x vintage",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "vintage": COUNT,
        "agency": TEXT,
        "node": TEXT,
        "level": TEXT,
        "value": NUMBER,
        "points": NUMBER,
        "max_points": NUMBER,
        "share": NUMBER,
        "rank": COUNT,
        "group": TEXT,
        "group_rank": COUNT,
        "status": TEXT,
    },
    key=("framework", "round", "period", "vintage", "agency", "node"),
)

RANK_INTERVAL = Frame(
    name="rank_interval",
    grain="agency x node x ranking of a vintage",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "vintage": COUNT,
        "agency": TEXT,
        "node": TEXT,
        "ranked_in": TEXT,  # ranking group, or empty: among all
        "rank": COUNT,
        "share": NUMBER,
        "standard_error": NUMBER,  # of the share, from the errors of what was measured
        "share_low": NUMBER,  # simulation interval of the share
        "share_high": NUMBER,
        "simulated_low": COUNT,  # simulation interval of the rank
        "simulated_high": COUNT,
        "marginal_low": COUNT,  # confidence set for this rank
        "marginal_high": COUNT,
        "simultaneous_low": COUNT,  # confidence sets for all ranks at once
        "simultaneous_high": COUNT,
        "top10_probability": NUMBER,
        "above_next_probability": NUMBER,
        "alike": TEXT,  # numbers of the groups that cannot be told apart, e.g. 3–5
    },
    key=("framework", "round", "period", "vintage", "agency", "node", "ranked_in"),
)

RANK_EFFECT = Frame(
    name="rank_effect",
    grain="agency x node x ranking x source of uncertainty of a vintage",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "vintage": COUNT,
        "agency": TEXT,
        "node": TEXT,
        "ranked_in": TEXT,
        "perturbation": TEXT,  # what was drawn: survey, expert, tone, appraisal, weights, ...
        "first_order": NUMBER,  # Sobol indices of the rank: share of its variance
        "first_order_low": NUMBER,
        "first_order_high": NUMBER,
        "total": NUMBER,
        "total_low": NUMBER,
        "total_high": NUMBER,
    },
    key=("framework", "round", "period", "vintage", "agency", "node", "ranked_in", "perturbation"),
)

SIMULATION = Frame(
    name="simulation",
    grain="vintage whose ranks have intervals",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "vintage": COUNT,
        "draws": COUNT,
        "set_draws": COUNT,  # draws of the errors of what was measured, for the confidence sets
        "effect_draws": COUNT,  # draws of each of the sets that the Sobol indices compare
        "seed": COUNT,
        "level": NUMBER,  # probability of the intervals
        "drawn": TEXT,  # JSON list of what was drawn
        "measured": TEXT,  # JSON list of the kinds of evidence with known errors
        "settings": TEXT,  # JSON of what uncertainty.yaml said: strength of the weights, reversals, alternatives
        "code_version": TEXT,
    },
    key=("framework", "round", "period", "vintage"),
)

BATCH = Frame(
    name="batch",
    grain="one file or response of one source in one round",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "source": TEXT,
        "origin": TEXT,
        "snapshot_sha256": TEXT,
        "agency": TEXT,
        "outcome": TEXT,  # accepted | quarantined (some rows) | refused | check_failed | superseded | unavailable
        "message": TEXT,
        "rows_read": COUNT,
        "rows_accepted": COUNT,
        "rows_quarantined": COUNT,
    },
    key=("framework", "round", "period", "source", "origin"),
)

CHECK = Frame(
    name="inspection_check",
    grain="agency x check x framework x round x period",
    columns={
        "framework": TEXT,
        "round": TEXT,
        "period": TEXT,
        "agency": TEXT,
        "check": TEXT,  # code of warehouse/reference/checks.csv
        "family": TEXT,
        "outcome": TEXT,  # pass | fail | unchecked
        "reason": TEXT,  # why it failed or could not be checked
        "value": NUMBER,  # in `unit`; empty where nothing was measured
        "unit": TEXT,
        "url": TEXT,  # the page that was looked at
        "snapshot_sha256": TEXT,
        "locator": TEXT,  # XPath, name of a header, JSON pointer
        "extract": TEXT,  # an inert piece of what stands there
        "inspected_at": TIME,
    },
    key=("framework", "round", "period", "agency", "check"),
)

FRAMES = (
    SNAPSHOT,
    READING,
    OBSERVATION,
    CANDIDATE,
    QUARANTINE,
    WARNING,
    HISTORY,
    MEASUREMENT,
    ERROR_FACTOR,
    SCORE,
    SIMULATION,
    RANK_INTERVAL,
    RANK_EFFECT,
    BATCH,
    CHECK,
)
