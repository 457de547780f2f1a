"""Who was merged into whom between the period and the day on which agencies are ranked: from the registry alone."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.registries import resolve_unit
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency


def families_of(framework: Framework, period: str, registry: Registry | None = None) -> dict[str, tuple[str, ...]]:
    """Agency that is ranked to the agencies that were measured and merged into it.

    Predecessors are followed back until they exist at the end of the period, so that two mergers in a row are one.

    Args:
        framework: The framework; one without `mergers` has no families.
        period: Period that was measured.
        registry: The agencies; left out: the project's own.

    Returns:
        Ids, predecessors in the order of the alphabet; an agency that existed all the time is not among them.
    """
    merger, at = framework.description.mergers, period_end(period)
    if merger is None or at >= merger.as_of:
        return {}
    known = registry or Registry.bundled()
    measured = {agency.agency_id for agency in known.valid_at(at, framework.description.population)}
    before: dict[str, set[str]] = defaultdict(set)
    for version in known.agencies:
        before[version.agency_id].update(version.predecessors)
    ranked = (agency.agency_id for agency in known.valid_at(merger.as_of, framework.description.population))
    found = {agency: _measured_before(agency, before, measured) for agency in ranked if agency not in measured}
    return {agency: tuple(sorted(members)) for agency, members in found.items() if members}


def _measured_before(agency: str, before: Mapping[str, set[str]], measured: set[str]) -> set[str]:
    """The agencies that were measured among the predecessors of one, however far back."""
    found: set[str] = set()
    waiting, seen = [agency], {agency}
    while waiting:
        for predecessor in before.get(waiting.pop(), set()) - seen:
            seen.add(predecessor)
            if predecessor in measured:
                found.add(predecessor)
            else:
                waiting.append(predecessor)
    return found


def groups_of(families: Mapping[str, Sequence[str]], groups: Mapping[str, str]) -> dict[str, str]:
    """Ranking group of each merged agency: that of its predecessors where they all share one.

    Args:
        families: What `families_of` gives.
        groups: Agency id to ranking group, of those that were measured.
    """
    shared = {agency: {groups.get(one, "") for one in members} for agency, members in families.items()}
    return {agency: next(iter(found)) for agency, found in shared.items() if len(found) == 1 and "" not in found}


def merged(families: Mapping[str, Sequence[str]], scored: Collection[str]) -> list[dict[str, Any]]:
    """Account of a merger: who was made of whom, and which predecessors had no score.

    Args:
        families: What `families_of` gives.
        scored: Ids of the agencies that have a score.

    Returns:
        One entry for each merged agency: agency, predecessors, and those without a score under `unscored`.
    """
    return [
        {"agency": agency, "predecessors": list(members), "unscored": [one for one in members if one not in scored]}
        for agency, members in sorted(families.items())
    ]


def ranked_of(families: Mapping[str, Sequence[str]], scored: Collection[str]) -> set[str]:
    """Who is ranked of those that have scores: all but those that merged into others.

    Args:
        families: What `families_of` gives.
        scored: Ids of the agencies that have a score.
    """
    return set(scored) - {one for members in families.values() for one in members}


def resolve_scored(framework: Framework, text: str, period: str) -> Agency:
    """Return the agency that a text stands for among those that have scores: first of all those that are ranked.

    Args:
        framework: The framework.
        text: Any spelling, a code or an id; after a merger a name stands for the new agency, and the names and ids of
            those that ceased for themselves.
        period: Period that was measured.

    Raises:
        AgencyError: It stands for none.
    """
    merger = framework.description.mergers
    if merger is not None and families_of(framework, period):
        found = Registry.bundled().find(text, merger.as_of, framework.description.population or None)
        if found is not None:
            return found
    return resolve_unit(framework.description, text, period)
