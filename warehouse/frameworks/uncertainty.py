"""`uncertainty.yaml` beside a framework: what is drawn again to learn how sure its ranks are (docs/methods.md).

The file is optional: without it the errors of what was measured, decisions of the council and weights are drawn.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from warehouse.errors import FrameworkError
from warehouse.frameworks.alternatives import HINT, SWITCHES, Alternative, alternative_problems
from warehouse.frameworks.declaration import Description
from warehouse.frameworks.declared import read_declaration, read_or_report
from warehouse.frameworks.faults import Report, one_of
from warehouse.frameworks.model import Framework, Node

FILE = "uncertainty.yaml"
MOST_DRAWS = 200_000
MOST_SEED = 2**53 - 1  # a form in a browser keeps no larger integer

# Errors of what was measured: kinds of evidence whose measurements carry a standard error.
MEASURED = ("survey", "expert", "tone", "inspection", "report", "published", "derived")
SAMPLED = ("survey", "expert", "tone")  # their standard errors are estimates: 0 is a finding, not a gap
# The order decides the numbers that are drawn: names are added at the end only.
PERTURBATIONS = (*MEASURED, "appraisal", "weights", *SWITCHES)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Weights(_Strict):
    """How far weights may be from the official ones.

    Attributes:
        strength: Of the Dirichlet distribution around the weights of the children of a node: the variance of a weight w
            is w (1 - w) / (strength + 1).
    """

    strength: float = Field(default=100.0, gt=0, allow_inf_nan=False)


class Appraisal(_Strict):
    """How often another council would have decided as the agency reported.

    Attributes:
        reversal: Probability, for each figure that the council changed. Nobody has measured it: it is an assumption.
    """

    reversal: float = Field(default=0.1, ge=0, le=1)


class Uncertainty(_Strict):
    """What stands in `uncertainty.yaml`.

    Attributes:
        framework: Name of the framework.
        level: Probability that an interval promises.
        perturb: What is drawn; what is named and has no error is drawn for nothing.
        weights: Strength of the weights.
        appraisal: Reversals of the council's decisions.
        alternatives: Other ways to compute, for the switches.
        nodes: Nodes whose ranks get intervals; empty: the headline and the nodes directly below it.
    """

    framework: str = ""
    level: float = Field(default=0.9, gt=0.5, lt=1)
    perturb: tuple[str, ...] = ()
    weights: Weights = Weights()
    appraisal: Appraisal = Appraisal()
    alternatives: tuple[Alternative, ...] = ()
    nodes: tuple[str, ...] = ()

    @field_validator("perturb")
    @classmethod
    def _named(cls, perturb: tuple[str, ...]) -> tuple[str, ...]:
        return known_perturbations(perturb)

    @field_validator("nodes")
    @classmethod
    def _once(cls, nodes: tuple[str, ...]) -> tuple[str, ...]:
        for code in nodes:
            if nodes.count(code) > 1:
                raise ValueError(f"the node {code} is named twice")
        return nodes

    @model_validator(mode="after")
    def _switched(self) -> Self:
        declared = {alternative.switch for alternative in self.alternatives}
        for name in self.perturb:
            if name in SWITCHES and name not in declared:
                raise ValueError(f"the perturbation {name} needs an entry under `alternatives`")
        return self

    @property
    def drawn(self) -> tuple[str, ...]:
        """What is drawn, in the order of `PERTURBATIONS`."""
        switched = {alternative.switch for alternative in self.alternatives}
        chosen = self.perturb or (*MEASURED, "appraisal", "weights", *switched)
        return tuple(name for name in PERTURBATIONS if name in chosen)


def known_perturbations(names: Iterable[str]) -> tuple[str, ...]:
    """The names as they are, if each is known.

    Raises:
        ValueError: A name is not known, or stands twice; an unknown one is never skipped.
    """
    chosen = tuple(names)
    for name in chosen:
        if name not in PERTURBATIONS:
            raise ValueError(f"the perturbation {name!r} is not known; {one_of(name, PERTURBATIONS)}")
        if chosen.count(name) > 1:
            raise ValueError(f"the perturbation {name} is named twice")
    return chosen


def load_uncertainty(folder: Path, perturb: Iterable[str] = ()) -> Uncertainty:
    """Read `uncertainty.yaml` of a framework's folder; without the file what it says by default.

    Args:
        folder: Folder of the framework.
        perturb: Draw these instead of what the file names.

    Raises:
        FrameworkError: The file is at fault, or a perturbation is not known or has no alternatives.
    """
    file = folder / FILE
    declared = read_declaration(file, Uncertainty, HINT) if file.is_file() else Uncertainty()
    chosen = tuple(perturb)
    if not chosen:
        return declared
    try:
        return Uncertainty.model_validate({**declared.model_dump(), "perturb": chosen})
    except ValueError as error:
        reason = str(error).split("Value error, ")[-1].split(" [type=")[0]
        raise FrameworkError(f"This cannot be drawn: {reason}.", HINT) from error


def prove_uncertainty(
    file: Path, description: Description | None, nodes: Sequence[Node], report: Report, *, is_sound: bool = True
) -> None:
    """Prove `uncertainty.yaml` against the framework beside it, where it is there.

    Args:
        file: The file.
        description: What framework.yaml says, as far as it could be read.
        nodes: The tree.
        report: Takes the faults.
        is_sound: Whether nothing is wrong with the tree: alternatives are tried on such a one only.
    """
    declared = read_or_report(file, Uncertainty, HINT, report)
    if declared is None:
        return
    if description is not None and declared.framework not in ("", description.framework):
        report.add(1, f"it is of the framework {declared.framework!r}, not of {description.framework}.")
    codes = {node.code for node in nodes}
    for code in declared.nodes:
        if code not in codes:
            report.add(1, f"{code!r} of nodes is not a node of the tree; {one_of(code, sorted(codes))}.")
    levels = [level.level for level in description.levels] if description is not None else []
    for alternative in declared.alternatives:
        if alternative.level and levels and alternative.level not in levels:
            report.add(1, f"the level {alternative.level!r} is not known; {one_of(alternative.level, levels)}.")
    if description is not None and is_sound and not report.faults:
        framework = Framework(description, tuple(nodes), {}, file.parent, "")
        for problem in alternative_problems(framework, declared.alternatives):
            report.add(1, problem)
