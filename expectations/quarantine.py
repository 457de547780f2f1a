"""The quarantine and the warnings: one row per refused or doubted row and rule, with the reason in both languages."""

from collections.abc import Sequence

import pandas as pd

from expectations.outcome import Check
from expectations.reasons import EN, VI, fields_of, reasons
from expectations.rule import Rule
from expectations.scope import Scope
from warehouse.frames import CANDIDATE, QUARANTINE, WARNING, Frame

# Neither shown in the quarantine nor told in a reason: a round of nothing but faults must fit the memory too.
_ELSEWHERE = {"evidence_text", "form_version", "submitted_on", "correction", "superseded_by"}
# Columns of the view that reasons tell of; those of the framework's own checks are there where it declares some.
_COMPARED = (
    *("item_evidence", "period_stated", "item_sum", "item_limit", "sum_codes", "limit_codes", "previous_value"),
    *("previous_period", "jump_factor", "months_unchanged", "other_value", "other_source"),
)
_KEPT = tuple(name for name in CANDIDATE.columns if name not in _ELSEWHERE)


def quarantine(
    candidates: pd.DataFrame, view: pd.DataFrame, checks: Sequence[Check], scope: Scope, rules: Sequence[Rule]
) -> pd.DataFrame:
    """Return what is refused and why.

    Args:
        candidates: CANDIDATE rows, numbered from 0.
        view: Their view (expectations/view.py).
        checks: What each rule found, in the declared order of the rules.
        scope: What the rows were held against.
        rules: The rules.

    Returns:
        QUARANTINE rows in the order of the candidates, of one candidate in the declared order of the rules. Where item
        or unit is not known it stands as written.
    """
    return _listed(QUARANTINE, candidates, view, checks, scope, rules)


def warnings(
    candidates: pd.DataFrame, view: pd.DataFrame, checks: Sequence[Check], scope: Scope, rules: Sequence[Rule]
) -> pd.DataFrame:
    """Return what is accepted and doubted, and why.

    Args:
        candidates: CANDIDATE rows, numbered from 0.
        view: Their view (expectations/view.py).
        checks: What each rule that refuses nothing found among the accepted rows, in the declared order of the rules.
        scope: What the rows were held against.
        rules: The rules.

    Returns:
        WARNING rows, in the order that `quarantine` has.
    """
    return _listed(WARNING, candidates, view, checks, scope, rules)


def _listed(
    frame: Frame,
    candidates: pd.DataFrame,
    view: pd.DataFrame,
    checks: Sequence[Check],
    scope: Scope,
    rules: Sequence[Rule],
) -> pd.DataFrame:
    named = {rule.name: rule for rule in rules}
    found = [_broken(frame, named[check.rule], check, candidates, view, scope) for check in checks if len(check.failed)]
    return pd.concat([frame.empty(), *found]).sort_index(kind="stable").reset_index(drop=True)


def _broken(
    frame: Frame, rule: Rule, check: Check, candidates: pd.DataFrame, view: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    """The rows that break one rule, numbered as the candidates are."""
    rows = candidates.loc[check.failed, list(_KEPT)].assign(
        framework=scope.framework.name, round=scope.round_name, period=scope.period, rule=rule.name
    )
    for column in view.columns.intersection(list(_COMPARED)):
        rows[column] = view[column].loc[rows.index]
    rows["period_stated"] = rows["period_stated"].astype("str")
    if "given" in fields_of(rule.reason_vi):
        rows["given"] = _given(rows, candidates, view)
    for language in (VI, EN):
        rows[f"reason_{language}"] = pd.Series(reasons(rule, rows, language), index=rows.index, dtype="str")
    for column in ("item", "unit"):
        rows[column] = rows[column].where(rows[column] != "", rows[f"{column}_text"])
    return rows[list(frame.columns)].astype(frame.columns)


def _given(rows: pd.DataFrame, candidates: pd.DataFrame, view: pd.DataFrame) -> pd.Series:
    """What all rows that give the same figure as a refused row give, and where: `[("85", "line 7"), ...]`."""
    keys = view["observation_key"]
    repeated = keys.duplicated(keep=False) & keys.isin(keys.loc[rows.index].dropna())
    given = candidates.loc[repeated, ["value_text", "locator"]]
    texts = pd.Series(list(given.itertuples(index=False, name=None)), index=given.index, dtype=object)
    return keys.loc[rows.index].map(texts.groupby(keys[repeated]).agg(list))
