"""Which agency of a vintage a text on the command line stands for."""

from collections.abc import Collection, Mapping, Sequence

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.text import fold
from warehouse.errors import AgencyError


def agency_among(text: str, names: Mapping[str, str], periods: Sequence[str], population: Collection[str]) -> str:
    """Return the id of the agency that a text stands for.

    Args:
        text: An id, a name in any spelling, or an official code.
        names: Id to name of the agencies that are scored.
        periods: Periods at whose ends the registry is asked, the most likely first.
        population: Kinds of agencies to choose from; empty where the units are not of the registry.

    Raises:
        AgencyError: Nothing, or several, are called so.
    """
    if text in names:
        return text
    first: AgencyError | None = None
    for period in periods:
        try:
            return Registry.bundled().resolve(text, at=period_end(period), kinds=population or None).agency_id
        except AgencyError as error:
            first = first or error
    called = [agency for agency, name in names.items() if fold(name) == fold(text)]
    if len(called) == 1:
        return called[0]
    assert first is not None  # noqa: S101  # there is at least one period
    raise first
