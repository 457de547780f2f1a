"""One agency's return: its rows, its dirt, its bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tasks.demo.dirt import MISSING, QUARANTINED, Mark, soil
from tasks.demo.files import csv_bytes, xlsx_bytes
from tasks.demo.latent import Figures
from tasks.demo.records import Dirt, Truth
from tasks.demo.sheet import COLUMNS, Form, Grid, Habits, Row, clean_row, guide, lay_out
from tasks.returns.layout import ONE_SHEET
from tasks.sources.sheetscan import column_letters
from warehouse.frameworks.model import Framework

_DIRTY_SHARE = 0.06
_DOCUMENTS = (("Quyết định", "QĐ"), ("Kế hoạch", "KH"), ("Báo cáo", "BC"), ("Công văn", "CV"), ("Thông báo", "TB"))
_CHANGED_SHARE = 0.1


@dataclass
class Return:
    """A return before and after it is written.

    Attributes:
        framework: The framework.
        agency_id: The agency.
        agency_text: How it spells itself.
        period: The period.
        figures: True figures by code.
        habits: How it fills in forms.
        submitted: Date of the return.
        revision: For which time it is sent.
        rows: Its rows, in the order of the tree.
        marks: Its dirty cells.
    """

    framework: Framework
    agency_id: str
    agency_text: str
    period: str
    figures: dict[str, Figures]
    habits: Habits
    submitted: date
    revision: int = 1
    rows: list[Row] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def oddities(self) -> list[str]:
        """What is unusual about the whole return and must do no harm."""
        habits = self.habits
        said = {"numbers_as_text": habits.numbers_as_text, "decomposed_text": habits.decomposed}
        return [kind for kind, is_so in said.items() if is_so]

    def fill_in(self, rng: Random) -> None:
        """Fill in every criterion as the form asks."""
        self.rows = [clean_row(figures, _document(self.period, rng)) for figures in self.figures.values()]

    def soil(self, turn: int, rng: Random) -> None:
        """Make the mistakes of this return."""
        self.marks = soil(self.rows, self.figures, _DIRTY_SHARE, turn, rng)

    def blank_out(self) -> None:
        """Leave every figure blank."""
        for row in self.rows:
            row.cells |= dict.fromkeys(("value", "a", "b"))

    def earlier(self, rng: Random) -> "Return":
        """Return what the same agency sent three weeks before, with some figures different."""
        figures = {
            code: true.changed(rng) if rng.random() < _CHANGED_SHARE else true for code, true in self.figures.items()
        }
        before = Return(
            framework=self.framework,
            agency_id=self.agency_id,
            agency_text=self.agency_text,
            period=self.period,
            figures=figures,
            habits=self.habits,
            submitted=self.submitted - timedelta(days=21),
        )
        before.fill_in(rng)
        return before

    def grids(self, branches: dict[str, str]) -> list[Grid]:
        """Return its sheets.

        Args:
            branches: Code of a criterion to the title of its sheet.
        """
        sheets: dict[str, list[Row]] = {}
        title = ONE_SHEET
        for row in self.rows:
            title = branches[row.node.code] if row.node else title
            sheets.setdefault(title, []).append(row)
        return lay_out(self._form(sheets))

    def one_grid(self) -> Grid:
        """Return it as a single sheet, for a CSV."""
        return lay_out(self._form({"": self.rows}))[0]

    def dirt(self, file: str, grids: Sequence[Grid]) -> list[Dirt]:
        """Return its dirty cells, each with where it came to stand."""
        found = []
        for mark in self.marks:
            grid = next(grid for grid in grids if id(mark.row) in grid.places)
            row, column = grid.places[id(mark.row)] + 1, COLUMNS.index(mark.part)
            locator = f"{grid.title}!{column_letters(column)}{row}" if grid.title else f"line {row} column {column + 1}"
            node = str(mark.row.cells["code"])
            found.append(
                Dirt(self.framework.name, file, locator, mark.kind, self.agency_id, node, mark.outcome, mark.rule)
            )
        return found

    def truth(self, *, arrives: bool) -> list[Truth]:
        """Return the true values.

        Args:
            arrives: Whether the return can be read at all.
        """
        originals = {id(row): row.node.code for row in self._first_rows() if row.node}
        lost = {
            originals[id(mark.row)]: mark.outcome
            for mark in self.marks
            if mark.outcome in (QUARANTINED, MISSING) and id(mark.row) in originals
        }
        return [
            Truth(
                self.framework.name,
                self.agency_id,
                code,
                true.truth,
                lost.get(code, "measured") if arrives else MISSING,
            )
            for code, true in self.figures.items()
        ]

    def _first_rows(self) -> list[Row]:
        """The row of each criterion, without those that repeat it."""
        first: dict[str, Row] = {}
        for row in self.rows:
            if row.node:
                first.setdefault(row.node.code, row)
        return list(first.values())

    def _form(self, sheets: dict[str, list[Row]]) -> Form:
        return Form(self.framework, self.agency_text, self.period, self.submitted, self.revision, self.habits, sheets)


def draw_habits(rng: Random) -> Habits:
    """Draw how an agency fills in forms."""
    return Habits(
        header=rng.randrange(3),
        two_rows=rng.random() < 0.6,
        numbers_as_text=rng.random() < 0.4,
        decomposed=rng.random() < 0.15,
        one_cell=rng.random() < 0.3,
        date_as_text=rng.random() < 0.7,
    )


def as_xlsx(sent: Return, branches: dict[str, str]) -> tuple[bytes, list[Grid]]:
    """Return the bytes of a return and its sheets."""
    grids = sent.grids(branches)
    return xlsx_bytes([guide(sent.framework), *grids]), grids


def as_csv(sent: Return) -> tuple[bytes, list[Grid]]:
    """Return the bytes of a return as CSV and its one table."""
    grid = sent.one_grid()
    return csv_bytes(grid), [grid]


def _document(period: str, rng: Random) -> str:
    kind, short = rng.choice(_DOCUMENTS)
    day = date(int(period[:4]), rng.randint(1, 12), rng.randint(1, 28))
    return f"{kind} số {rng.randint(12, 4800)}/{short} ngày {day:%d/%m/%Y} (mô phỏng)"
