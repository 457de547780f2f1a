"""`dti returns`: the form that agencies fill in, and what is handed back to them."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from warehouse.errors import InputError

if TYPE_CHECKING:
    from warehouse.frameworks.model import Framework
    from warehouse.reference.agencies import Agency

app = App(name="returns", help="The form that agencies fill in, and what is handed back to them.")
app.command("flows.cli.returns_feedback:feedback", name="feedback", help="Hand back to each agency what was refused.")


@app.command
def template(
    *, framework: str, period: str, out: Path, agency: str | None = None, all: bool = False, overwrite: bool = False
) -> None:
    """Write the workbook that an agency fills in, with its name and the period in it.

    Args:
        framework: Name of the framework, or path of its folder.
        period: Period that is reported.
        out: The file to write, with the ending .xlsx; with --all the folder.
        agency: The agency in any spelling, by its code or its id.
        all: One workbook for each agency that the framework ranks at the period, named by its id.
        overwrite: Replace files that are there already; they might be filled in.
    """
    from tasks.returns.template import Template
    from warehouse.frameworks.loader import load_framework

    if all == bool(agency):
        raise InputError("The form is made for one agency or for all of them.", "Give either --agency NAME or --all.")
    loaded = load_framework(framework)
    period = _period(loaded, period)
    files = _files(loaded, period, out, agency)
    if not overwrite:
        refuse_replacing(files)
    form = Template(loaded, period)
    for file in _followed(files):
        _write(file, form.for_agency(files[file].full_name_vi))
    print(f"{len(files)} workbooks are in {out}." if all else f"The workbook is {out}.")


def _period(framework: "Framework", text: str) -> str:
    """The period in its one form; proved to be one of the framework's."""
    from tasks.harmonise.periods import parse_period
    from warehouse.frameworks.editions import refuse_period

    period = parse_period(text)
    refuse_period(framework.description, period)
    return period


def _files(framework: "Framework", period: str, out: Path, agency: str | None) -> "dict[Path, Agency]":
    """File to the agency it is for."""
    from tasks.returns.recipients import ranked_agencies, ranked_agency

    if not agency:
        return {out / f"{one.agency_id}.xlsx": one for one in ranked_agencies(framework, period)}
    if out.suffix.lower() != ".xlsx":
        raise InputError(f"{out} is no name of a workbook.", "Give --out a file with the ending .xlsx.")
    return {out: ranked_agency(framework, agency, period)}


def _followed(files: "dict[Path, Agency]") -> Iterable[Path]:
    """The files, with a bar while they are written, on a terminal and for more than one."""
    from rich.console import Console
    from rich.progress import track

    hidden = len(files) == 1 or not sys.stderr.isatty()
    return track(files, "writing workbooks", console=Console(stderr=True), transient=True, disable=hidden)


def _write(file: Path, content: bytes) -> None:
    with using(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def refuse_replacing(files: Iterable[Path]) -> None:
    """Refuse to write where a file is already.

    Args:
        files: The files that are to be written.

    Raises:
        InputError: One of them is there, or cannot be there.
    """
    for file in files:
        with using(file):
            is_there = file.exists()
        if is_there:
            raise InputError(f"{file} is there already.", "Give another place, or --overwrite to replace it.")


@contextmanager
def using(place: Path) -> Iterator[None]:
    """Look or write at a place that somebody named.

    Args:
        place: The file or folder.

    Raises:
        InputError: The operating system does not take the name or the place.
    """
    try:
        yield
    except OSError as error:
        raise InputError(f"{place} cannot be written: {error.strerror}.", "Give another place with --out.") from None
