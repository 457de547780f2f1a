"""Decide: what was shown is published, published without some agencies, or rejected."""

from collections.abc import Collection, Sequence

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.scoring.exclude import without
from warehouse.decisions import Decision, decide
from warehouse.earlier import scores
from warehouse.engine import connect
from warehouse.errors import AgencyError, DecisionRefused
from warehouse.locks import round_lock
from warehouse.runs import blocked
from warehouse.settings import get_settings
from warehouse.vintages import Vintage


def agency_ids(shown: Vintage, names: Sequence[str]) -> tuple[str, ...]:
    """Ids of the agencies that are named, each once.

    Args:
        shown: The vintage that ranks them.
        names: Names, codes or ids in any spelling; empty ones count for nothing.

    Raises:
        AgencyError: A name stands for no agency that the vintage has scores of.
    """
    written = [name.strip() for name in names if name.strip()]
    if not written:
        return ()
    scored = set(scores(connect(get_settings().url), shown)["agency"])
    return tuple(dict.fromkeys(_resolve(name, scored, shown) for name in written))


def _resolve(name: str, scored: Collection[str], shown: Vintage) -> str:
    if name in scored:
        return name
    what = f"{shown.framework} {shown.period} has no scores of an agency {name!r}."
    try:
        found = Registry.bundled().resolve(name, at=period_end(shown.period)).agency_id
    except AgencyError as error:
        raise AgencyError(what, error.hint) from error
    if found not in scored:
        raise AgencyError(what, "Name one that the league table has.")
    return found


def carry_out(shown: Vintage, decision: Decision, run_id: str) -> Vintage:
    """Carry out a decision on what was shown, alone with its framework and period; see `warehouse.decisions.decide`.

    Args:
        shown: The vintage as it was shown.
        decision: The decision.
        run_id: Run that showed it.

    Raises:
        DecisionRefused: The figures have changed since, or must not be published.
        RoundBusy: A run of the framework and period is at work.
        WarehouseError: The warehouse cannot be used.
    """
    engine = connect(get_settings().url)
    why_not = blocked(engine, shown.run_id) if decision.outcome != "rejected" else ""
    if why_not:
        raise DecisionRefused(
            f"This must not be published: {why_not}", "Mend corrections.yaml and run the round again."
        )
    left = None
    if decision.excluded:
        known = scores(engine, shown)
        if set(known["agency"]) <= set(decision.excluded):
            raise DecisionRefused("Nobody would be left in the ranking.", "Reject it instead.")
        left = without(known, decision.excluded)
    with round_lock(engine, shown.framework, shown.round, shown.period):
        return decide(engine, shown, decision, scores=left, run_id=run_id)


def sentence(decision: Decision, vintage: Vintage) -> str:
    """What was decided and by whom, in a sentence."""
    return f"{outcome_of(decision, vintage)} Decided by {decision.decided_by}."


def outcome_of(decision: Decision, vintage: Vintage) -> str:
    """What was decided, in a sentence that names nobody who decided: for messages and logs."""
    of = f"Vintage {vintage.vintage} of {vintage.framework} {vintage.period}"
    reason = f" Reason: {decision.reason}" if decision.reason else ""
    if decision.outcome == "rejected":
        return f"{of} was rejected; it stays provisional.{reason}"
    names = [_name(agency, vintage.period) for agency in decision.excluded]
    without_whom = f" without {', '.join(names)}" if names else ""
    return f"{of} was approved{without_whom}; it is published.{reason}"


def _name(agency: str, period: str) -> str:
    try:
        return Registry.bundled().by_id(agency, period_end(period)).full_name_vi
    except AgencyError:  # a framework of other units: their names are their ids
        return agency
