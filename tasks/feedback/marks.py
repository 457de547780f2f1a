"""Paint and comments in the workbook that is handed back, and their removal when it comes back once more."""

from collections.abc import Sequence

from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tasks.feedback.cells import filled_rows, keep_text
from tasks.feedback.opened import Opened
from tasks.feedback.words import HEADLINE, LIST_TITLE, ON_RESENDING
from tasks.harmonise.text import tokens
from tasks.sources.messages import visible

# No format of a form has these colours, so that an old mark is known when it comes back.
TO_MEND, TO_RENEW = "FFFFC8B8", "FFFFF3B3"
AUTHOR = "DTI"
_BLOCK_ROWS = 60
_WIDTH, _LINE_HEIGHT, _LEAST_HEIGHT, _LETTERS_A_LINE = 360, 20, 60, 45  # pixels, and what goes into them
_LONGEST = 2_000  # letters of a comment


def mark(cells: Sequence[Cell], colour: str, lines: Sequence[str]) -> None:
    """Paint cells and say why at the first one.

    Args:
        cells: The cells, at least one.
        colour: The paint.
        lines: What the comment says.
    """
    for cell in cells:
        cell.fill = PatternFill("solid", fgColor=colour)
    height = sum(1 + len(line) // _LETTERS_A_LINE for line in lines) * _LINE_HEIGHT
    text = visible("\n".join(lines)[:_LONGEST], "\n")
    cells[0].comment = Comment(text, AUTHOR, height=max(_LEAST_HEIGHT, height), width=_WIDTH)


def mark_what_to_renew(opened: Opened) -> None:
    """Mark the date of the return and for which time it is sent: a mended return counts only if it is the later one."""
    for sheet in opened.sheets.values():
        for row in filled_rows(sheet, _BLOCK_ROWS):
            written = [cell for cell in row if cell.value not in (None, "")]
            for number, cell in enumerate(written):
                label, _, rest = str(cell.value).partition(":")
                said = ON_RESENDING.get(" ".join(tokens(label[:_LETTERS_A_LINE])))
                if said:
                    follows = [] if rest.strip() else written[number + 1 : number + 2]
                    mark(follows or [cell], TO_RENEW, [said])


def remove_old_marks(opened: Opened) -> None:
    """Take away what an earlier feedback put into the workbook, its list and its paint; text stays text."""
    for title in [sheet.title for sheet in opened.book.worksheets if _is_list(sheet)]:
        del opened.book[title]
    for name in [name for name, sheet in opened.sheets.items() if _is_list(sheet)]:
        del opened.sheets[name]
    for sheet in opened.sheets.values():
        for cell in (cell for row in filled_rows(sheet) for cell in row):
            keep_text(cell)
            if cell.has_style and cell.fill.fgColor.rgb in (TO_MEND, TO_RENEW):
                cell.fill = PatternFill()


def _is_list(sheet: Worksheet) -> bool:
    return sheet.title.startswith(LIST_TITLE) and sheet["A1"].value == HEADLINE
