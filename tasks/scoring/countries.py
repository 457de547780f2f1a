"""The countries of a measurements file under the names that M49 gives them."""

import pandas as pd

from tasks.harmonise.agencies import Registry
from tasks.harmonise.registries import countries
from tasks.scoring.rows import Rows
from warehouse.errors import AgencyError
from warehouse.frameworks.editions import today
from warehouse.frameworks.model import Framework


def with_known_units(measurements: pd.DataFrame, framework: Framework, origin: str) -> pd.DataFrame:
    """Write every country by its name in M49, so that one country under two names is found to stand twice.

    Args:
        measurements: Rows as `tasks.scoring.files.read_inputs` gives them.
        framework: The framework; only one of countries (`units: m49`) changes anything.
        origin: Name of the file, for messages.

    Returns:
        The rows, the column `agency` with names of M49.

    Raises:
        InputError: A name is not that of a country; the message names the row.
    """
    if not framework.description.units:
        return measurements
    registry = countries()
    names = {text: registry.find(text, today()) for text in measurements["agency"].unique()}
    known = {text: found.agency_id for text, found in names.items() if found}
    Rows(measurements, origin).refuse(
        ~measurements["agency"].isin([*known, ""]).to_numpy(),  # the engine says of blanks what is wrong with them
        lambda row: f"{measurements['agency'].iloc[row]!r} is not a country of M49",
        _hint(registry, next((text for text, found in names.items() if not found), "")),
    )
    return measurements.assign(agency=[known.get(text, text) for text in measurements["agency"]])


def _hint(registry: Registry, text: str) -> str:
    try:
        registry.resolve(text, today())
    except AgencyError as error:
        return error.hint
    return ""
