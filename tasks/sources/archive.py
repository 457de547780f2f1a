"""Opening an XLSX as what it is, a ZIP archive from a stranger: measured before it is unpacked."""

import io
import zipfile
import zlib

from tasks.sources.limits import MIB, WorkbookLimits
from tasks.sources.messages import shown
from warehouse.errors import BatchRefused

ZIP_MAGIC = b"PK\x03\x04"
WORKBOOK = "xl/workbook.xml"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")  # stream in which Office keeps a file with a password
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<script", b"<meta")
_ENCRYPTED_FLAG = 0x1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)
_SAVE_AS_XLSX = "Open it in a spreadsheet program and save it as `Excel workbook (.xlsx)` without a password."
_SEND_AGAIN = "Ask the sender for the file again."


def is_archive(content: bytes) -> bool:
    """Whether the bytes begin like an XLSX."""
    return content.startswith(ZIP_MAGIC)


def refuse_foreign(content: bytes) -> None:
    """Refuse what only calls itself a spreadsheet.

    Args:
        content: Bytes of the file.

    Raises:
        BatchRefused: The file is empty, an HTML page, a PDF, or an Office file that is encrypted or of the old format.
    """
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        raise BatchRefused("The file is empty.", _SEND_AGAIN)
    if head.startswith(_HTML) or (head.startswith(b"<?xml") and b"<html" in head):
        raise BatchRefused(
            "The file is an HTML page, not a spreadsheet; probably an error or login page was saved.", _SEND_AGAIN
        )
    if head.startswith(b"%pdf"):
        raise BatchRefused("The file is a PDF, not a spreadsheet.", "Ask for the table as XLSX.")
    if content.startswith(_OLE_MAGIC):
        if _ENCRYPTED_PACKAGE in content:
            raise BatchRefused("The workbook is protected by a password.", _SAVE_AS_XLSX)
        raise BatchRefused("The workbook is in the old format .xls.", _SAVE_AS_XLSX)


class Archive:
    """The parts of an XLSX, unpacked one by one within a budget.

    Args:
        content: Bytes of the file.
        limits: How much may be unpacked.

    Raises:
        BatchRefused: It is damaged, encrypted, not a workbook, or would unpack to too much.
    """

    def __init__(self, content: bytes, limits: WorkbookLimits) -> None:
        self._limits = limits
        self._left = limits.unpacked_bytes
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN:
            raise BatchRefused("The XLSX is truncated or damaged.", _SEND_AGAIN) from None
        self._infos = {info.filename: info for info in self._zip.infolist()}
        self._check_declared()
        self._check_kind()

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str) -> bytes:
        """Return a part, unpacked.

        Raises:
            BatchRefused: The part is missing or damaged, or the budget is spent.
        """
        try:
            with self._zip.open(self._infos[name]) as part:
                content = part.read(self._left + 1)
        except KeyError:
            raise BatchRefused(f"The XLSX is damaged: its part {shown(name)} is missing.", _SEND_AGAIN) from None
        except _BROKEN:
            raise BatchRefused(
                f"The XLSX is truncated or damaged: its part {shown(name)} cannot be unpacked.", _SEND_AGAIN
            ) from None
        self._left -= len(content)
        if self._left < 0:
            raise self._too_large()
        return content

    def _check_declared(self) -> None:
        infos = self._infos.values()
        if len(infos) > self._limits.members:
            raise BatchRefused(f"The XLSX has {len(infos)} parts, which no return has.", _SAVE_AS_XLSX)
        if any(info.flag_bits & _ENCRYPTED_FLAG for info in infos):
            raise BatchRefused("The workbook is protected by a password.", _SAVE_AS_XLSX)
        if any(info.compress_type not in _PACKINGS for info in infos):
            raise BatchRefused("The XLSX is packed in a way that no spreadsheet program uses.", _SAVE_AS_XLSX)
        if sum(info.file_size for info in infos if info.filename.endswith(".xml")) > self._limits.unpacked_bytes:
            raise self._too_large()

    def _check_kind(self) -> None:
        if WORKBOOK in self._infos:
            return
        if "xl/workbook.bin" in self._infos:
            raise BatchRefused("The workbook is in the binary format .xlsb.", _SAVE_AS_XLSX)
        if "content.xml" in self._infos:
            raise BatchRefused("The workbook is in the OpenDocument format.", _SAVE_AS_XLSX)
        raise BatchRefused("The file is a ZIP archive, but not an Excel workbook.", _SAVE_AS_XLSX)

    def _too_large(self) -> BatchRefused:
        return BatchRefused(
            f"The XLSX unpacks to more than {self._limits.unpacked_bytes / MIB:.0f} MiB.",
            "Delete empty rows and columns that carry formats, and pictures; a return needs a few hundred KB.",
        )
