"""Running a suite over rows with Great Expectations."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import great_expectations as gx
import numpy as np
import pandas as pd
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from expectations.docs import write_docs
from expectations.judge import judge
from expectations.outcome import Check, Outcome, nothing_to_judge, refused
from expectations.rule import Rule
from expectations.rules import RULES
from expectations.scope import Scope
from expectations.shape import check_shape
from expectations.suites import derive_suite
from expectations.view import build_view
from warehouse.errors import BatchRefused
from warehouse.frames import HISTORY
from warehouse.frameworks.checks import NO_CHECKS, ChecksDeclaration
from warehouse.frameworks.model import Framework

# The number of every failing row and nothing else: values cost time and could carry what people wrote into the reports.
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}


def validate(
    candidates: pd.DataFrame,
    framework: Framework,
    *,
    round_name: str,
    period: str,
    ranked_agencies: Collection[str] | None = None,
    data_docs: Path | None = None,
    rules: Sequence[Rule] = RULES,
    may_be_empty: bool = False,
    checks: ChecksDeclaration = NO_CHECKS,
    history: pd.DataFrame | None = None,
) -> Outcome:
    """Judge every candidate row by the named rules.

    Args:
        candidates: CANDIDATE rows, grain agency x item x part x period x stage x source row; superseded rows included.
        framework: The framework whose nodes the items are.
        round_name: Name of the round.
        period: Period of the round.
        ranked_agencies: Ids of the agencies that the framework ranks at the period; None where it ranks any unit.
        data_docs: Folder for the validation reports; None writes none.
        rules: The rules, in the order in which reasons are given.
        may_be_empty: Whether the round has evidence of another kind, so that no row is no fault.
        checks: What the framework declares in `checks.yaml`.
        history: HISTORY rows of earlier months; None: none are known.

    Returns:
        The outcome. Rows that fail `check_shape` are refused as a whole, in `batch_refusals`; where a check crashed,
        nothing is accepted.
    """
    if candidates.empty and may_be_empty:
        return nothing_to_judge()
    try:
        check_shape(candidates)
    except BatchRefused as refusal:
        return refused(refusal)
    ranked = None if ranked_agencies is None else tuple(sorted(ranked_agencies))
    scope = Scope(
        framework=framework,
        round_name=round_name,
        period=period,
        ranked=ranked,
        checks=checks,
        history=HISTORY.empty() if history is None else HISTORY.conform(history),
        precedence=tuple(getattr(framework.description, "precedence", ())),
    )
    view = build_view(candidates, scope)
    result = run_suite(view, derive_suite(scope, rules))
    outcome = judge(candidates, view, checks_of(result), scope, rules)
    if data_docs is not None:
        outcome.data_docs_index = write_docs(result, outcome, scope, data_docs)
    return outcome


def run_suite(view: pd.DataFrame, suite: Any) -> Any:
    """Run a suite over a frame.

    Args:
        view: The rows, numbered from 0.
        suite: A Great Expectations `ExpectationSuite`.

    Returns:
        The `ExpectationSuiteValidationResult`, with the number of every row that fails and what an expectation raised.
    """
    # All in memory, and no site of its own: a validation needs no disk.
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), progress_bars=ProgressBarsConfig(globally=False)
    )
    context = gx.get_context(project_config=config, mode="ephemeral")
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("candidates")
    batch = asset.add_batch_definition_whole_dataframe("round").get_batch({"dataframe": view})
    return batch.validate(suite, result_format=RESULT_FORMAT)


def checks_of(result: Any) -> list[Check]:
    """Return what each expectation of a suite result found."""
    return [_check(one) for one in result.results]


def _check(result: Any) -> Check:
    rule = str(result.expectation_config.meta["rule"])
    raised = _exceptions(result.exception_info)
    if raised:
        return Check(rule=rule, crashed="; ".join(raised))
    found = result.result
    rows = np.asarray(found.get("unexpected_index_list") or [], dtype=np.int64)
    if len(rows) != found["unexpected_count"]:
        return Check(rule=rule, crashed=f"{found['unexpected_count']} rows fail, but {len(rows)} are named")
    return Check(rule=rule, rows_checked=found["element_count"] - (found.get("missing_count") or 0), failed=rows)


def _exceptions(info: Mapping[str, Any]) -> list[str]:
    """Messages of what was raised: GX reports one exception, or several by the metric that raised them."""
    several = [info] if "raised_exception" in info else info.values()
    return [str(one["exception_message"]) for one in several if one["raised_exception"]]
