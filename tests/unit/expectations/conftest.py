"""A small framework with every kind of node that the rules tell apart, and sound rows to spoil."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from expectations.runner import validate
from expectations.scope import Scope
from warehouse.frames import CANDIDATE, HISTORY
from warehouse.frameworks.checks import ChecksDeclaration
from warehouse.frameworks.model import Description, Framework, Level, Node

AGENCIES = ("province-da-nang", "province-hue")
SOUND = {
    "framework": "small_2020",
    "round": "test",
    "period": "2020",
    "agency": AGENCIES[0],
    "agency_text": "Đà Nẵng",
    "item": "L",
    "item_text": "L",
    "part": "value",
    "stage": "self_reported",
    "source": "agency_report",
    "value": 85.0,
    "value_text": "85",
    "unit": "%",
    "unit_expected": "%",
    "evidence_text": "QĐ 1/UBND",
    "evidence_needed": True,
    "snapshot_sha256": "5" * 64,
    "valid_min": 0.0,
    "valid_max": 100.0,
}


@pytest.fixture
def framework():
    leaves = [
        Node(code="L", parent="INDEX", level="criterion", rule="linear", unit="%", evidence="report"),
        Node(code="R", parent="INDEX", level="criterion", rule="ratio", unit="%", evidence="report"),
        Node(
            code="C", parent="INDEX", level="criterion", rule="checklist", evidence="report", items_vi=("a", "b", "c")
        ),
        Node(code="S", parent="INDEX", level="criterion", rule="likert", unit="1-5", evidence="survey"),
    ]
    root = Node(code="INDEX", parent="", level="index", aggregation="sum")
    description = Description(framework="small_2020", levels=(Level(level="index"), Level(level="criterion")))
    return Framework(description=description, nodes=(root, *leaves), groups={}, folder=Path(), digest="")


@pytest.fixture
def scope(framework):
    return Scope(framework=framework, round_name="test", period="2020", ranked=AGENCIES)


@pytest.fixture
def checks():
    """One declaration of each kind, over items of the small framework."""
    return ChecksDeclaration.model_validate(
        {
            "not_above": [{"item": "L", "limit": "C"}],
            "jump": {"factor": 3},
            "unchanged": {"months": 6, "items": ["L"]},
            "sources_agree": {"tolerance": 0.02},
        }
    )


@pytest.fixture
def rows():
    """Makes CANDIDATE rows: each is sound but for what is given. They stand in lines 1, 2, 3 ... of their source."""

    def make(*changes):
        made = [{**SOUND, "locator": f"line {number}", **change} for number, change in enumerate(changes, start=1)]
        return CANDIDATE.conform(
            pd.DataFrame(made).assign(observation_id=[f"{number:032x}" for number in range(len(made))])
        )

    return make


@pytest.fixture
def ratio():
    """Makes the two parts of a ratio, each with the other as its counterpart."""

    def make(a, b, **change):
        part = {"item": "R", "item_text": "R", "unit": "hồ sơ", "unit_expected": "", "valid_max": np.inf, **change}
        return (
            {**part, "part": "a", "value": a, "value_text": str(a), "counterpart": b},
            {**part, "part": "b", "value": b, "value_text": str(b), "counterpart": a},
        )

    return make


@pytest.fixture
def judged(framework):
    """Validates rows of the small framework."""

    def run(candidates, **options):
        given = {"round_name": "test", "period": "2020", "ranked_agencies": AGENCIES, **options}
        return validate(candidates, framework, **given)

    return run


@pytest.fixture
def refusals():
    """Returns what was refused: `(line, rule)` in the order of the quarantine."""

    def read(outcome):
        return list(zip(outcome.quarantined["locator"], outcome.quarantined["rule"], strict=True))

    return read


@pytest.fixture
def month():
    """Judges counts of a month: `month({"M4": 900}, checks={...})`, or rows of item, value and what is changed."""

    def run(figures, checks, history=(), period="2020-08", **options):
        made = [_count_row(number, *figure) for number, figure in enumerate(_rows_of(figures), start=1)]
        candidates = CANDIDATE.conform(pd.DataFrame([{**row, "period": period} for row in made]))
        earlier = HISTORY.conform(pd.DataFrame([{**SERIES, **one} for one in history] or [SERIES]))
        return validate(
            candidates,
            COUNTS,
            round_name="test",
            period=period,
            ranked_agencies=AGENCIES,
            checks=ChecksDeclaration.model_validate(checks),
            history=earlier if len(history) else None,
            **options,
        )

    return run


COUNTS = Framework(
    description=Description(framework="counts_2019", levels=(Level(level="board"), Level(level="count"))),
    nodes=(
        Node(code="BOARD", parent="", level="board"),
        *(
            Node(code=code, parent="BOARD", level="count", rule="count", unit="dịch vụ", evidence="report")
            for code in ("ALL", "M3", "M4", "ON", "IN")
        ),
    ),
    groups={},
    folder=Path(),
    digest="",
)
SERIES = {"agency": AGENCIES[0], "item": "M4", "stage": "self_reported", "source": "agency_report"}


def _rows_of(figures):
    return [(item, value, {}) for item, value in figures.items()] if isinstance(figures, dict) else figures


def _count_row(number, item, value, change):
    unit = {"unit": "dịch vụ", "unit_expected": "dịch vụ", "valid_max": np.inf, "evidence_needed": False}
    return {
        **SOUND,
        "framework": "counts_2019",
        "item": item,
        "item_text": item,
        "value": float(value),
        "value_text": f"{value}",
        "locator": f"line {number}",
        "observation_id": f"{number:032x}",
        **unit,
        **change,
    }


@pytest.fixture
def doubts():
    """Returns what was doubted: `(line, rule)` in the order of the warnings."""

    def read(outcome):
        return list(zip(outcome.warnings["locator"], outcome.warnings["rule"], strict=True))

    return read
