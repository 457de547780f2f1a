"""From what the checks found to accepted, doubted and quarantined rows, with the rules that weigh row against row."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from expectations.outcome import Check, Outcome, summarise
from expectations.quarantine import quarantine, warnings
from expectations.rule import Rule
from expectations.scope import Scope
from expectations.view import has_any
from warehouse.frames import OBSERVATION

UNIQUE, PARTNER = "observation_is_unique", "ratio_partner_refused"


def judge(
    candidates: pd.DataFrame, view: pd.DataFrame, checks: Sequence[Check], scope: Scope, rules: Sequence[Rule]
) -> Outcome:
    """Turn what the checks found into the outcome.

    Args:
        candidates: CANDIDATE rows.
        view: Their view (expectations/view.py).
        checks: What each rule found.
        scope: What the rows were held against.
        rules: The rules in declared order.

    Returns:
        The outcome, without Data Docs.
    """
    candidates = candidates.reset_index(drop=True)
    notices = {rule.name for rule in rules if not rule.refuses}
    found = {check.rule: check for check in checks if check.rule not in notices}
    if UNIQUE in found:
        found[UNIQUE] = keep_first_copies(view, found.values())
    if any(rule.name == PARTNER for rule in rules):
        found[PARTNER] = refuse_partners(candidates, view, found.values())
    refusing = [found[rule.name] for rule in rules if rule.name in found]
    broken = broken_rows(len(view), refusing)
    # What is refused anyway is not doubted as well.
    doubting = [replace(check, failed=check.failed[~broken[check.failed]]) for check in checks if check.rule in notices]
    crashed = [check.rule for check in (*refusing, *doubting) if check.crashed]
    kept = candidates.loc[~broken, list(OBSERVATION.columns)]
    return Outcome(
        accepted=OBSERVATION.empty() if crashed else kept.astype(OBSERVATION.columns).reset_index(drop=True),
        quarantined=quarantine(candidates, view, refusing, scope, rules),
        checks=summarise(rules, [*refusing, *doubting]),
        crashed=crashed,
        warnings=warnings(candidates, view, () if crashed else doubting, scope, rules),
    )


def broken_rows(count: int, checks: Iterable[Check]) -> np.ndarray:
    """Return for each of `count` rows whether it breaks any rule."""
    broken = np.zeros(count, dtype=bool)
    for check in checks:
        broken[check.failed] = True
    return broken


def keep_first_copies(view: pd.DataFrame, checks: Iterable[Check]) -> Check:
    """Return what `observation_is_unique` refuses, out of the rows that give a figure another row gives too.

    Where all of them give the same value the first is kept, or the first that breaks no other rule; where the values
    differ nobody can say which one is meant, and all are refused.

    Args:
        view: The view of the rows.
        checks: What each rule found; `observation_is_unique` names every row that is not alone.
    """
    by_rule = {check.rule: check for check in checks}
    unique = by_rule.pop(UNIQUE)
    rows = view.loc[np.sort(unique.failed), ["observation_key", "value"]]
    rows["broken"] = broken_rows(len(view), by_rule.values())[rows.index]
    agreed = rows.groupby("observation_key")["value"].transform("nunique") == 1
    first = rows[agreed].sort_values("broken", kind="stable").drop_duplicates("observation_key").index
    refused = rows.index.difference(first).to_numpy()
    return Check(rule=UNIQUE, rows_checked=unique.rows_checked, failed=refused, crashed=unique.crashed)


def refuse_partners(candidates: pd.DataFrame, view: pd.DataFrame, checks: Iterable[Check]) -> Check:
    """Return the parts of ratios that are sound but of no use, since the other part is there and refused.

    Args:
        candidates: CANDIDATE rows.
        view: Their view.
        checks: What all other rules found.
    """
    broken = broken_rows(len(view), checks)
    useless = np.zeros(len(view), dtype=bool)
    for part, other in (("a", "b"), ("b", "a")):
        is_other = candidates["part"] == other
        lost = has_any(view["ratio"], is_other & broken) & ~has_any(view["ratio"], is_other & ~broken)
        useless |= (candidates["part"] == part).to_numpy() & lost
    return Check(rule=PARTNER, rows_checked=int((view["ratio"] >= 0).sum()), failed=np.flatnonzero(useless & ~broken))
