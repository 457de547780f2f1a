"""`dti explain`: the way from a score to the bytes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import pandas as pd
from cyclopts import App
from rich.markup import escape

from flows.certainty import BEST, sentences
from flows.cli.explanation import draw
from flows.cli.numbers import number
from flows.cli.output import console
from flows.labels import KIND_LABELS, counted
from flows.printed import among_printed
from tasks.harmonise.agencies import Registry
from tasks.harmonise.mergers import families_of, resolve_scored
from tasks.harmonise.periods import period_end
from tasks.harmonise.registries import full_unit_name
from tasks.scoring.explain import Explained, Predecessor, explain
from tasks.snapshots.store import SnapshotStore
from warehouse.errors import WarehouseError
from warehouse.frames import records
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework, Node
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from warehouse.engine import Engine
    from warehouse.vintages import Vintage

app = App(name="explain", help="Follow a score node by node to the measurement, the observation, and its bytes.")


@app.default
def explain_score(
    *,
    framework: str,
    period: str,
    agency: str,
    node: str | None = None,
    round: str | None = None,
    depth: Annotated[int | None, number(0)] = None,
) -> None:
    """Show what made a score; every snapshot on the way is read again and its sha256 verified.

    Args:
        framework: Name of the framework, or its folder.
        period: Period that was measured.
        agency: Any spelling of the agency, or its code; after a merger the names are those of the agencies that are
            ranked, and then those of their predecessors.
        node: Node to start from, e.g. CQS.1; left out: the whole index, with how sure the rank by the headline is.
        round: Name of the round; left out: as `dti rank` chooses.
        depth: Show only so many levels below the node.
    """
    from warehouse.engine import connect
    from warehouse.queries import choose_vintage, ranked_counts

    loaded = load_framework(framework)
    who = resolve_scored(loaded, agency, period)
    engine = connect(get_settings().url)
    chosen = choose_vintage(engine, loaded.name, period, round)
    found, digests = _find(engine, chosen, loaded, who.agency_id, loaded.node(node).code)
    screen = console()
    screen.print(f"{escape(who.full_name_vi)}, {escape(loaded.description.title_vi)}, {period}")
    screen.print(f"round {escape(chosen.round)}, vintage {chosen.vintage} ({chosen.state}). {KIND_LABELS[chosen.kind]}")
    if chosen.framework_digest != loaded.digest:
        screen.print(
            "[yellow]The framework has changed since this vintage: rules and names are those of today.[/yellow]"
        )
    _verify(digests)
    for line in _certainty(engine, chosen, loaded, who.agency_id, loaded.node(node) if node else loaded.headline_node):
        screen.print(f"[cyan]{escape(line)}[/cyan]")
    screen.print()
    screen.print(draw(found, depth, ranked_counts(engine, chosen), digests))
    screen.print(f"\n{counted(len(digests), 'snapshot')} read again; every sha256 is as recorded.")


def _certainty(engine: "Engine", chosen: "Vintage", framework: Framework, agency: str, node: Node) -> list[str]:
    """How sure the rank by a node is, in sentences; none where no draws were made."""
    from warehouse.queries import league_table
    from warehouse.ranks import rank_effects, rank_intervals

    found = rank_intervals(engine, chosen, node.code)
    sizes = found["ranked_in"].value_counts()
    own = found[(found["agency"] == agency) & (found["ranked_in"].map(sizes) > 1)].sort_values("ranked_in")
    if own.empty:
        return []
    effects = rank_effects(engine, chosen, node.code, agency)
    scores = league_table(engine, chosen, node.code)
    partial = among_printed(framework, chosen.period, chosen.kind, scores)
    by = "" if node.code == framework.root.code else f"{node.code} {node.name}"
    said = [
        line
        for row in records(own)
        for line in sentences(
            row,
            effects[effects["ranked_in"] == row["ranked_in"]],
            row["ranked_in"],
            has_best=not partial and sizes[row["ranked_in"]] > BEST,
            by=by,
        )
    ]
    return [*said, partial] if partial else said


@dataclass(frozen=True)
class _Evidence:
    """What the warehouse knows of the scores of one agency: the arguments of `tasks.scoring.explain.explain`."""

    scores: pd.DataFrame
    measured: pd.DataFrame
    observed: pd.DataFrame
    cards: pd.DataFrame
    refused: pd.DataFrame
    digests: set[str]

    @classmethod
    def of(cls, engine: "Engine", chosen: "Vintage", agency: str) -> "_Evidence":
        from warehouse import queries

        measured = queries.measurements(engine, chosen, agency, all_stages=True)
        ids = [identity for text in measured["observation_ids"] for identity in json.loads(text or "[]")]
        observed = queries.observations_by_id(engine, ids)
        digests = set(observed["snapshot_sha256"])
        digests |= {sha256 for text in measured["snapshots"] for sha256 in json.loads(text or "[]")}
        cards = queries.snapshot_cards(engine, digests)
        refused = queries.quarantine(engine, chosen.framework, chosen.period, chosen.round)
        return cls(
            scores=queries.score_tree(engine, chosen, agency),
            measured=measured,
            observed=observed,
            cards=cards[(cards["round"] == chosen.round) & (cards["period"] == chosen.period)],
            refused=refused[refused["agency"] == agency],
            digests=digests,
        )

    def explained(self, framework: Framework, node: str, merged: Sequence[Predecessor] = ()) -> Explained:
        frames = (self.scores, self.measured, self.observed, self.cards)
        return explain(framework, *frames, node, self.refused, merged)

    def of_node(self, framework: Framework, node: str) -> Explained | None:
        return self.explained(framework, node) if node in set(self.scores["node"]) else None


def _find(
    engine: "Engine", chosen: "Vintage", framework: Framework, agency: str, node: str
) -> tuple[Explained, set[str]]:
    """Put together what the warehouse knows of the score, and the digests of the snapshots behind it."""
    own = _Evidence.of(engine, chosen, agency)
    if own.scores.empty:
        raise _not_ranked(engine, chosen, framework, agency)
    family = families_of(framework, chosen.period).get(agency, ())
    behind = {one: _Evidence.of(engine, chosen, one) for one in family}
    registry, at = Registry.bundled(), period_end(chosen.period)
    merged = [(registry.name_of(one, at), partial(found.of_node, framework)) for one, found in behind.items()]
    digests = own.digests.union(*(found.digests for found in behind.values()))
    return own.explained(framework, node, merged), digests


def _not_ranked(engine: "Engine", chosen: "Vintage", framework: Framework, agency: str) -> WarehouseError:
    """Say that an agency has no score, and why."""
    from warehouse import queries

    name = full_unit_name(framework.description, agency, chosen.period)
    why = _why_unscored(engine, chosen, agency)
    others = [other for other in queries.rounds(engine, chosen.framework, chosen.period) if other != chosen.round]
    hint = f"Other rounds: {', '.join(others)} (--round). " if others else ""
    return WarehouseError(
        f"{name} is not ranked in round {chosen.round}: {why.rstrip('.')}.",
        f"{hint}`dti quarantine files --round {chosen.round}` lists what came.",
    )


def _why_unscored(engine: "Engine", chosen: "Vintage", agency: str) -> str:
    """Why an agency has no score: as the framework or a decision says, else what became of what it sent."""
    from warehouse import queries
    from warehouse.decisions import exclusions

    left_out = exclusions(engine, chosen).set_index("agency")["reason"]
    if agency in left_out.index:
        return str(left_out[agency])
    batches = queries.batches(engine, chosen.framework, chosen.period, chosen.round)
    refused = batches[(batches["outcome"] == "refused") & batches["origin"].str.contains(agency, regex=False)]
    if not refused.empty:
        return f"{refused.iloc[0]['origin']} was refused: {refused.iloc[0]['message']}"
    if not batches[batches["agency"] == agency].empty:
        return "nothing of its return was accepted"
    if chosen.kind == "press":
        return "its figures were not printed"
    if "agency_report" in set(batches["source"]):
        return "no readable return of it came"
    return "no figure of it came"


def _verify(digests: set[str]) -> None:
    """Read the bytes behind the score again; an altered or missing snapshot is an error."""
    store = SnapshotStore(get_settings().snapshots)
    for sha256 in digests:
        store.get(sha256)
