"""Parameters of the flows: what the form in the Prefect UI asks for."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

BUNDLED_ROUND = "press-2020"


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
        description="The year that is measured.",
        pattern=r"^\d{4}(-\d{2})?$",
        json_schema_extra={"position": 1},
    )
    round_folder: Path | None = Field(
        default=None,
        title="Round (đợt đánh giá)",
        description="Folder of the round's inputs with its round.yaml. Empty: the figures that the press published.",
        json_schema_extra={"position": 2},
    )
    publish: bool = Field(
        default=True,
        title="Publish (công bố)",
        description="Publish the vintage at the end. Off: it stays provisional and the next run may replace it.",
        json_schema_extra={"position": 3},
    )
