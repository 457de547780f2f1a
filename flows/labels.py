"""What is shown to people: names of the kinds of rounds, and text from outside made harmless."""

LONGEST = 600  # characters of a text from outside that a person is shown

KIND_LABELS = {
    "synthetic": "SYNTHETIC DATA (DỮ LIỆU MÔ PHỎNG), made by a generator; they say nothing about any agency.",
    "press": "Figures printed by the press or the ministry, entered where they were printed.",
    "official": "Official round.",
}


def printable(text: str) -> str:
    r"""Return text from outside on one line, without control characters that a terminal obeys, and not endless.

    >>> printable("red\x1b[31m" + chr(10) + "alert")
    'red [31m alert'
    """
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: LONGEST + 1])
    return shown if len(text) <= LONGEST else shown[:LONGEST] + "…"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "file"), counted(2, "file"), counted(3, "agency")
    ('1 file', '2 files', '3 agencies')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def spreadsheet_safe(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes.

    >>> spreadsheet_safe("=cmd|' /C calc'!A0"), spreadsheet_safe("-7"), spreadsheet_safe("+84 24")
    ("'=cmd|' /C calc'!A0", '-7', "'+84 24")
    """
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
