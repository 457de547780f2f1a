"""Gathering from files: one file of a round, or every file below a folder of it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tasks.sources.base import Receipt
from tasks.sources.limits import MAX_FILE_BYTES, MAX_FILES, MIB
from tasks.sources.messages import visible
from warehouse.errors import PartlyUnavailable, SourceUnavailable

_MEDIA_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".csv": "text/csv",
    ".json": "application/json",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}
_NOT_DATA = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".lock", ".swp", "~")


def gather_path(path: str, folder: Path, *, max_bytes: int = MAX_FILE_BYTES) -> Iterator[Receipt]:
    """Yield the file, or every file below the folder, that a path of round.yaml points at.

    Files are sorted by name. Hidden files, lock files of office programs (`~$x.xlsx`) and unfinished downloads are no
    data and are passed over.

    Args:
        path: Path relative to the round's folder.
        folder: The round's folder.
        max_bytes: Size of one file.

    Yields:
        One receipt per file; the origin is its path relative to the round's folder.

    Raises:
        SourceUnavailable: Nothing is there, or none of it can be taken.
        PartlyUnavailable: After everything else was yielded, where some files cannot be taken.
    """
    root = folder.resolve()
    target = root / path
    files = _files(target)
    if not files:
        what = "holds no file" if target.is_dir() else "does not exist"
        raise SourceUnavailable(
            f"{path} {what} in the round's folder {folder}.", "Put the files there, or mend round.yaml."
        )
    refused = []
    for file in files:
        origin = visible(file.relative_to(root).as_posix())
        content = b""
        try:
            reason = _reason_against(file, root, max_bytes)
            if not reason:
                content = file.read_bytes()
        except OSError as error:
            reason = f"it cannot be read ({error.strerror})"
        if reason:
            refused.append(f"{origin}: {reason}")
        else:
            yield Receipt(content, origin, media_type(origin), datetime.now(UTC))
    if refused:
        kind = PartlyUnavailable if len(refused) < len(files) else SourceUnavailable
        hint = "Replace them; all other files were taken." if kind is PartlyUnavailable else "Replace them."
        raise kind(
            f"{len(refused)} of {len(files)} files were not taken: {'; '.join(refused)}.",
            hint,
        )


def media_type(name: str) -> str:
    """Return the media type that a file's name says.

    >>> media_type("returns/BAC-NINH.CSV")
    'text/csv'
    """
    return _MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def _files(target: Path) -> list[Path]:
    """The data files at or below a path, sorted; folders that are links are not entered."""
    if not target.is_dir():
        return [target] if target.exists() or target.is_symlink() else []
    found: list[Path] = []
    for place, folders, names in os.walk(target):
        folders[:] = sorted(name for name in folders if _is_data(name))
        found += [Path(place, name) for name in names if _is_data(name)]
        if len(found) > MAX_FILES:
            raise SourceUnavailable(
                f"{target} holds more than {MAX_FILES} files.", "Give the folder of the returns only."
            )
    return sorted(found, key=lambda file: file.relative_to(target).parts)


def _is_data(name: str) -> bool:
    lower = name.lower()
    return not (lower.startswith((".", "~$")) or lower.endswith(_UNFINISHED) or lower in _NOT_DATA)


def _reason_against(file: Path, root: Path, max_bytes: int) -> str:
    """Why a file is not taken, or empty text."""
    if not _is_utf8(file.relative_to(root)):
        return "its name is not UTF-8"
    try:
        place = file.resolve()
    except (OSError, RuntimeError):
        return "it is a link that leads back to itself"
    if not place.is_relative_to(root):
        return "it is a link that leaves the round's folder"
    if not file.is_file():
        return "it is not a regular file"
    size = file.stat().st_size
    return f"it has {size / MIB:.0f} MiB, more than the {max_bytes / MIB:.0f} allowed" if size > max_bytes else ""


def _is_utf8(file: Path) -> bool:
    try:
        str(file).encode()
    except UnicodeEncodeError:
        return False
    return True
