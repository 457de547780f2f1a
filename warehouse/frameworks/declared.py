"""Reading the declarations beside a framework: YAML in UTF-8 and NFC, proved against a model."""

import unicodedata
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from warehouse.errors import FrameworkError
from warehouse.frameworks.description import Lines, read_keys
from warehouse.frameworks.faults import Report

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Declaration = TypeVar("Declaration", bound=BaseModel)


def read_declaration(file: Path, model: type[Declaration], hint: str) -> Declaration:
    """Read a declaration.

    Args:
        file: The file in the framework's folder.
        model: What it must hold.
        hint: What to do about a file that is missing or breaks the format.

    Raises:
        FrameworkError: It is missing, not YAML, not NFC, or breaks the format; the message names the place.
    """
    try:
        text = file.read_text(encoding="utf-8")
        data: Any = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise FrameworkError(f"The folder {file.parent} holds no {file.name}.", hint) from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise FrameworkError(f"{file} cannot be read: {' '.join(str(error).split())}.", hint) from None
    if not unicodedata.is_normalized("NFC", text):
        raise FrameworkError(f"{file} is not in Unicode form NFC.", "Convert the file to NFC.")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise FrameworkError(f"{file}: {_place(first['loc'])}: {first['msg']}.", hint) from None


def read_or_report(file: Path, model: type[Declaration], hint: str, report: Report) -> Declaration | None:
    """Read a declaration that a framework may leave out; what is wrong with it is reported.

    Args:
        file: The file, which may be missing.
        model: What it must hold.
        hint: What to do about a file that breaks the format.
        report: Where faults go.

    Returns:
        The declaration; None where there is none, or where it has a fault.
    """
    if not file.is_file():
        return None
    try:
        return read_declaration(file, model, hint)
    except FrameworkError as error:
        report.add(1, str(error))
        return None


def read_marked(file: Path, model: type[Declaration], report: Report) -> tuple[Declaration | None, Lines | None]:
    """Read a declaration and report every fault on its own line.

    Args:
        file: The file.
        model: What it must hold.
        report: Where faults go.

    Returns:
        The declaration and the lines of its keys; None where it has a fault.
    """
    loaded = read_keys(file, report, f"{next(iter(model.model_fields))}: ...")
    if loaded is None:
        return None, None
    data, lines = loaded
    try:
        return model.model_validate(data), lines
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            report.add(lines.line(*problem["loc"]), f"{_place(problem['loc'])}: {problem['msg']}.")
    return None, None


def _place(steps: tuple[int | str, ...]) -> str:
    """The way to a fault, entries counted from 1."""
    return ".".join(str(step + 1) if isinstance(step, int) else str(step) for step in steps) or "the file"
