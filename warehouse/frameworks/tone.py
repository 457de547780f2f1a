"""`tone.yaml` beside a framework: which posts tell of which criterion, and how many are enough.

`docs/frameworks.md` shows the format.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.frameworks.declared import read_declaration, read_or_report
from warehouse.frameworks.faults import Report, nearest
from warehouse.frameworks.model import Node

FILE = "tone.yaml"
EVIDENCE = "tone"
HINT = "docs/frameworks.md shows what tone.yaml holds."

Channel = Literal["news", "comment", "app_review"]
Aspect = Literal[
    "online_service",
    "delay",
    "attitude",
    "technical_fault",
    "identity",
    "data_security",
    "fees",
    "one_stop",
    "payment",
    "other",
]
MOST_CRITERIA = 63  # one bit each


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToneCriterion(_Strict):
    """Which posts tell of a criterion: those of one of the aspects, and those that hold one of the phrases.

    Attributes:
        aspects: Aspects.
        words: Phrases; case, marks and tone places make no difference.
        within: Whether a post needs both an aspect and a phrase.
    """

    aspects: tuple[Aspect, ...] = ()
    words: tuple[str, ...] = ()
    within: bool = False

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.aspects and not self.words:
            raise ValueError("a criterion needs `aspects`, `words` or both")
        return self


class ToneDeclaration(_Strict):
    """What stands in `tone.yaml`.

    Attributes:
        framework: Name of the framework.
        model: Name of the model of polarity.
        minimum_n: Effective number of posts below which an agency gets no measurement of a criterion.
        channels: Weight of each channel in the measurement; one in which an agency has few posts counts with the middle
            of the others.
        minimum_channel_n: Effective number of posts from which an agency's own posts count in a channel.
        criteria: Code of a criterion to the posts that tell of it.
    """

    framework: str
    title_vi: str = ""
    title_en: str = ""
    model: Literal["local", "underthesea", "transformer"] = "local"
    minimum_n: float = Field(default=30.0, ge=1)
    minimum_channel_n: float = Field(default=10.0, ge=1)
    channels: dict[Channel, float] = {"news": 1.0, "comment": 1.0, "app_review": 1.0}
    criteria: dict[str, ToneCriterion] = Field(min_length=1, max_length=MOST_CRITERIA)

    @model_validator(mode="after")
    def _weights(self) -> Self:
        if not self.channels or any(weight <= 0 for weight in self.channels.values()):
            raise ValueError("every channel needs a weight above 0")
        return self


def prove_tone(file: Path, nodes: Sequence[Node], report: Report) -> None:
    """Prove `tone.yaml` against the tree; a framework without one has nothing to prove.

    Args:
        file: The file, which may be missing.
        nodes: The tree.
        report: Where faults go.
    """
    declared = read_or_report(file, ToneDeclaration, HINT, report)
    if declared is None:
        return
    lines = file.read_text(encoding="utf-8").splitlines()
    wanted = {node.code for node in nodes if node.evidence == EVIDENCE}
    for code in declared.criteria:
        if code not in wanted:
            near = nearest(code, wanted)
            hint = f"; did you mean {near}?" if near else "."
            line = next((number for number, text in enumerate(lines, 1) if text.strip().startswith(f"{code}:")), 1)
            report.add(line, f"{code} is no criterion with evidence `tone` in nodes.csv{hint}")
    for code in sorted(wanted - set(declared.criteria)):
        report.add(1, f"{code} is missing; say under `criteria` which posts tell of it.")


def load_tone(folder: Path) -> ToneDeclaration:
    """Read `tone.yaml` of a framework's folder.

    Raises:
        FrameworkError: It is missing, not YAML, not NFC, or breaks the format; the message names the place.
    """
    return read_declaration(folder / FILE, ToneDeclaration, HINT)
