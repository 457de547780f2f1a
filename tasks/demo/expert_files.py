"""The files of a synthetic expert panel, one a Delphi round: workbooks for provinces, CSV for ministries."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.demo.experts import Rating, draw_experts
from tasks.demo.files import csv_bytes, xlsx_bytes
from tasks.demo.records import Truth
from tasks.demo.sheet import SYNTHETIC, Grid, Value
from tasks.sources.expert_panel import RATING_COLUMNS, SOURCE
from warehouse.frameworks.experts import FILE
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency

FOLDER = "experts"
_WORKBOOK = {
    "expert": "Mã chuyên gia",
    "name": "Họ và tên",
    "employer": "Cơ quan công tác",
    "agency": "Cơ quan được đánh giá",
    "criterion": "Mã tiêu chí",
    "round": "Vòng",
    "rating": "Điểm",
    "confidence": "Độ tin cậy",
    "justification": "Lý giải",
}
_DELIMITED = {
    "name": "Chuyên gia",
    "employer": "Đơn vị công tác",
    "agency": "Bộ, cơ quan",
    "criterion": "Tiêu chí",
    "round": "Vòng Delphi",
    "rating": "Điểm (1-10)",
    "confidence": "Mức độ tin cậy",
    "justification": "Nhận xét",
}


def write_experts(
    folder: Path, framework: Framework, agencies: Sequence[Agency], seed: int
) -> tuple[list[Truth], list[dict[str, Any]]]:
    """Draw the panel of a framework and write its files.

    Args:
        folder: The round's folder.
        framework: The framework; one without an experts.yaml has no panel.
        agencies: The agencies that are judged.
        seed: Seed of the round.

    Returns:
        The true values, and the entries of round.yaml.
    """
    if not (framework.folder / FILE).is_file():
        return [], []
    drawn = draw_experts(framework, agencies, seed)
    place = f"{FOLDER}/{framework.name}"
    (folder / place).mkdir(parents=True, exist_ok=True)
    for turn in sorted({one["round"] for one in drawn.ratings}):
        rows = [one for one in drawn.ratings if one["round"] == turn]
        is_workbook = "province" in framework.description.population
        content = (
            xlsx_bytes([_grid(turn, rows, _WORKBOOK)]) if is_workbook else csv_bytes(_grid(turn, rows, _DELIMITED))
        )
        name = f"delphi-vong-{turn}.{'xlsx' if is_workbook else 'csv'}"
        (folder / place / name).write_bytes(content)
    return drawn.truth, [{"source": SOURCE.name, "framework": framework.name, "path": place}]


def as_ratings(ratings: Sequence[Rating]) -> pd.DataFrame:
    """Return ratings as the source of panels reads them: text as written."""
    frame = pd.DataFrame(ratings, columns=list(RATING_COLUMNS))
    return frame.assign(rating=[_with_comma(one) for one in frame["rating"]]).astype(str)


def _grid(turn: int, rows: Sequence[Rating], columns: dict[str, str]) -> Grid:
    title: list[list[Value]] = [[SYNTHETIC], [f"PHIẾU PHỎNG VẤN CHUYÊN GIA, VÒNG {turn}"], []]
    table = [[_typed(one, name) for name in columns] for one in rows]
    return Grid(f"Vòng {turn}", [*title, list(columns.values()), *table], header=range(3, 4))


def _typed(one: Rating, name: str) -> Value:
    """A cell as this expert types it: every second one writes text, `7,5` and `80%`."""
    value: Value = one[name]
    types_text = int(one["expert"][-1]) % 2 == 1
    if types_text and name == "rating":
        return _with_comma(one[name])
    if types_text and name == "confidence":
        return f"{20 * one[name]}%"
    return value if value != "" else None


def _with_comma(mark: float) -> str:
    return f"{mark:g}".replace(".", ",")
