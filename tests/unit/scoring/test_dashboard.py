from datetime import date

import pandas as pd

from tasks.scoring.dashboard import dashboard, sentences
from warehouse.online_services import COLUMNS

DTYPES = {"str": "str", "float64": "float64", "Int64": "Int64", "day": "object", "flag": "bool"}


def view(*rows, node="S", period="2020-08"):
    """Rows of the view: what a row does not say is blank."""
    shared = {"node": node, "period": period, "target_due": None, "target_is_met": False}
    frame = pd.DataFrame([{**shared, **row} for row in rows], columns=list(COLUMNS))
    texts = [name for name, (kind, _) in COLUMNS.items() if kind == "str"]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    return frame.astype({name: DTYPES[kind] for name, (kind, _) in COLUMNS.items()})


def agency(name, share, rank=None, *, group="province", target=30.0, left=4, growth=None):
    distance = None if share is None else target - share
    pace = distance / left if distance is not None and distance > 0 and left > 0 else None
    return {
        "agency": name,
        "agency_name": name,
        "group": group,
        "rank": rank,
        "share_percent": share,
        "growth_month_points": growth,
        "target_due": date(2020, 12, 31),
        "target_percent": target,
        "target_distance_points": distance,
        "target_months_left": left,
        "target_pace_points": pace,
    }


def test_dashboard__best_first__who_has_no_figure_last():
    shown = dashboard(view(agency("b", 10.0, 2), agency("c", None), agency("a", 40.0, 1)), "S", "2020-08")
    assert shown["agency"].tolist() == ["a", "b", "c"]
    assert shown["target_state"].tolist() == ["meets", "on the way", "no figure"]
    assert shown["target_due"].tolist() == ["2020-12-31"] * 3


def test_dashboard__other_months_and_shares__are_left_out():
    rows = pd.concat(
        [view(agency("a", 1.0)), view(agency("b", 1.0), node="X"), view(agency("c", 1.0), period="2020-07")]
    )
    assert dashboard(rows, "S", "2020-08")["agency"].tolist() == ["a"]


def test_dashboard__target_is_past__missed_unless_met():
    shown = dashboard(view(agency("a", 29.9, 2, left=0), agency("b", 30.0, 1, left=-3)), "S", "2020-08")
    assert dict(zip(shown["agency"], shown["target_state"], strict=True)) == {"a": "missed", "b": "meets"}


def test_dashboard__no_target__says_so():
    row = agency("a", 5.0) | {"target_due": None, "target_percent": None}
    assert dashboard(view(row), "S", "2020-08")["target_state"].tolist() == ["no target"]


def test_sentences__who_meets_the_target_and_who_must_hurry():
    rows = [agency("a", 40.0), agency("b", 29.0), agency("c", 10.0), agency("d", None)]
    assert sentences(dashboard(view(*rows), "S", "2020-08")) == [
        "3 of 4 agencies have a figure; 1 has none.",
        "1 of 4 agencies meets 30% by 31 December 2020; 1 needs more than 2 points a month.",
    ]


def test_sentences__each_group_its_own_target__said_apart():
    rows = [agency("a", 80.0, group="ministry", target=70.0), agency("b", 20.0, left=0), agency("c", 31.0, left=0)]
    assert sentences(dashboard(view(*rows), "S", "2020-08"))[1:] == [
        "1 of 2 agencies of the group province meets 30% by 31 December 2020; 1 missed it.",
        "1 of 1 agency of the group ministry meets 70% by 31 December 2020.",
    ]


def test_sentences__who_moved_on_the_month():
    rows = [agency("a", 40.0, growth=1.5), agency("b", 40.0, growth=-0.25), agency("c", 40.0)]
    said = sentences(dashboard(view(*rows), "S", "2020-08"))
    assert "a grew most on the month: +1.50 points." in said
    assert "1 agency fell on the month." in said


def test_sentences__nobody__nothing_is_said():
    assert sentences(dashboard(view(agency("a", 1.0)), "S", "1999-01")) == []
