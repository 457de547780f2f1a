"""Decide: what was shown is published, published without some agencies, or rejected."""

import json
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from tasks.harmonise.agencies import Registry
from tasks.harmonise.mergers import resolve_scored
from tasks.harmonise.periods import period_end
from tasks.ranks import Draws, ranks_of
from tasks.scoring.exclude import without
from tasks.workspace import Workspace
from warehouse.decisions import Decision, decide
from warehouse.earlier import scores
from warehouse.engine import connect
from warehouse.errors import AgencyError, DecisionRefused, InputError
from warehouse.frames import MEASUREMENT, SCORE, SIMULATION
from warehouse.frameworks.loader import load_framework
from warehouse.locks import round_lock
from warehouse.runs import blocked
from warehouse.settings import get_settings
from warehouse.simulations import RankFrames
from warehouse.vintages import Vintage, content_digest


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
        found = resolve_scored(load_framework(shown.framework), name, shown.period).agency_id
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
    left, ranks = None, None
    with round_lock(engine, shown.framework, shown.round, shown.period):
        if decision.excluded:
            known = scores(engine, shown)
            if set(known["agency"]) <= set(decision.excluded):
                raise DecisionRefused("Nobody would be left in the ranking.", "Reject it instead.")
            left = without(known, decision.excluded)
            ranks = ranks_without(shown, left)
        return decide(engine, shown, decision, scores=left, ranks=ranks, run_id=run_id)


def ranks_without(shown: Vintage, left: pd.DataFrame) -> RankFrames | None:
    """How sure the ranks are among those who are left, drawn as they were for the vintage that was shown.

    Args:
        shown: The vintage as it was shown.
        left: Its SCORE rows without the ranks of who is left out.

    Returns:
        None where nothing was drawn, or where the frames of the round in the lake are not those of the vintage any
        more: it then has no intervals rather than those of another ranking.
    """
    framework = load_framework(shown.framework)
    work = Workspace.of(get_settings().lake, shown.framework, shown.period, shown.round)
    try:
        measured, scored = work.read(MEASUREMENT), work.read(SCORE)
        about = work.read(SIMULATION)
    except InputError:
        return None
    if about.empty or content_digest(framework.digest, measured, scored) != shown.digest:
        return None
    row = about.iloc[0]
    drawn = Draws(draws=int(row["draws"]), seed=int(row["seed"]), perturb=_asked(row))
    return ranks_of(framework, shown.period, work, left, drawn)


def _asked(simulation: "pd.Series[Any]") -> tuple[str, ...]:
    """What was asked to be drawn; empty: what uncertainty.yaml says.

    Not what was drawn: of what was asked for, nothing may have been there to draw.
    """
    settings = json.loads(simulation["settings"])
    return tuple(settings.get("perturb", json.loads(simulation["drawn"])))


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
    found = Registry.bundled().known_at(agency, period_end(period))
    return found.full_name_vi if found else agency  # a framework of other units: their names are their ids
