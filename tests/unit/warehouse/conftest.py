"""A tiny index and its rows, for the tests of the warehouse."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from warehouse.frames import (
    BATCH,
    MEASUREMENT,
    OBSERVATION,
    QUARANTINE,
    RANK_EFFECT,
    RANK_INTERVAL,
    SCORE,
    SIMULATION,
    SNAPSHOT,
)
from warehouse.frameworks.model import Description, Framework, Level, Node
from warehouse.simulations import RankFrames
from warehouse.vintages import publish, write_vintage

SCOPE = {"framework": "tiny_2020", "round": "press", "period": "2020"}


def tiny_framework(digest: str = "d1", title: str = "Chỉ số nhỏ") -> Framework:
    nodes = (
        Node(code="DTI", parent="", level="index", name_vi="Chỉ số", max_points=10.0, aggregation="sum"),
        Node(code="DTI.1", parent="DTI", level="criterion", name_vi="Một", max_points=6.0, rule="ratio", unit="%"),
        Node(
            code="DTI.2",
            parent="DTI",
            level="criterion",
            name_vi="Hai",
            max_points=4.0,
            rule="tier",
            parameters={"tiers": ((0.0, 0.0), (50.0, 1.0))},
            status="reconstructed",
        ),
    )
    description = Description(
        framework="tiny_2020", title_vi=title, levels=(Level(level="index"), Level(level="criterion"))
    )
    return Framework(description=description, nodes=nodes, groups={}, folder=Path(), digest=digest)


def rows_of(kind, *rows, **shared):
    return kind.conform(pd.DataFrame([{**SCOPE, **shared, **row} for row in rows]))


def observations(*values, **shared):
    rows = [
        {"observation_id": f"{number:032x}", "agency": f"province-{number}", "item": "DTI.1", "value": value}
        for number, value in enumerate(values)
    ]
    return rows_of(OBSERVATION, *rows, **{"part": "value", "snapshot_sha256": "a" * 64, **shared})


def measurements(values, **shared):
    rows = [{"agency": agency, "node": "DTI.1", "value": value} for agency, value in values.items()]
    return rows_of(MEASUREMENT, *rows, **{"stage": "final", "observation_ids": "[]", **shared})


def scores(shares, **shared):
    order = sorted(shares.values(), reverse=True)
    rows = [
        {
            "agency": agency,
            "node": node,
            "level": level,
            "share": share,
            "points": share * points,
            "max_points": points,
            "rank": order.index(share) + 1,
            "status": status,
        }
        for agency, share in shares.items()
        for node, level, points, status in (
            ("DTI", "index", 10.0, "aggregated"),
            ("DTI.1", "criterion", 6.0, "measured"),
        )
    ]
    return rows_of(SCORE, *rows, **shared)


def snapshots(**shared):
    return rows_of(
        SNAPSHOT,
        {
            "sha256": "a" * 64,
            "source": "agency_report",
            "origin": "returns/one.xlsx",
            "size": 3,
            "fetched_at": pd.Timestamp("2021-03-04 05:06:07.000008", tz="UTC"),
        },
        **shared,
    )


def refused(*locators, **shared):
    rows = [
        {
            "source": "agency_report",
            "snapshot_sha256": "a" * 64,
            "locator": locator,
            "rule": "value_not_negative",
            "agency": "province-hue",
            "agency_text": "T.T.Hue",
            "value_text": "-1",
        }
        for locator in locators
    ]
    return rows_of(QUARANTINE, *rows, **shared)


def batches(*origins, **shared):
    rows = [{"source": "agency_report", "origin": origin, "outcome": "accepted", "rows_read": 1} for origin in origins]
    return rows_of(BATCH, *rows, **shared)


def ranks(shares, *, seed=1, **shared):
    """Intervals that say: each rank may as well be the next."""
    order = sorted(shares, key=lambda agency: -shares[agency])
    intervals = [
        {
            "agency": agency,
            "node": "DTI",
            "rank": place,
            "share": shares[agency],
            "standard_error": 0.01,
            "share_low": shares[agency] - 0.1 / seed,
            "share_high": shares[agency] + 0.1 / seed,
            **{f"{name}_low": place for name in ("simulated", "marginal", "simultaneous")},
            **{f"{name}_high": place + 1 for name in ("simulated", "marginal", "simultaneous")},
            "top10_probability": 1.0,
            "above_next_probability": None if place == len(order) else 0.75,
            "alike": "1–2",
        }
        for place, agency in enumerate(order, start=1)
    ]
    effects = [
        {"agency": agency, "node": "DTI", "perturbation": name, "first_order": share, "total": share}
        for agency in order
        for name, share in (("survey", 0.25), ("weights", 0.75))
    ]
    about = {"draws": 1_000, "set_draws": 100, "effect_draws": 50, "seed": seed, "level": 0.9}
    texts = {"drawn": '["survey", "weights"]', "measured": '["survey"]', "settings": "{}", "code_version": "1.0"}
    return RankFrames(
        rows_of(SIMULATION, {**about, **texts}, **shared),
        rows_of(RANK_INTERVAL, *intervals, **shared),
        rows_of(RANK_EFFECT, *effects, **shared),
    )


@pytest.fixture
def scope():
    return dict(SCOPE)


@pytest.fixture
def framework():
    return tiny_framework()


@pytest.fixture(scope="session")
def make():
    """Makers of rows: `make.scores({"province-a": 0.5})` and the like."""
    makers = (tiny_framework, observations, measurements, scores, snapshots, refused, batches, ranks)
    return SimpleNamespace(**{maker.__name__: maker for maker in makers})


@pytest.fixture
def write(engine, framework):
    """Write a vintage of shares by agency, with intervals where a seed is given."""

    def write_shares(
        shares,
        *,
        round_name="press",
        kind="press",
        period="2020",
        tree=framework,
        final=False,
        unranked=None,
        seed=None,
    ):
        shared = {"round": round_name, "period": period}
        written = write_vintage(
            engine,
            framework=tree,
            round_name=round_name,
            kind=kind,
            period=period,
            measurements=measurements(shares, **shared),
            scores=scores(shares, **shared),
            run_id="run-1",
            code_version="1.0",
            unranked=unranked or {},
            ranks=ranks(shares, seed=seed, **shared) if seed else None,
        )
        if final:
            return publish(engine, framework=tree.name, round_name=round_name, period=period)
        return written

    return write_shares
