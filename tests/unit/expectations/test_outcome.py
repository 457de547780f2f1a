import numpy as np
import pandas as pd
import pytest

from expectations.outcome import Check, Outcome, refused, summarise
from expectations.rules import RULES
from warehouse.errors import BatchRefused
from warehouse.frames import OBSERVATION, QUARANTINE


def outcome(**parts):
    made = {"accepted": OBSERVATION.empty(), "quarantined": QUARANTINE.empty(), "checks": summarise([], []), **parts}
    return Outcome(**made)


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ({}, "accepted"),
        ({"quarantined": pd.DataFrame({"rule": ["value_is_a_number"]})}, "quarantined"),
        ({"batch_refusals": ["no row"]}, "refused"),
        ({"crashed": ["item_is_known"], "quarantined": pd.DataFrame({"rule": ["x"]})}, "check_failed"),
    ],
)
def test_verdict__each_of_the_four(parts, verdict):
    assert outcome(**parts).verdict == verdict


def test_refused__batch__has_the_sentence_and_no_rows():
    result = refused(BatchRefused("The rows lack the column item.", "Give it."))
    assert result.batch_refusals == ["The rows lack the column item. Give it."]
    assert (len(result.accepted), len(result.quarantined), len(result.checks)) == (0, 0, 0)


def test_summarise__checks__in_declared_order_with_status_and_message():
    checks = [
        Check("item_is_known", rows_checked=3, failed=np.array([1])),
        Check("agency_is_known", rows_checked=3),
        Check("stage_is_known", crashed="no such column"),
    ]
    table = summarise(RULES, checks)
    assert table["severity"].tolist() == ["critical"] * 3
    assert table[["rule", "rows_checked", "rows_failed", "status", "message"]].to_numpy().tolist() == [
        ["agency_is_known", 3, 0, "passed", ""],
        ["item_is_known", 3, 1, "failed", "1 of 3 rows"],
        ["stage_is_known", 0, 0, "crashed", "no such column"],
    ]
