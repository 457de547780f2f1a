"""The formulas that stay alive in a workbook from a stranger: exactly those that the form itself has."""

import re
from collections.abc import Collection

from tasks.returns.formula import is_quotient

# Programs leave out the quotation marks where a name needs none.
_TITLE = r"(?:'(?P<quoted>(?:[^'\[\]:*?/\\]|'')+)'|(?P<plain>[^\W\d]\w*))"
_COUNTER = re.compile(rf"=SUMPRODUCT\(--\(LEN\({_TITLE}!(?P<column>[A-Z]{{1,2}})\d{{1,5}}:(?P=column)\d{{1,5}}\)>0\)\)")


def is_of_the_form(text: str, titles: Collection[str]) -> bool:
    """Whether a formula is a quotient of the form, or its counter of filled cells on another sheet of the workbook.

    Args:
        text: The formula with its equals sign.
        titles: Names of the sheets of the workbook.

    >>> is_of_the_form("=SUMPRODUCT(--(LEN('A b'!H9:H14)>0))", ["A b"])
    True
    >>> is_of_the_form("=SUMPRODUCT(--(LEN('A b'!H9:H14)>0))", ["A"]), is_of_the_form("=LEN(A1)", ["A"])
    (False, False)
    """
    if counter := _COUNTER.fullmatch(text):
        return (counter["plain"] or counter["quoted"].replace("''", "'")) in titles
    return is_quotient(text)
