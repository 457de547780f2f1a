"""`inspection.yaml` beside a framework: which checks of a portal decide which criterion, and which cannot be seen.

`docs/inspection.md` shows the format.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.frameworks.declared import read_declaration, read_or_report
from warehouse.frameworks.faults import Report, nearest
from warehouse.frameworks.model import Node
from warehouse.reference.checks import load_checks

FILE = "inspection.yaml"
HINT = "docs/inspection.md shows what inspection.yaml holds."
EVIDENCE = "inspection"
RULES = ("binary", "checklist", "ratio", "tier")  # a count of fulfilled items is a value of these


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(_Strict):
    """What decides one item of a criterion: checks that are needed, checks of which one is enough, or nothing.

    Attributes:
        all: Checks that must all pass.
        any: Checks of which one must pass.
        unseen: Why nobody can see it from outside; it is never guessed.
    """

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    unseen: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_check(cls, value: object) -> object:
        return {"all": [value]} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((bool(self.all), bool(self.any), bool(self.unseen))) != 1:
            raise ValueError("an item is the code of a check, or has one of `all`, `any` and `unseen`")
        return self

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that decide it."""
        return self.all + self.any


class Criterion(_Strict):
    """A criterion that an inspection measures: its items, in the order of the framework."""

    items: tuple[Item, ...] = Field(min_length=1)


class Claim(_Strict):
    """A reported criterion that a check can contradict.

    Attributes:
        criterion: Code of the criterion.
        check: Check whose value is what the portal shows.
        tolerance: By how much the claim may exceed it, in the unit of the criterion.
    """

    criterion: str
    check: str
    tolerance: float = Field(default=0.0, ge=0)


class InspectionDeclaration(_Strict):
    """What stands in `inspection.yaml`.

    Attributes:
        framework: Name of the framework.
        criteria: Code of a criterion to what decides it.
        not_observable: Code of a criterion to why it cannot be seen from outside.
        claims: Reported criteria that checks can contradict.
    """

    framework: str
    criteria: dict[str, Criterion] = Field(default_factory=dict)
    not_observable: dict[str, str] = Field(default_factory=dict)
    claims: tuple[Claim, ...] = ()


def load_inspection(folder: Path) -> InspectionDeclaration:
    """Read `inspection.yaml` of a framework's folder.

    Raises:
        FrameworkError: It is missing, not YAML, not NFC, or breaks the format; the message names the place.
    """
    return read_declaration(folder / FILE, InspectionDeclaration, HINT)


def has_inspection(folder: Path) -> bool:
    """Whether the framework says what inspections decide."""
    return (folder / FILE).is_file()


def prove_inspection(file: Path, nodes: Sequence[Node], report: Report) -> None:
    """Prove `inspection.yaml` against the tree; a framework without one has nothing to prove.

    Args:
        file: The file, which may be missing.
        nodes: The tree.
        report: Where faults go.
    """
    declared = read_or_report(file, InspectionDeclaration, HINT, report)
    if declared is None:
        return
    lines = file.read_text(encoding="utf-8").splitlines()
    for code, message in _faults(declared, nodes):
        report.add(_line(lines, code), message)


def _faults(declared: InspectionDeclaration, nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    """Code that a fault is about, and the fault."""
    parents = {node.parent for node in nodes}
    leaves = {node.code: node for node in nodes if node.code not in parents}
    inspected = {code: node for code, node in leaves.items() if node.evidence == EVIDENCE}
    for code in (*declared.criteria, *declared.not_observable):
        if code not in inspected:
            near = nearest(code, inspected)
            hint = f"; did you mean {near}?" if near else "."
            yield code, f"{code} is no criterion with evidence `inspection` in nodes.csv{hint}"
    for code in sorted(set(declared.criteria) & set(declared.not_observable)):
        yield code, f"{code} stands under `criteria` and under `not_observable`; leave it in one of them."
    for code in inspected:
        if code not in declared.criteria and code not in declared.not_observable:
            yield "criteria:", f"{code} is missing; say under `criteria` what decides it, or why not."
    for code, criterion in declared.criteria.items():
        if code in inspected:
            yield from ((code, message) for message in _of_items(inspected[code], criterion))
    for claim in declared.claims:
        if claim.criterion not in leaves:
            yield claim.criterion, f"the claim {claim.criterion} is no criterion of nodes.csv."
        yield from ((claim.criterion, message) for message in _unknown([claim.check]))
        if (check := load_checks().get(claim.check)) and not check.unit:
            yield claim.criterion, f"the check {claim.check} measures no value, so it contradicts no claim."


def _of_items(node: Node, criterion: Criterion) -> Iterator[str]:
    yield from _unknown([check for item in criterion.items for check in item.checks])
    count = len(criterion.items)
    if node.rule not in RULES:
        yield f"{node.code} has the rule {node.rule}; an inspection measures {', '.join(RULES)}."
    elif node.direction == "negative":
        # What could not be checked counts as not fulfilled, which here would be to the agency's favour.
        yield f"{node.code} has a negative direction; a count of fulfilled items cannot measure it."
    elif node.rule == "checklist" and count != node.parameter("items"):
        yield f"{node.code} has {count} items here and {node.parameter('items'):g} in nodes.csv; list each, in order."
    elif node.rule == "binary" and count != 1:
        yield f"{node.code} is yes or no; give one item, with `all` or `any` for several checks."
    elif node.rule == "tier" and count > node.bounds[1]:
        yield f"{node.code} has {count} items, above its largest value {node.bounds[1]:g}."
    if all(item.unseen for item in criterion.items):
        yield f"nothing of {node.code} can be seen; put it under `not_observable`."


def _unknown(codes: Sequence[str]) -> Iterator[str]:
    known = load_checks()
    for code in codes:
        if code not in known:
            near = nearest(code, known)
            yield f"there is no check {code!r}" + (f"; did you mean {near}?" if near else " in checks.csv.")


def _line(lines: Sequence[str], code: str) -> int:
    """Line on which a code stands first, from 1."""
    return next((number for number, line in enumerate(lines, start=1) if code in line), 1)
