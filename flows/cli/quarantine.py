"""`dti quarantine`: the rows that were refused, or accepted with a warning, with rule, value and reason."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from flows.cli.numbers import number
from flows.cli.output import Format, console, show
from flows.labels import spreadsheet_safe
from warehouse.files import writing
from warehouse.settings import get_settings

if TYPE_CHECKING:
    import pandas as pd

app = App(name="quarantine", help="Rows that validation refused, and why.")
COLUMNS = ("agency_text", "item", "value_text", "reason_en", "where")
_HEADINGS = {"agency_text": "agency", "value_text": "value", "reason_en": "reason"}
_OF_FILES = {"rows_read": "read", "rows_accepted": "accepted", "rows_quarantined": "refused"}


@app.command
def summary(
    *, framework: str = "province_2020", period: str = "2020", round: str | None = None, format: Format = "table"
) -> None:
    """Count the refused rows by rule, with an example of each.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        round: Name of the round; left out: the one with the newest run.
        format: table, csv or json.
    """
    rows = _rows(framework, period, round, None, None)
    counts = rows["rule"].value_counts()
    examples = dict(zip(rows["rule"][::-1], rows["reason_en"][::-1], strict=True))
    shown = [{"rule": str(rule), "rows": int(count), "for example": examples[rule]} for rule, count in counts.items()]
    show(shown, format, f"Refused rows of {framework} {period} by rule")


@app.command(name="list")
def list_rows(
    *,
    framework: str = "province_2020",
    period: str = "2020",
    round: str | None = None,
    agency: str | None = None,
    rule: str | None = None,
    warnings: Annotated[bool, Parameter(negative="")] = False,
    limit: Annotated[int, number(0)] = 50,
    format: Format = "table",
) -> None:
    """List refused rows, or those that were accepted with a warning.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        round: Name of the round; left out: the one with the newest run.
        agency: Only this agency, in any spelling.
        rule: Only rows that this rule refused or doubted.
        warnings: Rows that were accepted with a warning instead.
        limit: At most so many rows; 0 for all.
        format: table, csv or json.
    """
    from warehouse.frames import records

    rows = _rows(framework, period, round, agency, rule, warnings=warnings)
    shown = rows.head(limit) if limit else rows
    shown = shown.assign(where=shown["origin"] + " " + shown["locator"])
    title = f"{'Warnings' if warnings else 'Quarantine'} of {framework} {period}"
    show(records(shown[list(COLUMNS)]), format, title, _HEADINGS)
    if format == "table":
        more = (
            "They count; look at them." if warnings else "`dti quarantine export` writes all, with Vietnamese reasons."
        )
        console().print(f"\n{len(shown)} of {len(rows)} {'doubted' if warnings else 'refused'} rows. {more}")


@app.command
def files(
    *, framework: str = "province_2020", period: str = "2020", round: str | None = None, format: Format = "table"
) -> None:
    """List the files and responses of a round with what became of each.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        round: Name of the round; left out: the one with the newest run.
        format: table, csv or json.
    """
    from warehouse.engine import connect
    from warehouse.frames import records
    from warehouse.queries import batches

    rows = batches(connect(get_settings().url), framework, period, round)
    names = ["origin", "outcome", "rows_read", "rows_accepted", "rows_quarantined", "message"]
    show(records(rows[names]), format, f"Files of {framework} {period}", _OF_FILES)


@app.command
def export(
    out: Path,
    *,
    framework: str = "province_2020",
    period: str = "2020",
    round: str | None = None,
    agency: str | None = None,
) -> None:
    """Write the refused rows to a CSV that can be handed back to the agencies.

    Args:
        out: File to write.
        framework: Name of the framework.
        period: Period that was measured.
        round: Name of the round; left out: the one with the newest run.
        agency: Only this agency, in any spelling.
    """
    rows = _rows(framework, period, round, agency, None)
    for column in rows.columns:
        if rows[column].dtype == "str":
            rows[column] = [spreadsheet_safe(text) for text in rows[column]]
    # The byte order mark makes spreadsheets open the Vietnamese text correctly.
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        rows.to_csv(out, index=False, encoding="utf-8-sig", lineterminator="\n")
    print(f"{len(rows)} refused rows are in {out}.")


def _rows(
    framework: str, period: str, round: str | None, agency: str | None, rule: str | None, *, warnings: bool = False
) -> "pd.DataFrame":
    from tasks.harmonise.registries import resolve_anywhere
    from warehouse.engine import connect
    from warehouse.errors import InputError
    from warehouse.frames import as_written
    from warehouse.queries import quarantine

    rows = quarantine(connect(get_settings().url), framework, period, round, warnings=warnings)
    rows = rows.assign(value_text=[as_written(text) for text in rows["value_text"]])
    if rule and rule not in set(rows["rule"]):
        known = ", ".join(sorted(set(rows["rule"]))) or "none"
        done = "doubted" if warnings else "refused"
        raise InputError(f"No row was {done} by a rule {rule!r}.", f"Rules that {done} rows: {known}.")
    if agency:
        rows = rows[rows["agency"] == resolve_anywhere(agency, period).agency_id]
    return rows[rows["rule"] == rule] if rule else rows
