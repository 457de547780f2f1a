"""The quarantine: one row per refused row and rule, with the reason in both languages."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from expectations.outcome import NO_ROWS, Check
from expectations.reasons import EN, TOLD, VI, reason
from expectations.rules import Rule
from expectations.scope import Scope
from warehouse.frames import QUARANTINE


def quarantine(
    candidates: pd.DataFrame, view: pd.DataFrame, checks: Sequence[Check], scope: Scope, rules: Sequence[Rule]
) -> pd.DataFrame:
    """Return what is refused and why.

    Args:
        candidates: CANDIDATE rows, numbered from 0.
        view: Their view (expectations/view.py).
        checks: What each rule found.
        scope: What the rows were held against.
        rules: The rules in declared order.

    Returns:
        QUARANTINE rows in the order of the candidates, of one candidate in the declared order of the rules. Where item or unit
        is not known it stands as written.
    """
    order = {rule.name: number for number, rule in enumerate(rules)}
    refused = pd.DataFrame(
        {
            "row": np.concatenate([NO_ROWS, *(check.failed for check in checks)]),
            "rule": np.repeat([order[check.rule] for check in checks], [len(check.failed) for check in checks]),
        }
    ).sort_values(["row", "rule"])
    rows = candidates.loc[refused["row"]].assign(
        framework=scope.framework.name,
        round=scope.round_name,
        period=scope.period,
        rule=[rules[number].name for number in refused["rule"]],
    )
    told = _told(rows, candidates, view).to_dict("records")
    for language in (VI, EN):
        rows[f"reason_{language}"] = [
            reason(rules[number], row, language) for number, row in zip(refused["rule"], told, strict=True)
        ]
    for column in ("item", "unit"):
        rows[column] = rows[column].where(rows[column] != "", rows[f"{column}_text"])
    return QUARANTINE.conform(rows)


def _told(rows: pd.DataFrame, candidates: pd.DataFrame, view: pd.DataFrame) -> pd.DataFrame:
    """The refused rows with what reasons refer to beside their own figures."""
    told = rows[list(TOLD)].copy()
    told["item_evidence"] = view["item_evidence"].loc[rows.index]
    told["period_stated"] = view["period_stated"].loc[rows.index].astype(object)
    keys = view["observation_key"]
    repeated = keys.duplicated(keep=False) & keys.isin(keys.loc[rows.index].dropna())
    given = (candidates["value_text"] + " (" + candidates["locator"] + ")")[repeated].groupby(keys[repeated]).agg(list)
    told["given"] = keys.loc[rows.index].map(given)
    return told
