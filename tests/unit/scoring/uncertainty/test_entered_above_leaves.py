"""Values that were entered at inner nodes, such as published totals, go through every draw as they are."""

import pandas as pd
import pytest

from tasks.scoring.engine import score
from tasks.scoring.uncertainty.intervals import rank_uncertainty
from warehouse.frames import ERROR_FACTOR, MEASUREMENT, SCORE
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.uncertainty import load_uncertainty

SCOPE = {"round": "test", "period": "2020", "stage": "final"}


@pytest.mark.parametrize(
    ("name", "node", "draws"), [("it_application_2019", "CSUD", 300), ("province_2020", "CQS", 300)]
)
def test_entered_value__without_an_error__keeps_its_rank_in_every_draw(name, node, draws):
    framework = load_framework(name)
    rows = [{"agency": f"unit-{number:02d}", "node": node, "value": number / 40} for number in range(1, 30)]
    measured = MEASUREMENT.conform(pd.DataFrame(rows).assign(framework=name, standard_error=0.0, **SCOPE))
    scores = SCORE.conform(score(framework, measured, groups={}).assign(framework=name, round="test"))
    uncertainty = load_uncertainty(framework.folder, ("weights",))
    found = rank_uncertainty(
        framework, measured, ERROR_FACTOR.empty(), scores, uncertainty, families={}, draws=draws, seed=1
    )
    of_node = found.intervals[found.intervals["node"] == framework.headline_node.code]
    assert len(of_node) == 29
    if node == framework.headline_node.code:  # nothing that is drawn reaches it: no interval, rather than a sure one
        assert "simulated_low" not in of_node or of_node["simulated_low"].isna().all()
    else:
        assert (of_node["simulated_low"] == of_node["rank"]).all()
        assert (of_node["simulated_high"] == of_node["rank"]).all()
