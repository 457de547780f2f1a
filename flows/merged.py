"""What a merger did to a ranking, in sentences."""

from collections.abc import Sequence
from typing import Any

from flows.labels import counted
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from warehouse.frameworks.model import Framework


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
    number = sum(len(family["predecessors"]) for family in families)
    lines = [
        f"{counted(number, 'agency')} merged into {len(families)} by {merger.as_of}: each of these has the "
        f"{merger.take} of its predecessors at the level {merger.level}."
    ]
    for family in families:
        unscored = [registry.name_of(agency, at) for agency in family["unscored"]]
        if unscored:
            others = len(family["predecessors"]) - len(unscored)
            result = f"its mean is over the other {others}" if others else "it is not ranked"
            name = registry.name_of(family["agency"], at)
            lines.append(f"{name}: no scores of {', '.join(unscored)}; {result}.")
    return lines
