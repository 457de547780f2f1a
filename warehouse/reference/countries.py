"""The countries of the UN's M49 standard with their regions: who "24th of 47 in Asia" is counted among.

`m49.csv` has the 193 member states of the United Nations, one row each, with the region and the finest part of it that
M49 names: the sub-region, or in Africa and the Americas the intermediate region.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from warehouse.errors import InputError
from warehouse.reference import tables

FILE = Path(__file__).parent / "m49.csv"
_ISO3 = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Country:
    """One country.

    Attributes:
        name: English name as in the UN E-Government Knowledgebase; the id of the country in the warehouse.
        iso3: Code of ISO 3166-1 alpha-3.
        region: Region of M49, e.g. `Asia`.
        sub_region: Finest part of the region that M49 names, e.g. `South-eastern Asia`.
        other_names: Other English names that inputs may have.
    """

    name: str
    iso3: str
    region: str
    sub_region: str
    other_names: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def load_countries() -> tuple[Country, ...]:
    """Return the countries of `m49.csv`.

    Raises:
        InputError: The table has a fault; the message names the countries.
    """
    return read_countries(FILE)


def read_countries(file: Path) -> tuple[Country, ...]:
    """Read and prove a table of countries.

    Args:
        file: CSV with the columns country, iso3, region, sub_region, other_names and source.

    Raises:
        InputError: A country, code or other name stands twice (both lines are named), a code is no code of three
            letters, or a sub-region lies in two regions.
    """
    rows = tables.rows(file)
    countries = tuple(
        Country(
            name=row["country"],
            iso3=row["iso3"],
            region=row["region"],
            sub_region=row["sub_region"],
            other_names=tuple(filter(None, row["other_names"].split("|"))),
        )
        for _, row in rows
    )
    _prove(countries, [line for line, _ in rows], file)
    return countries


def code_of(region: str) -> str:
    """Name of a ranking group for a region: small letters and underscores.

    >>> code_of("South-eastern Asia")
    'south_eastern_asia'
    """
    return re.sub(r"[^a-z]+", "_", region.lower()).strip("_")


def _prove(countries: tuple[Country, ...], lines: list[int], file: Path) -> None:
    seen: dict[str, int] = {}
    regions: dict[str, Country] = {}
    for country, line in zip(countries, lines, strict=True):
        where = f"Line {line} of {file.name}"
        if not _ISO3.fullmatch(country.iso3):
            raise InputError(f"{where}: {country.iso3!r} of {country.name} is no code.", "Write three capital letters.")
        for name in (country.name, country.iso3, *country.other_names):
            if name in seen:
                raise InputError(f"{where}: {name!r} stands on line {seen[name]} already.", "Keep one of the rows.")
            seen[name] = line
        first = regions.setdefault(country.sub_region, country)
        if first.region != country.region:
            both = f"{country.region} for {country.name}, but in {first.region} for {first.name}"
            raise InputError(f"{where}: {country.sub_region} is in {both}.", "A sub-region lies in one region.")
