"""What a copy of a workbook from a stranger keeps of how it is printed, and of its names: each from a closed list."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import quote_sheetname

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
UNSAFE = re.compile(r"[\[\]|(]")  # in the formula of a name or a list: another file, a command, a function
_PAGE = {
    "orientation": re.compile("portrait|landscape"),
    "paperSize": re.compile("1|5|8|9|11"),  # Letter, Legal, A3, A4, A5
    "fitToWidth": re.compile("[0-9]{1,2}"),
    "fitToHeight": re.compile("[0-9]{1,2}"),
}
_INCHES = re.compile(r"[0-3](\.[0-9]{1,20})?")
_MARGINS = dict.fromkeys(("left", "right", "top", "bottom", "header", "footer"), _INCHES)
_TITLES = "_xlnm.Print_Titles"
_REPEATED = re.compile(r"\$[0-9]{1,5}:\$[0-9]{1,5}|\$[A-Z]{1,2}:\$[A-Z]{1,2}")
_LONGEST = 500  # letters of the formula of print titles


def fitting(source: ET.Element) -> list[ET.Element]:
    """Return what stands at the head of a worksheet: that its pages are fitted, if they are."""
    found = source.find(f"{{{MAIN}}}sheetPr/{{{MAIN}}}pageSetUpPr")
    if found is None or found.get("fitToPage") not in ("1", "true"):
        return []
    head = ET.Element(f"{{{MAIN}}}sheetPr")
    ET.SubElement(head, f"{{{MAIN}}}pageSetUpPr", fitToPage="1")
    return [head]


def page(source: ET.Element) -> list[ET.Element]:
    """Return what stands at the foot of a worksheet: its margins and how its pages are set up."""
    margins, kept = _listed(source, "pageMargins", _MARGINS), _listed(source, "pageSetup", _PAGE)
    whole = [ET.Element(f"{{{MAIN}}}pageMargins", margins)] if len(margins) == len(_MARGINS) else []
    return whole + ([ET.Element(f"{{{MAIN}}}pageSetup", kept)] if kept else [])


def _listed(source: ET.Element, name: str, allowed: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
    """Those attributes of an element whose values are allowed."""
    found = source.find(f"{{{MAIN}}}{name}")
    values = {} if found is None else found.attrib
    return {key: values[key] for key, pattern in allowed.items() if pattern.fullmatch(values.get(key, ""))}


def defined_names(book: ET.Element, names: Sequence[str], titles: Sequence[str]) -> Iterator[str]:
    """Yield the definitions that are kept: ranges that lists to choose from may use, and rows repeated on each page.

    Args:
        book: The part of the workbook.
        names: Names of the sheets that are copied, as they are in it.
        titles: Their names in the copy.
    """
    sheets = [sheet.get("name", "") for sheet in book.iterfind(f"{{{MAIN}}}sheets/{{{MAIN}}}sheet")]
    repeated: dict[int, str] = {}
    for name in book.iterfind(f"{{{MAIN}}}definedNames/{{{MAIN}}}definedName"):
        text, at = name.text or "", name.get("localSheetId", "")
        if set(name.attrib) <= {"name"} and text and not UNSAFE.search(text):
            yield f"<definedName name={quoteattr(name.get('name', ''))}>{escape(text)}</definedName>"
        elif name.get("name") == _TITLES and at in map(str, range(len(sheets))) and sheets[int(at)] in names:
            number = names.index(sheets[int(at)])
            repeated[number] = _repeated(text, titles[number])
    for number, text in repeated.items():
        if text:
            yield f'<definedName name="{_TITLES}" localSheetId="{number}">{escape(text)}</definedName>'


def _repeated(text: str, title: str) -> str:
    """The rows and columns of print titles, said anew of the sheet that they stand on."""
    found = [part.rpartition("!")[2] for part in text.split(",")] if len(text) <= _LONGEST else []
    ranges = [place for place in found if _REPEATED.fullmatch(place)]
    return ",".join(f"{quote_sheetname(title)}!{place}" for place in ranges[:2])
