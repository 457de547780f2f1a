"""`dti agencies`: who exists at a date, and what a spelling stands for."""

from datetime import date
from typing import Literal

from cyclopts import App

from flows.cli.output import Format, show

Kind = Literal["province", "ministry", "ministerial_body", "government_agency"]
app = App(
    name="agencies", help="Provinces, ministries and agencies with their validity, and the resolver of their names."
)


@app.command(name="list")
def list_agencies(*, at: date | None = None, kind: Kind | None = None, format: Format = "table") -> None:
    """List the agencies that exist at a date.

    Args:
        at: The date, YYYY-MM-DD; today if left out.
        kind: province, ministry, ministerial_body or government_agency; all if left out.
        format: table, csv or json.
    """
    from tasks.harmonise.agencies import Registry
    from warehouse.frameworks.editions import today

    rows = [
        {
            "agency": agency.agency_id,
            "name": agency.full_name_vi,
            "kind": agency.kind,
            "code": agency.code,
            "valid_from": agency.valid_from,
            "valid_to": agency.valid_to,
            "predecessors": ", ".join(agency.predecessors),
            "successors": ", ".join(agency.successors),
        }
        for agency in Registry.bundled().valid_at(at or today(), [kind] if kind else None)
    ]
    if format == "table":  # predecessors and successors are for CSV and JSON: they do not fit a terminal
        rows = [{name: row[name] for name in ("agency", "name", "code", "valid_from", "valid_to")} for row in rows]
    show(rows, format)


@app.command
def resolve(text: str, *, at: date | None = None, kind: Kind | None = None) -> None:
    """Say which agency a spelling or a code stands for at a date.

    Args:
        text: Any spelling, or an official code.
        at: The date, YYYY-MM-DD; today if left out.
        kind: Only agencies of this kind.
    """
    from tasks.harmonise.agencies import Registry
    from warehouse.frameworks.editions import today

    agency = Registry.bundled().resolve(text, at=at or today(), kinds=[kind] if kind else None)
    print(f"{agency.agency_id}  {agency.full_name_vi}  (code {agency.code or 'none'})")
