"""Which agency of a vintage a text on the command line stands for."""

from collections.abc import Collection, Sequence

from tasks.harmonise.registries import resolve_unit
from warehouse.errors import AgencyError
from warehouse.frameworks.declaration import Description


def agency_among(text: str, ids: Collection[str], periods: Sequence[str], description: Description) -> str:
    """Return the id of the agency that a text stands for.

    Args:
        text: An id, a name in any spelling, or an official code.
        ids: Ids of the agencies that are scored.
        periods: Periods at whose ends the registry is asked, the most likely first.
        description: What framework.yaml says of the units.

    Raises:
        AgencyError: Nothing, or several, are called so.
    """
    if text in ids:
        return text
    first: AgencyError | None = None
    for period in periods:
        try:
            return resolve_unit(description, text, period).agency_id
        except AgencyError as error:
            first = first or error
    assert first is not None  # noqa: S101  # there is at least one period
    raise first
