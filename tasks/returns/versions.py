"""Which form a return is on: the name and version in its block, and what the codes of older forms are today."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.harmonise.text import clean_cell, nfc
from warehouse.errors import FrameworkError
from warehouse.frameworks.model import Framework

FORM_VERSION = 1
MAPPING_FILE = "form_versions.csv"  # in the folder of a framework; only where an older form is still accepted
_COLUMNS = ("form", "old_code", "code")
_FORM = re.compile(r"(?P<framework>[A-Za-z][\w.-]*)\s*/\s*0*(?P<version>[0-9]+)")


@dataclass(frozen=True)
class FormName:
    """Name of a form of this system.

    Attributes:
        framework: Name of the framework, as written.
        version: Version of its form, in digits.
    """

    framework: str
    version: str

    def __str__(self) -> str:
        return f"{self.framework}/{self.version}"

    def is_of(self, framework: Framework) -> bool:
        """Whether it is a form of the framework."""
        return self.framework.casefold() == framework.name.casefold()

    def is_current(self, framework: Framework) -> bool:
        """Whether it is the form that the framework sends out today."""
        return self.is_of(framework) and self.version == str(FORM_VERSION)


@dataclass(frozen=True)
class OldForm:
    """What the criteria of an older form, or of the form of another edition, are today.

    Attributes:
        name: Its name.
        is_own: Whether it is an older form of the same framework, where a code that is not listed is unchanged.
        codes: Code on it to today's code.
    """

    name: FormName
    is_own: bool
    codes: Mapping[str, str] = field(default_factory=dict)

    def today(self, code: str) -> str:
        """Return today's code; of another edition a code that is not listed is none of ours and is named so."""
        return self.codes.get(clean_cell(code), code if self.is_own or not code else f"{self.name} {code}")


def form_name(framework: Framework) -> str:
    """Return the name of the form that a framework sends out today, such as `province_2020/1`."""
    return f"{framework.name}/{FORM_VERSION}"


def parse_form(text: str) -> FormName | None:
    """Return the form that a block names, or None where it names one of another kind.

    >>> str(parse_form("province_2020 / 01")), parse_form("01/BC-DTI")
    ('province_2020/1', None)
    """
    found = _FORM.fullmatch(clean_cell(text))
    return FormName(found["framework"], found["version"]) if found else None


def old_form(framework: Framework, name: FormName) -> OldForm | None:
    """Return how the codes of an older form are mapped, or None where the framework does not know the form.

    Args:
        framework: The framework; its folder may hold `form_versions.csv` with the columns form, old_code and code.
        name: The form.

    Raises:
        FrameworkError: The file cannot be read, or leads to a code that the framework does not have.
    """
    codes = {old: code for form, old, code in _mapping(framework) if form.casefold() == str(name).casefold()}
    return OldForm(name, name.is_of(framework), codes) if codes else None


def _mapping(framework: Framework) -> list[tuple[str, str, str]]:
    file = framework.folder / MAPPING_FILE
    if not file.is_file():
        return []
    where = f"Write the columns {', '.join(_COLUMNS)} into {file}, with codes of nodes.csv in the last one."
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = [tuple(nfc(row[column].strip()) for column in _COLUMNS) for row in csv.DictReader(text, strict=True)]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, AttributeError):
        raise FrameworkError(f"The table of older forms {file} cannot be read.", where) from None
    if unknown := next((code for _, _, code in rows if code not in framework.by_code), None):
        raise FrameworkError(f"{file} leads to {unknown!r}, a code that {framework.name} does not have.", where)
    return [(form, old, code) for form, old, code in rows]
