"""Which agency of a comparison a text on the command line stands for."""

from collections.abc import Collection, Sequence

from tasks.harmonise.mergers import resolve_scored
from warehouse.errors import AgencyError
from warehouse.frameworks.model import Framework


def agency_among(text: str, ids: Collection[str], sides: Sequence[tuple[Framework, str]]) -> str:
    """Return the id of the agency that a text stands for.

    Args:
        text: An id, a name in any spelling, or an official code.
        ids: Ids of the agencies that are scored.
        sides: Frameworks with the periods at whose ends names are looked up, the most likely first.

    Raises:
        AgencyError: Nothing, or several, are called so.
    """
    if text in ids:
        return text
    first: AgencyError | None = None
    for framework, period in sides:
        try:
            return resolve_scored(framework, text, period).agency_id
        except AgencyError as error:
            first = first or error
    assert first is not None  # noqa: S101  # there is at least one side
    raise first
