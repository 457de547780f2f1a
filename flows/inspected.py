"""What became of the inspection of portals: two tables for the Prefect UI, and sentences for the report."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from flows import artifacts
from flows.labels import counted
from tasks.evidence.inspection.checks import summary
from tasks.evidence.inspection.claims import COLUMNS
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.job import Job
from warehouse.frames import CHECK

_NAMED = 5  # agencies that a sentence still names


def portals(job: Job) -> None:
    """Publish how each agency's portal did, and the claims that a portal does not bear out.

    Args:
        job: The round that was measured.
    """
    checks = job.workspace.read(CHECK)
    if checks.empty:
        return
    artifacts.table(
        "inspection",
        _named(job, summary(checks)),
        "Checks of each portal that passed, failed and could not be made; the portals with the fewest passed first.",
    )
    claims = pd.DataFrame(job.workspace.read_json("inspection_claims"), columns=list(COLUMNS))
    artifacts.table(
        "inspection-claims",
        _named(job, claims),
        "Claims that the portal does not bear out, in the unit of the criterion; the largest difference first.",
    )


def looked_at(account: dict[str, Any], claims: Sequence[dict[str, Any]]) -> list[str]:
    """Say what became of the inspection.

    Args:
        account: `inspection.json` of the round; empty where no portal was inspected.
        claims: `inspection_claims.json` of the round.
    """
    if not account:
        return []
    checks = ", ".join(f"{count} {name}" for name, count in account["checks"].items())
    lines = [
        f"Inspection: {counted(account['portals'], 'portal')}, {len(account['not_reachable'])} not reachable; checks: "
        f"{checks}; {counted(account['lower_bounds'], 'value')} a lower bound.",
    ]
    if dead := account["not_reachable"]:
        more = f" and {len(dead) - _NAMED} more" if len(dead) > _NAMED else ""
        lines.append(f"Portals not reachable: {', '.join(dead[:_NAMED])}{more}.")
    if unseen := account["not_observable"]:
        lines.append(f"Not to be seen from outside, so not measured: {', '.join(unseen)}.")
    if claims:
        lines.append(f"{counted(len(claims), 'claim')} not borne out by the agency's portal.")
    return lines


def _named(job: Job, rows: pd.DataFrame) -> pd.DataFrame:
    at, registry = period_end(job.period), Registry.bundled()
    return rows.assign(agency=[registry.by_id(agency, at).name_vi for agency in rows["agency"]])
