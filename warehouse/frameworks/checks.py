"""`checks.yaml` beside a framework: what its figures must be to each other, to earlier months and in other sources.

`docs/validation.md` shows the format.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from warehouse.frameworks.declared import read_declaration, read_marked
from warehouse.frameworks.description import Place
from warehouse.frameworks.faults import Report, nearest
from warehouse.frameworks.model import Node

FILE = "checks.yaml"
HINT = "docs/validation.md shows what checks.yaml holds."
DERIVED = "derived"  # evidence of what is computed from other figures and reported by nobody
MOST_MONTHS = 12  # so far back a month is compared: a year, so that the same season is seen once


def _codes(written: object) -> object:
    """The codes of a sum: `C.M3+C.M4`."""
    if not isinstance(written, str):
        return written
    codes = tuple(part.strip() for part in written.split("+"))
    if not all(codes):
        raise ValueError("write one code, or several with `+` between them")
    if len(set(codes)) < len(codes):
        raise ValueError("a code stands twice in the sum")
    return codes


Sum = Annotated[tuple[str, ...], BeforeValidator(_codes)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NotAbove(_Strict):
    """A figure, or a sum of figures, that is not above another of the same agency, stage and source.

    Attributes:
        item: Codes that are added up.
        limit: Codes whose sum is the limit.
        refuse: `both`: nobody can say which of the figures is wrong, so all of them are refused; `item`: the limit is
            held by other checks and stays.
    """

    item: Sum
    limit: Sum
    refuse: Literal["both", "item"] = "both"

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if both := set(self.item) & set(self.limit):
            raise ValueError(f"{min(both)} stands under `item` and under `limit`")
        return self


class Jump(_Strict):
    """By how much a figure may differ from that of the last month.

    Attributes:
        factor: So many times as large, or as small.
        floor: Smaller figures count as this one, so that 1 and 5 are no jump; in the unit of the item.
        items: Codes that are looked at; empty: every reported item.
    """

    factor: Finite = Field(gt=1)
    floor: Finite = Field(default=0.0, ge=0)
    items: tuple[str, ...] = ()


class Unchanged(_Strict):
    """After how many months of the same number somebody should ask.

    Attributes:
        months: Consecutive months, the present one included.
        items: Codes that are looked at: of those that change in a month.
    """

    months: int = Field(ge=2, le=MOST_MONTHS + 1)
    items: tuple[str, ...] = Field(min_length=1)


class SourcesAgree(_Strict):
    """How far two sources of one figure may lie apart: a share of the larger one."""

    tolerance: Finite = Field(ge=0, lt=1)


class ChecksDeclaration(_Strict):
    """What stands in `checks.yaml`; what is left out is not checked.

    Attributes:
        not_above: Figures that are limits of others. Rows that break one are refused.
        jump: Against the last month; a row that breaks it is accepted with a warning, as for the next two.
        unchanged: The same number for months.
        sources_agree: Two sources of one figure.
    """

    not_above: tuple[NotAbove, ...] = ()
    jump: Jump | None = None
    unchanged: Unchanged | None = None
    sources_agree: SourcesAgree | None = None

    @property
    def need_history(self) -> bool:
        """Whether earlier months are asked for."""
        return self.jump is not None or self.unchanged is not None

    @property
    def most_months_unchanged(self) -> float:
        """Months in a row for which a number may stand; without bound where nothing is declared."""
        return self.unchanged.months - 1 if self.unchanged else math.inf


NO_CHECKS = ChecksDeclaration()


def load_cross_checks(folder: Path) -> ChecksDeclaration:
    """Read `checks.yaml` of a framework's folder; a framework without one declares nothing.

    Raises:
        FrameworkError: It is not YAML, not NFC, or breaks the format; the message names the place.
    """
    file = folder / FILE
    return read_declaration(file, ChecksDeclaration, HINT) if file.is_file() else NO_CHECKS


def prove_checks(file: Path, nodes: Sequence[Node], report: Report) -> None:
    """Prove `checks.yaml` against the tree; a framework without one has nothing to prove.

    Args:
        file: The file, which may be missing.
        nodes: The tree.
        report: Where faults go, each with its line.
    """
    if not file.is_file():
        return
    declared, lines = read_marked(file, ChecksDeclaration, report)
    if declared is None or lines is None:
        return
    parents = {node.parent for node in nodes}
    by_code = {node.code: node for node in nodes}
    for place, code in _named(declared):
        if fault := _fault(code, by_code, parents):
            report.add(lines.line(*place), fault)


def _named(declared: ChecksDeclaration) -> Iterator[tuple[Place, str]]:
    """Every code with the place where it is named."""
    for position, entry in enumerate(declared.not_above):
        yield from ((("not_above", position, "item"), code) for code in entry.item)
        yield from ((("not_above", position, "limit"), code) for code in entry.limit)
    for key, part in (("jump", declared.jump), ("unchanged", declared.unchanged)):
        if part is not None:
            yield from (((key, "items", position), code) for position, code in enumerate(part.items))


def _fault(code: str, by_code: dict[str, Node], parents: set[str]) -> str:
    """Why a figure cannot be compared; empty where it can."""
    node = by_code.get(code)
    if node is None:
        near = nearest(code, by_code)
        return f"{code} is no node of nodes.csv" + (f"; did you mean {near}?" if near else ".")
    if code in parents:
        return f"{code} is made of other nodes and reported by nobody; name a leaf."
    if node.evidence == DERIVED:
        return f"{code} is computed and reported by nobody; name the counts it is made of."
    if len(node.parts) > 1:
        return f"{code} is reported as a numerator and a denominator, which are held against each other already."
    return ""
