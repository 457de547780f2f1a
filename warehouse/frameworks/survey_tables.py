"""The tables beside `survey.yaml`: sizes of the population, raking margins; and columns compared with a declaration."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from warehouse.errors import FrameworkError
from warehouse.frameworks.survey import MARGINS_FILE, POPULATION_FILE, FormVersion, Survey

_POPULATION_KEY = ["survey", "agency", "stratum"]
_MARGINS_KEY = ["survey", "agency", "margin", "category"]
_TOLERANCE = 1e-6  # of the total: margins are printed as whole units, so that sums agree to far better than this
# Columns that every source of answers delivers, or that the tools add on their own.
STANDARD_COLUMNS = ("submission_id", "form", "form_version", "submitted_at", "review_state")
_META_PREFIXES = ("_", "meta/", "meta.", "formhub/", "__")


@dataclass(frozen=True)
class ColumnReport:
    """A form version compared with the answers given on it.

    Attributes:
        unmapped: Columns of the answers that the declaration does not know; they are dropped.
        unused: Declared questions that the answers do not have.
    """

    unmapped: tuple[str, ...]
    unused: tuple[str, ...]


def short_name(column: str) -> str:
    """Name of a question without the groups that tools write before it: `services/c1` and `services.c1` are `c1`."""
    return column.replace(".", "/").rpartition("/")[2]


def compare_columns(form: FormVersion, columns: Iterable[str]) -> ColumnReport:
    """Say which columns nobody mapped and which declared questions are missing.

    Args:
        form: The declared form version.
        columns: Columns of the answers as the tool delivered them, with or without groups before the name.
    """
    own = [name for name in columns if name not in STANDARD_COLUMNS and not name.startswith(_META_PREFIXES)]
    known = {*form.questions, *form.contact, *form.ignore}
    there = {*own, *(short_name(name) for name in own)}
    return ColumnReport(
        unmapped=tuple(name for name in own if name not in known and short_name(name) not in known),
        unused=tuple(name for name in form.questions if name not in there),
    )


def load_population(folder: Path, survey: str) -> pd.DataFrame:
    """Read the sizes of a survey's population.

    Args:
        folder: Folder of the framework.
        survey: Name of the survey.

    Returns:
        agency, stratum, clusters, units; grain agency x stratum; no rows where the file is missing.

    Raises:
        FrameworkError: A column is missing, a size is not a number above 0, or a row stands twice.
    """
    table = _read(folder / POPULATION_FILE, _POPULATION_KEY, ["clusters", "units"])
    return table[table["survey"] == survey].drop(columns="survey").reset_index(drop=True)


def load_margins(folder: Path, survey: Survey, population: pd.DataFrame) -> pd.DataFrame:
    """Read the raking margins of a survey.

    Args:
        folder: Folder of the framework.
        survey: The survey; only the margins that it rakes to are read.
        population: Its population as `load_population` gives it; empty where there is none.

    Returns:
        agency, margin, category, units; grain agency x margin x category.

    Raises:
        FrameworkError: A declared margin is missing, or the margins of an agency do not sum to one total, or not to its
            population.
    """
    if not survey.rake:
        return pd.DataFrame({name: pd.Series(dtype=str) for name in ("agency", "margin", "category")} | {"units": []})
    table = _read(folder / MARGINS_FILE, _MARGINS_KEY, ["units"])
    table = table[(table["survey"] == survey.survey) & table["margin"].isin(survey.rake)].drop(columns="survey")
    if lost := set(survey.rake) - set(table["margin"]):
        raise FrameworkError(
            f"{MARGINS_FILE} has no margin {sorted(lost)[0]!r} for the survey {survey.survey}.",
            "Add its rows, or take it out of `rake` in survey.yaml.",
        )
    check_margins(table, population)
    return table.reset_index(drop=True)


def check_margins(margins: pd.DataFrame, population: pd.DataFrame) -> None:
    """Refuse margins that do not sum.

    Raises:
        FrameworkError: Two margins of an agency have different totals, or a margin differs from the population.
    """
    sums = margins.groupby(["agency", "margin"], sort=True)["units"].sum().reset_index()
    known = population.groupby("agency")["units"].sum() if len(population) else pd.Series(dtype=float)
    first = sums.groupby("agency")["units"].transform("first")
    expected = sums["agency"].map(known).fillna(first)
    wrong = sums[~np.isclose(sums["units"], expected, rtol=_TOLERANCE, atol=0)]
    if len(wrong):
        row = wrong.iloc[0]
        raise FrameworkError(
            f"The margin {row['margin']} of {row['agency']} sums to {row['units']:g}, but its other margins or its "
            f"population to {expected[wrong.index[0]]:g}.",
            f"Mend {MARGINS_FILE} or {POPULATION_FILE}: all margins of an agency count the same units.",
        )


def _read(file: Path, key: list[str], sizes: list[str]) -> pd.DataFrame:
    if not file.is_file():
        return pd.DataFrame({name: pd.Series(dtype=str) for name in key} | {name: [] for name in sizes})
    table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8")
    if lost := [name for name in [*key, *sizes] if name not in table]:
        raise FrameworkError(f"{file} has no column {lost[0]!r}.", "Its columns are " + ", ".join([*key, *sizes]) + ".")
    for name in sizes:
        numbers = pd.to_numeric(table[name], errors="coerce")
        if (bad := ~(np.isfinite(numbers) & (numbers > 0))).any():
            raise FrameworkError(
                f"{file} line {int(np.argmax(bad)) + 2}: {name} is {table[name][bad].iloc[0]!r}.",
                "Write a number above 0.",
            )
        table[name] = numbers.astype(float)
    if (doubled := table.duplicated(key)).any():
        raise FrameworkError(f"{file} line {int(np.argmax(doubled)) + 2} stands twice.", "Keep one of the rows.")
    return table[[*key, *sizes]]
