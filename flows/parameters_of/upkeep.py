"""Parameters of the flows that gather one source, and that look after what has piled up."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class IngestParameters(BaseModel):
    """Which source of which round is to be brought in."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(
        title="Source (nguồn)",
        description="Name of the source as round.yaml has it, e.g. agency_report.",
        pattern=r"^[a-z][a-z0-9_]{0,63}$",
        json_schema_extra={"position": 0},
    )
    framework: str = Field(
        default="province_2020",
        title="Framework (bộ chỉ số)",
        description="Name or folder of a framework; of monthly statistics the kind, e.g. online_services.",
        min_length=1,
        json_schema_extra={"position": 1},
    )
    period: str = Field(
        default="2020",
        title="Period (kỳ)",
        description="The year or the month that is measured, e.g. 2020 or 2020-08.",
        pattern=r"^(19|20)\d{2}(-(0[1-9]|1[0-2]))?$",
        json_schema_extra={"position": 2},
    )
    round_folder: Path | None = Field(
        default=None,
        title="Round (đợt)",
        description="Folder of the round's inputs with its round.yaml. Empty: `monthly` or the year, below the rounds.",
        json_schema_extra={"position": 3},
    )


class MaintenanceParameters(BaseModel):
    """What is too old to be kept."""

    model_config = ConfigDict(extra="forbid")

    delete: bool = Field(
        default=False,
        title="Delete (xóa)",
        description="Delete what is listed. Off: only list it, with its size.",
        json_schema_extra={"position": 0},
    )
    keep_days: int = Field(
        default=90,
        title="Keep (giữ, ngày)",
        description="Days for which ended runs, their logs, artifacts and stored results are kept.",
        ge=1,
        le=36_500,
        json_schema_extra={"position": 1},
    )
