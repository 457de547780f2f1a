"""Decide: what was shown is published, published without some agencies, or rejected."""

from collections.abc import Sequence

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.job import Job
from tasks.scoring.exclude import without
from warehouse.decisions import Decision, decide
from warehouse.earlier import scores
from warehouse.engine import connect
from warehouse.errors import AgencyError
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings
from warehouse.vintages import Vintage


def excluded_ids(job: Job, names: Sequence[str]) -> tuple[str, ...]:
    """Ids of the agencies that are named, each once.

    Args:
        job: The round at hand.
        names: Names or codes in any spelling; empty ones count for nothing.

    Raises:
        AgencyError: A name stands for no agency that the framework ranks.
    """
    return agency_ids(job.loaded_framework, job.period, names)


def agency_ids(framework: Framework, period: str, names: Sequence[str]) -> tuple[str, ...]:
    """Ids of agencies as a framework knows them at a period; see `excluded_ids`."""
    written = [name.strip() for name in names if name.strip()]
    if framework.description.population:
        written = [_resolve(name, framework, period) for name in written]
    return tuple(dict.fromkeys(written))


def _resolve(name: str, framework: Framework, period: str) -> str:
    registry, at = Registry.bundled(), period_end(period)
    kinds = framework.description.population
    ids = {agency.agency_id for agency in registry.valid_at(at, kinds)}
    if name in ids:
        return name
    try:
        return registry.resolve(name, at=at, kinds=kinds).agency_id
    except AgencyError as error:
        raise AgencyError(f"{framework.name} {period} ranks no agency {name!r}.", error.hint) from error


def carry_out(shown: Vintage, decision: Decision, run_id: str) -> Vintage:
    """Carry out a decision on what was shown; see `warehouse.decisions.decide`.

    Args:
        shown: The vintage as it was shown.
        decision: The decision.
        run_id: Run that showed it.

    Raises:
        DecisionRefused: The figures have changed since.
        WarehouseError: The warehouse cannot be used.
    """
    engine = connect(get_settings().url)
    left = without(scores(engine, shown), decision.excluded) if decision.excluded else None
    return decide(engine, shown, decision, scores=left, run_id=run_id)


def sentence(decision: Decision, vintage: Vintage) -> str:
    """What was decided, in a sentence."""
    of = f"vintage {vintage.vintage} of {vintage.framework} {vintage.period}"
    reason = f" Reason: {decision.reason}" if decision.reason else ""
    if decision.outcome == "rejected":
        return f"{decision.decided_by} rejected {of}; it stays provisional.{reason}"
    names = [_name(agency, vintage.period) for agency in decision.excluded]
    without = f" without {', '.join(names)}" if names else ""
    return f"{decision.decided_by} approved {of}{without}; it is published.{reason}"


def _name(agency: str, period: str) -> str:
    try:
        return Registry.bundled().by_id(agency, period_end(period)).full_name_vi
    except AgencyError:  # a framework of other units: their names are their ids
        return agency
