"""Parameters of the flows: what the form in the Prefect UI asks for."""

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from warehouse.frameworks.uncertainty import MOST_DRAWS, MOST_SEED, PERTURBATIONS, known_perturbations


class Publication(StrEnum):
    """When a vintage is published."""

    ASK = "ask"  # it waits for a decision
    NOW = "now"
    NO = "no"  # it stays provisional


class Step(StrEnum):
    """The steps of an annual round, in the order of its calendar."""

    OPEN = "open"  # the forms are made
    REMIND = "remind"  # who has not reported yet
    CLOSE = "close"  # what came is scored, provisionally
    APPRAISE = "appraise"  # scored again with what the council decided
    PUBLISH = "publish"  # scored, shown and asked about


class AnnualParameters(BaseModel):
    """What the annual round is to measure."""

    model_config = ConfigDict(extra="forbid")

    framework: str = Field(
        default="province_2020",
        title="Framework (bộ chỉ số)",
        description="Name of the index edition, e.g. province_2020, or the path of a framework folder.",
        min_length=1,
        json_schema_extra={"position": 0},
    )
    period: str = Field(
        default="2020",
        title="Period (kỳ đánh giá)",
        description="The year that is measured. Empty: the year before the one in which the run was due.",
        pattern=r"^(\d{4}(-(0[1-9]|1[0-2]))?)?$",
        json_schema_extra={"position": 1},
    )
    round_folder: Path | None = Field(
        default=None,
        title="Round (đợt đánh giá)",
        description="Folder of the round's inputs with its round.yaml. Empty: the folder of the period below "
        "DTI_ROUNDS, and where there is none, the published figures of the framework that come with the project.",
        json_schema_extra={"position": 2},
    )
    step: Step = Field(
        default=Step.PUBLISH,
        title="Step of the calendar (bước)",
        description="open: make the forms. remind: list who has not reported. close, appraise: score what there is, "
        "provisionally. publish: score, and publish as said below.",
        json_schema_extra={"position": 3},
    )
    publication: Publication = Field(
        default=Publication.ASK,
        title="Publication (công bố)",
        description="ask: the run waits until somebody approves what it shows. now: publish at once. no: the vintage "
        "stays provisional and the next run may replace it.",
        json_schema_extra={"position": 4},
    )
    approval_days: int = Field(
        default=28,
        ge=1,
        le=366,
        title="Days to decide (số ngày chờ phê duyệt)",
        description="How long a run waits for the decision; after that the vintage stays provisional.",
        json_schema_extra={"position": 5},
    )
    draws: int = Field(
        default=10_000,
        ge=0,
        le=MOST_DRAWS,
        title="Draws (số lần mô phỏng)",
        description="How often inputs and method are drawn again to learn how sure the ranks are. 0: not at all.",
        json_schema_extra={"position": 6},
    )
    seed: int = Field(
        default=1,
        ge=0,
        le=MOST_SEED,
        title="Seed of the draws",
        description="The same seed gives the same intervals on every machine.",
        json_schema_extra={"position": 7},
    )
    perturb: list[str] = Field(
        default=[],
        title="What is drawn",
        description="Errors of what was measured, decisions of the council, weights; normalisation, missing and "
        "aggregation where uncertainty.yaml of the framework names alternatives. Empty: what that file says.",
        json_schema_extra={"position": 8, "items": {"type": "string", "enum": list(PERTURBATIONS)}},
    )

    @field_validator("perturb")
    @classmethod
    def _known(cls, perturb: list[str]) -> list[str]:
        return list(known_perturbations(perturb))
