"""Press rounds that have a part of a ranking only: their ranks are those among the agencies that were printed."""

from collections.abc import Collection

import pandas as pd

from tasks.harmonise.groups import agency_groups
from tasks.harmonise.mergers import families_of, groups_of
from tasks.harmonise.population import expected_units
from warehouse.frameworks.model import Framework


def among_printed(
    framework: Framework, period: str, kind: str, scores: pd.DataFrame, groups: Collection[str] = ()
) -> str:
    """Say in a sentence that a press round has not everybody who would be ranked.

    Args:
        framework: The framework.
        period: Period that was measured.
        kind: Kind of the round.
        scores: agency, share and rank of the node that ranks.
        groups: Count only these ranking groups; none: everybody.

    Returns:
        Empty where the round is no press round, where everybody was printed, and where nobody has a rank.
    """
    expected = expected_units(framework, period)
    if kind != "press" or expected is None or scores["rank"].isna().all():
        return ""
    if groups:
        own = agency_groups(framework, period)
        group_of = own | groups_of(families_of(framework, period), own)
        expected = frozenset(agency for agency in expected if group_of.get(agency) in groups)
    printed = expected & set(scores.loc[scores["share"].notna(), "agency"])
    if len(printed) >= len(expected):
        return ""
    verb = "has" if len(printed) == 1 else "have"
    return f"{len(printed)} of {len(expected)} agencies {verb} a printed score; ranks are among these."
