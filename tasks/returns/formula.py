"""The formulas of the form: what stands in a locked cell and is nobody's figure."""

import re

_QUOTIENT = re.compile(r"=IF\(COUNT\([A-Z]+\d+,[A-Z]+\d+\)=2,IF\([A-Z]+\d+>0,[A-Z]+\d+/[A-Z]+\d+(\*100)?,\"\"\),\"\"\)")


def quotient(a: str, b: str, is_percent: bool) -> str:
    """Return the value of a ratio, empty text until both of its parts are numbers.

    >>> quotient("F9", "G9", True)
    '=IF(COUNT(F9,G9)=2,IF(G9>0,F9/G9*100,""),"")'
    """
    return f'=IF(COUNT({a},{b})=2,IF({b}>0,{a}/{b}{"*100" if is_percent else ""},""),"")'


def is_quotient(text: str) -> bool:
    """Whether a text is the formula of a ratio on the form, as a program leaves it that computes nothing.

    >>> is_quotient(quotient("F9", "G9", False)), is_quotient("=F9/G9"), is_quotient("=0.5")
    (True, False, False)
    """
    return bool(_QUOTIENT.fullmatch(text))
