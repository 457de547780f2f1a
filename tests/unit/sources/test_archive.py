import io
import struct
import zipfile

import pytest

from tasks.sources.archive import Archive, is_archive, refuse_foreign
from tasks.sources.limits import WorkbookLimits
from warehouse.errors import BatchRefused

LIMITS = WorkbookLimits(members=10, unpacked_bytes=100_000)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return written.getvalue()


def why_not(content, part="xl/workbook.xml"):
    with pytest.raises(BatchRefused) as error:
        Archive(content, LIMITS).read(part)
    return str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"<!DOCTYPE html><html><body>404", "is an HTML page"),
        (b"\xef\xbb\xbf\n <HTML lang=vi>", "is an HTML page"),
        (b'<?xml version="1.0"?><html xmlns="x">', "is an HTML page"),
        (b"<table><tr><td>1", "is an HTML page"),
        (b"%PDF-1.7", "is a PDF"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLE + "Workbook".encode("utf-16-le"), r"old format \.xls"),
    ],
)
def test_refuse_foreign__says_what_the_file_is(content, said):
    with pytest.raises(BatchRefused, match=said):
        refuse_foreign(content)


@pytest.mark.parametrize("content", [b"PK\x03\x04...", b"agency,node", "Mã;Giá trị".encode(), b"<5,x"])
def test_refuse_foreign__lets_tables_pass(content):
    refuse_foreign(content)


def test_is_archive__by_its_first_bytes():
    assert is_archive(packed({"a": b""}))
    assert not is_archive(b"agency,node")


def test_read__gives_a_part():
    archive = Archive(packed({"xl/workbook.xml": b"<workbook/>"}), LIMITS)
    assert archive.read("xl/workbook.xml") == b"<workbook/>"
    assert "xl/styles.xml" not in archive


def test_archive__a_missing_part_is_named():
    assert "its part xl/styles.xml is missing" in why_not(packed({"xl/workbook.xml": b""}), "xl/styles.xml")


@pytest.mark.parametrize("kept", [10, 100, -1, -30])
def test_archive__a_truncated_one_is_refused(kept):
    whole = packed({"xl/workbook.xml": bytes(range(256)) * 4})
    assert "truncated or damaged" in why_not(whole[:kept])


def test_archive__a_flipped_bit_is_found():
    content = bytearray(packed({"xl/workbook.xml": b"<workbook/>"}, zipfile.ZIP_STORED))
    content[content.index(b"<workbook/>") + 3] ^= 1
    assert "xl/workbook.xml cannot be unpacked" in why_not(bytes(content))


def test_archive__a_declared_bomb_is_not_unpacked():
    assert "unpacks to more than" in why_not(packed({"xl/workbook.xml": b"", "xl/a.xml": b"0" * 200_000}))


def test_archive__many_parts_share_one_budget():
    archive = Archive(packed({"xl/workbook.xml": b"", "xl/a.bin": b"0" * 60_000, "xl/b.bin": b"0" * 60_000}), LIMITS)
    archive.read("xl/a.bin")
    with pytest.raises(BatchRefused, match="unpacks to more than"):
        archive.read("xl/b.bin")


def test_archive__a_bomb_that_declares_a_small_size_is_cut_off():
    content = bytearray(packed({"xl/workbook.xml": b"0" * 5_000_000}))
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.index(mark) + offset
        content[at : at + 4] = struct.pack("<I", 50)
    assert "cannot be unpacked" in why_not(bytes(content))


def test_archive__too_many_parts_are_refused():
    assert "has 12 parts" in why_not(packed({f"{number}.xml": b"" for number in range(12)}))


def test_archive__an_encrypted_part_is_refused():
    content = bytearray(packed({"xl/workbook.xml": b"x"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "protected by a password" in why_not(bytes(content))


def test_archive__an_unusual_packing_is_refused():
    assert "packed in a way" in why_not(packed({"xl/workbook.xml": b"x"}, zipfile.ZIP_BZIP2))


@pytest.mark.parametrize(
    ("part", "said"),
    [("xl/workbook.bin", ".xlsb"), ("content.xml", "OpenDocument"), ("word/document.xml", "not an Excel workbook")],
)
def test_archive__another_kind_of_office_file_is_said(part, said):
    assert said in why_not(packed({part: b"x"}))
