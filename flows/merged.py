"""What a merger did to a ranking, in sentences."""

from collections.abc import Sequence
from typing import Any

from flows.labels import counted
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from warehouse.frameworks.model import Framework

_NAMED = 5  # agencies that a sentence still names


def merged(families: Sequence[dict[str, Any]], framework: Framework, period: str) -> list[str]:
    """Say how many agencies merged, and whose mean is over fewer predecessors than there were.

    Args:
        families: Account of the merger, as `tasks.harmonise.mergers.merged` gives it.
        framework: The framework.
        period: Period that was measured.
    """
    merger = framework.description.mergers
    if not families or merger is None:
        return []
    at, registry = period_end(period), Registry.bundled()
    scored = {one["agency"]: set(one["predecessors"]) - set(one["unscored"]) for one in families}
    number = sum(len(found) for found in scored.values())
    lines = [
        f"{counted(number, 'agency')} with scores merged into {sum(map(bool, scored.values()))} by {merger.as_of}: "
        f"each of these has the {merger.take} of its predecessors at the level {merger.level}."
    ]
    for family in families:
        names = [f"{registry.name_of(one, at)} (before the merger)" for one in family["unscored"]]
        if names and scored[family["agency"]]:
            mean = f"its mean is over the other {len(scored[family['agency']])}"
            lines.append(f"{registry.name_of(family['agency'], at)}: no scores of {', '.join(names)}; {mean}.")
    without = [registry.name_of(agency, at) for agency, found in scored.items() if not found]
    if without:
        more = f" and {len(without) - _NAMED} more" if len(without) > _NAMED else ""
        lines.append(f"Not ranked, as none of the predecessors has scores: {', '.join(without[:_NAMED])}{more}.")
    return lines
