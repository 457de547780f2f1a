from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from expectations.view import build_view, contradicts, has_any


@pytest.mark.parametrize(
    ("text", "period", "expected"),
    [
        ("", "2020", False),
        ("Năm 2020", "2020", False),
        ("Năm 2019", "2020", True),
        ("2019-2020", "2020", False),
        ("quý IV", "2020", False),
        ("31/12/2020", "2020", False),
        ("tháng 9/2020", "2020-08", True),
        ("2020-08", "2020-08", False),
        ("31/08/2020", "2020-08", False),
    ],
)
def test_contradicts__period_as_written(text, period, expected):
    assert contradicts(text, period) is expected


def test_has_any__marks_whole_groups__but_not_what_is_in_none():
    groups = pd.Series([0, 0, 1, -1])
    assert has_any(groups, pd.Series([False, True, False, True])).tolist() == [True, True, False, False]


def test_build_view__value_in_another_unit__is_a_value_but_no_figure(rows, scope):
    view = build_view(rows({"unit": "người"}, {"value": np.inf}, {}), scope)
    assert view["value"].notna().tolist() == [True, False, True]
    assert view["figure"].notna().tolist() == [False, False, True]


def test_build_view__share_where_a_count_is_due__has_the_wrong_unit(rows, ratio, scope):
    (numerator, _) = ratio(5, 10, unit="%")
    view = build_view(rows({**numerator, "value": np.nan}), scope)
    assert not view["unit_fits"].item()


def test_build_view__superseded_row__competes_with_none(rows, scope):
    view = build_view(rows({}, {"superseded_by": "6" * 64}), scope)
    assert view["observation_key"].notna().tolist() == [True, False]


def test_build_view__two_parts_of_one_return__are_one_ratio(rows, ratio, scope):
    view = build_view(rows(*ratio(5, 10), *ratio(5, 10, snapshot_sha256="6" * 64), {}), scope)
    assert view["ratio"].tolist() == [0, 0, 1, 1, -1]


def test_build_view__parts_of_an_unknown_agency__are_told_apart_by_its_name(rows, ratio, scope):
    unknown = [part for name in ("Sao Hỏa", "Sao Kim") for part in ratio(5, 10, agency="", agency_text=name)]
    assert build_view(rows(*unknown), scope)["ratio"].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("unit", "valid_max", "ceiling"), [("%", None, 10.0), ("%", 150.0, 15.0), ("", None, np.nan), ("", 2.0, 20.0)]
)
def test_build_view__ceiling_of_a_numerator__follows_the_valid_maximum(rows, ratio, scope, unit, valid_max, ceiling):
    parameters = {} if valid_max is None else {"valid_max": valid_max}
    nodes = [
        replace(node, unit=unit, parameters=parameters) if node.code == "R" else node for node in scope.framework.nodes
    ]
    changed = replace(scope, framework=replace(scope.framework, nodes=tuple(nodes)))
    view = build_view(rows(*ratio(5, 10)), changed)
    assert view["numerator_ceiling"].iloc[0] == pytest.approx(ceiling, nan_ok=True)
