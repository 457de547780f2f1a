"""Correct: apply the declared corrections of the round to its candidates."""

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.harmonise.corrections import Applied, apply_corrections, load_corrections
from tasks.harmonise.registries import registry_of
from tasks.job import Job
from warehouse.frames import CANDIDATE


@task(name="correct", cache_policy=NO_CACHE)
def correct_candidates(job: Job, parts: list[str]) -> list[str]:
    """Apply the round's corrections.yaml to all candidates and write the CANDIDATE frame of the round.

    Args:
        job: The round at hand.
        parts: Workspace partitions of the sources.

    Returns:
        What is wrong with entries that do not fit their source; the round is not published while there are any.
    """
    workspace = job.workspace
    candidates = pd.concat([workspace.read(CANDIDATE, part) for part in parts], ignore_index=True)
    file = job.round.corrections_file
    corrections = load_corrections(file) if file else ()
    if job.is_standing:
        # One file serves all months: entries of other ones are not out of date.
        corrections = tuple(entry for entry in corrections if entry.period == job.period)
    registry = registry_of(job.loaded_framework.description)
    candidates, applied, faults = apply_corrections(candidates, corrections, registry)
    workspace.write(CANDIDATE, candidates)
    messages = [fault.message for fault in faults]
    workspace.write_json("corrections", {"applied": [_record(one) for one in applied], "faults": messages})
    return messages


def _record(applied: Applied) -> dict[str, str]:
    """What a correction did to a row; a dropped row leaves its trace here and in its snapshot."""
    entry = applied.correction
    changed = f"replaced by {entry.value:g}" if entry.value is not None else "dropped"
    return {
        "correction": entry.id,
        "done": f"{applied.value_text!r} at {applied.locator} {changed}",
        "snapshot_sha256": applied.snapshot_sha256,
        "reason": entry.reason,
        "by": entry.by,
    }
