"""The forms of a round: one workbook for each agency that the framework ranks."""

from pathlib import Path

import pandas as pd

from tasks.returns.recipients import ranked_agencies
from tasks.returns.template import Template
from warehouse.files import writing
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings


def write_forms(framework: Framework, period: str) -> tuple[Path, pd.DataFrame]:
    """Write the forms below `forms/` of the state folder; a form that is there already might be filled in and stays.

    Args:
        framework: The framework.
        period: Period that is reported.

    Returns:
        The folder, and one row a form: agency (full name), file, and done: `made` or `was there`.

    Raises:
        InputError: The framework ranks no agencies of the registry, or agencies report nothing to it.
        WarehouseError: The folder cannot be written to.
    """
    folder = get_settings().home / "forms" / framework.name / period
    agencies = ranked_agencies(framework, period)
    form = Template(framework, period)
    rows = []
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for agency in agencies:
            file = folder / f"{agency.agency_id}.xlsx"
            is_there = file.exists()
            if not is_there:
                file.write_bytes(form.for_agency(agency.full_name_vi))
            rows.append({"agency": agency.full_name_vi, "file": file.name, "done": "was there" if is_there else "made"})
    return folder, pd.DataFrame(rows)
