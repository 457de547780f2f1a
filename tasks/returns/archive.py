"""The parts of a workbook as files in a ZIP archive: the same parts give the same bytes."""

import io
import re
import zipfile
from collections.abc import Mapping

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_WRITTEN_AT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FIXED_TIME = rb"\g<1>2021-01-01T00:00:00Z"
_CORE, _TYPES = "docProps/core.xml", "[Content_Types].xml"


def unzip(content: bytes) -> dict[str, bytes]:
    """Return the parts of an archive, its table of contents first, without the time at which it was written."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        parts = {name: source.read(name) for name in sorted(source.namelist(), key=lambda name: name != _TYPES)}
    if _CORE in parts:
        parts[_CORE] = _WRITTEN_AT.sub(_FIXED_TIME, parts[_CORE])
    return parts


def rezip(parts: Mapping[str, bytes]) -> bytes:
    """Return an archive of some parts."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(zipfile.ZipInfo(name, _ZIP_DATE), part, zipfile.ZIP_DEFLATED)
    return copy.getvalue()
