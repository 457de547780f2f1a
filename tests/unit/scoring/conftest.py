"""Small frameworks and measurements for the tests of the engine."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework


def _build(header: str, *rows: str, **description: object) -> Framework:
    """Write and load a framework folder; names and levels are made from code and depth."""
    columns = header.split(",")
    cells = [dict(zip(columns, row.split(","), strict=True)) for row in rows]
    parents = {cell["code"]: cell["parent"] for cell in cells}

    def depth(code: str) -> int:
        return 1 + depth(parents[code]) if parents[code] else 0

    deepest = max(depth(code) for code in parents)
    levels = [{"level": f"l{number}"} for number in range(deepest + 1)]
    lines = [f"level,name_en,{header}"]
    lines += [f"l{depth(cell['code'])},{cell['code']},{','.join(cell.values())}" for cell in cells]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        text = yaml.safe_dump({"framework": "tiny", "levels": levels} | description)
        folder.joinpath("framework.yaml").write_text(text, encoding="utf-8")
        folder.joinpath("nodes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_framework(folder)


def _measured(cells: dict[str, dict[str, float]], period: str = "2020") -> pd.DataFrame:
    """One row per value: agency to node to value."""
    rows = [(agency, node, value, period) for agency, values in cells.items() for node, value in values.items()]
    return pd.DataFrame(rows, columns=["agency", "node", "value", "period"])


@pytest.fixture(scope="session")
def build() -> Callable[..., Framework]:
    """Make a framework: `build("code,parent,rule", "T,,", "a,T,binary", missing="impute")`."""
    return _build


@pytest.fixture(scope="session")
def measured() -> Callable[..., pd.DataFrame]:
    """Make measurements: `measured({"Hà Nội": {"a": 1.0}}, period="2020")`."""
    return _measured


@pytest.fixture(scope="session")
def column() -> Callable[..., dict[str, object]]:
    """Read one column of the scores of one node, by agency: `column(scores, "T", "share")`."""

    def read(scores: pd.DataFrame, node: str, name: str, period: str = "2020") -> dict[str, object]:
        rows = scores[(scores["node"] == node) & (scores["period"] == period)]
        return dict(zip(rows["agency"], rows[name], strict=True))

    return read
