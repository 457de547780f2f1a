"""Inspect: from the snapshots of portals to checks, to the criteria they decide, and to the claims they contradict."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tasks.evidence.inspection.checks import check_rows
from tasks.evidence.inspection.claims import doubted
from tasks.evidence.inspection.criteria import measure
from tasks.job import Job, source_of
from tasks.sources.base import InspectionSource, Page
from tasks.sources.registry import is_inspection
from warehouse.errors import BatchRefused, SnapshotError
from warehouse.frames import BATCH, CHECK, MEASUREMENT, SNAPSHOT, records
from warehouse.frameworks.inspection import has_inspection, load_inspection


def keep_checks(job: Job, part: str, source: InspectionSource) -> int:
    """Read what the portals of one entry sent and run every check on it.

    Writes the CHECK frame of the part and completes its BATCH frame: the snapshots are of use together or not at all.

    Args:
        job: The round at hand.
        part: Name of the workspace partition.
        source: The source.

    Returns:
        Number of refused snapshots.
    """
    batches = job.workspace.read(BATCH, part)
    arrived = batches["outcome"] != "unavailable"
    checks, outcome, message, refused = CHECK.empty(), "read", "", 0
    try:
        cards = records(job.workspace.read(SNAPSHOT, part))
        portals = source.read_portals([Page.of_card(card, job.store.get(card["sha256"])) for card in cards])
        checks = check_rows(portals, job.scope)
        message = f"{len(portals)} portals were inspected."
    except (BatchRefused, SnapshotError) as refusal:
        outcome, message, refused = "refused", str(refusal), int(arrived.sum())
    batches = batches.assign(
        outcome=batches["outcome"].mask(arrived, outcome), message=batches["message"].mask(arrived, message)
    )
    job.workspace.write(CHECK, checks, part)
    job.workspace.write(BATCH, batches.assign(rows_read=0), part)
    return refused


def round_checks(job: Job, parts: Sequence[str]) -> pd.DataFrame:
    """Return the CHECK rows of all entries of a round; of an agency that stands in several, the last counts.

    Args:
        job: The round at hand.
        parts: Workspace partitions of all entries of the round.
    """
    mine = [part for part in parts if is_inspection(source_of(job, part))]
    found = [job.workspace.read(CHECK, part) for part in mine]
    if not found:
        return CHECK.empty()
    return pd.concat(found, ignore_index=True).drop_duplicates(list(CHECK.key), keep="last", ignore_index=True)


def measure_portals(job: Job, parts: Sequence[str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Measure what the portals of a round show.

    Args:
        job: The round at hand.
        parts: Workspace partitions of all entries of the round.

    Returns:
        MEASUREMENT rows, grain agency x criterion, and the account of the inspection; both empty where no portal was
        inspected or the framework has no inspection.yaml.
    """
    checks, framework = round_checks(job, parts), job.loaded_framework
    job.workspace.write(CHECK, checks)
    if checks.empty or not has_inspection(framework.folder):
        return MEASUREMENT.empty(), {}
    declared = load_inspection(framework.folder)
    found = measure(checks, framework, declared)
    reachable = checks[checks["check"] == "reachable"].set_index("agency")["outcome"]
    account = {
        "portals": len(reachable),
        "not_reachable": sorted(reachable.index[reachable == "fail"]),
        "checks": {name: int(count) for name, count in checks["outcome"].value_counts().sort_index().items()},
        "criteria": len(declared.criteria),
        "lower_bounds": int(found["detail"].str.contains('"lower_bound": true', regex=False).sum()),
        "not_observable": declared.not_observable,
    }
    return found, account


def keep_claims(job: Job, measurements: pd.DataFrame, inspected: pd.DataFrame) -> int:
    """Set claims against what portals show; write them as `inspection_claims.json` into the workspace.

    Args:
        job: The round at hand.
        measurements: MEASUREMENT rows of the round.
        inspected: Those of the inspection.

    Returns:
        Number of claims that a portal does not bear out.
    """
    folder = job.loaded_framework.folder
    claims: list[dict[str, Any]] = []
    if has_inspection(folder):
        found = doubted(measurements, inspected, job.workspace.read(CHECK), load_inspection(folder))
        claims = records(found)
    job.workspace.write_json("inspection_claims", claims)
    return len(claims)
