"""Parameters of the flows that work month by month."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flows.parameters import Publication

MONTH = r"^(19|20)\d{2}-(0[1-9]|1[0-2])$"
ONLINE_SERVICES = "online_services"


def _framework(position: int) -> Any:
    return Field(
        default=ONLINE_SERVICES,
        title="Framework (bộ chỉ số)",
        description="Kind of the framework, whose edition the month decides; or the name or folder of one framework.",
        min_length=1,
        json_schema_extra={"position": position},
    )


def _round_folder(position: int) -> Any:
    return Field(
        default=None,
        title="Round (đợt tổng hợp)",
        description="Folder of the round's inputs with its round.yaml. Empty: the folder `monthly` of the rounds.",
        json_schema_extra={"position": position},
    )


def _publication(position: int) -> Any:
    return Field(
        default=Publication.NOW,
        title="Publish (công bố)",
        description="now: publish the vintage; ask or no: it stays provisional until `dti approve`.",
        json_schema_extra={"position": position},
    )


class MonthlyParameters(BaseModel):
    """Which month is to be measured."""

    model_config = ConfigDict(extra="forbid")

    period: str = Field(
        default="",
        title="Month (tháng)",
        description="The month that is measured, e.g. 2020-08. Empty: the month before the run's scheduled start.",
        pattern=rf"^$|{MONTH}",
        json_schema_extra={"position": 0},
    )
    framework: str = _framework(1)
    round_folder: Path | None = _round_folder(2)
    publication: Publication = _publication(3)


class BackfillParameters(BaseModel):
    """Which months are to be measured, one after the other."""

    model_config = ConfigDict(extra="forbid")

    first: str = Field(
        title="From (từ tháng)",
        description="The first month, e.g. 2020-01.",
        pattern=MONTH,
        json_schema_extra={"position": 0},
    )
    last: str = Field(
        title="To (đến tháng)",
        description="The last month, e.g. 2020-12.",
        pattern=MONTH,
        json_schema_extra={"position": 1},
    )
    framework: str = _framework(2)
    round_folder: Path | None = _round_folder(3)
    publication: Publication = _publication(4)

    @model_validator(mode="after")
    def _in_order(self) -> "BackfillParameters":
        if self.first > self.last:
            raise ValueError(f"the first month, {self.first}, comes after the last one, {self.last}")
        return self
