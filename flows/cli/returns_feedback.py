"""`dti returns feedback`: an agency's own return handed back, with every refused cell marked and explained."""

import re
from collections.abc import Iterable
from pathlib import Path

from flows.cli.output import console
from flows.cli.returns import refuse_replacing, using
from flows.labels import counted, printable
from tasks.feedback.desk import Desk
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.snapshots.store import SnapshotStore
from warehouse.errors import DtiError, InputError
from warehouse.files import writing
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings

_SUFFIX = ".xlsx"


def feedback(
    *,
    framework: str,
    period: str,
    round: str | None = None,
    agency: str | None = None,
    all: bool = False,
    out: Path | None = None,
    overwrite: bool = False,
) -> None:
    """Hand a return back as it was sent, each refused cell marked, with the reason and what to do in Vietnamese.

    The agency mends the marked cells, dates the return anew, and sends the same workbook again.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        round: Name of the round; left out: the one with the newest run.
        agency: Any spelling of the agency, or its code.
        all: Write one workbook for each agency with refused rows or files.
        out: File to write (default: AGENCY-FRAMEWORK-PERIOD.xlsx); with --all the folder.
        overwrite: Replace files that are there already; they might be mended.
    """
    if all == bool(agency):
        raise InputError(
            "Exactly one of --agency and --all is wanted.", "Give --agency NAME, or --all with --out FOLDER."
        )
    desk = _desk(load_framework(framework), period, round)
    if agency is not None:
        _for_one(desk, agency, out, overwrite)
    elif out is None:
        raise InputError("It is not said where the workbooks go.", "Give --out FOLDER.")
    else:
        _for_all(desk, out, overwrite)


def _desk(framework: Framework, period: str, round_name: str | None) -> Desk:
    from warehouse.engine import connect
    from warehouse.queries import batches, quarantine

    asked = (connect(get_settings().url), framework.name, period, round_name)
    return Desk(framework, period, batches(*asked), quarantine(*asked), SnapshotStore(get_settings().snapshots).get)


def _for_one(desk: Desk, text: str, out: Path | None, overwrite: bool) -> None:
    kinds = desk.framework.description.population
    agency = Registry.bundled().resolve(text, period_end(desk.period), kinds).agency_id if kinds else text
    file = _file(desk, agency, out)
    written = _write(file, desk.workbooks(agency), overwrite)
    who = f"{printable(desk.name(agency))} in round {desk.round_name} of {desk.framework.name} {desk.period}"
    if written:
        print(f"The feedback for {who} is in {', '.join(map(str, written))}.")
    elif desk.has_return(agency):
        print(f"Nothing was refused of the return of {who}: there is nothing to hand back.")
    else:
        print(f"No return came from {who}: there is nothing to hand back. `dti quarantine files` lists what came.")


def _for_all(desk: Desk, folder: Path, overwrite: bool) -> None:
    from rich.progress import track

    with using(folder):
        is_file = folder.exists() and not folder.is_dir()
    if is_file:
        raise InputError(f"{folder} is a file, not a folder.", "Give --out FOLDER.")
    files = {agency: folder / _file_name(agency) for agency in desk.agencies()}
    if not overwrite:
        refuse_replacing(files.values())
    written: list[Path] = []
    failed: list[str] = []
    for agency in track(files, description="Marking returns", console=console()):
        try:
            written += _write(files[agency], desk.workbooks(agency), overwrite)
        except DtiError as error:
            failed.append(f"{agency}: {error.message}")
    print(f"{counted(len(written), 'workbook')} for {counted(len(files), 'agency')} in {folder}.")
    if unknown := desk.of_nobody():
        print(f"{counted(unknown, 'file')} of unknown agencies cannot be handed back: see `dti quarantine files`.")
    if failed:
        raise InputError(
            f"The returns of {counted(len(failed), 'agency')} could not be marked: {'; '.join(failed)}",
            "The others are written; mend the cause and run the command again.",
        )


def _write(file: Path, workbooks: Iterable[bytes], overwrite: bool) -> list[Path]:
    """Write the workbooks of one agency: the second one beside the first, with a number."""
    contents = {
        file if number == 1 else file.with_stem(f"{file.stem}-{number}"): content
        for number, content in enumerate(workbooks, start=1)
    }
    if not overwrite:
        refuse_replacing(contents)
    for path, content in contents.items():
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return list(contents)


def _file(desk: Desk, agency: str, out: Path | None) -> Path:
    with using(out or Path()):
        is_folder = out is None or out.is_dir()
    if out is None or is_folder:
        return (out or Path()) / _file_name(f"{agency}-{desk.framework.name}-{desk.period}")
    if out.suffix.lower() != _SUFFIX:
        raise InputError(f"The feedback is a workbook, but {out} is not called so.", "Give --out FILE.xlsx.")
    return out


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip(".-") + _SUFFIX
