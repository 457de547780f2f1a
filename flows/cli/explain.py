"""`dti explain`: the way from a score to the bytes."""

import json
from typing import Any

import pandas as pd
from cyclopts import App
from rich.markup import escape
from rich.tree import Tree

from flows.cli.output import console
from flows.labels import KIND_LABELS
from tasks.scoring.explain import Explained, Row, explain, how
from tasks.scoring.rounding import round_half_up
from tasks.snapshots.store import SnapshotStore
from warehouse.frames import is_missing
from warehouse.settings import get_settings

app = App(
    name="explain", help="Follow a score node by node to the measurement, the observation, and the bytes it came from."
)


@app.default
def explain_score(
    *,
    framework: str,
    period: str,
    agency: str,
    node: str | None = None,
    round: str | None = None,
    depth: int | None = None,
) -> None:
    """Show what made a score; every snapshot on the way is read again and its sha256 verified.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        agency: Any spelling of the agency, or its code.
        node: Node to start from, e.g. CQS.1; left out: the whole index.
        round: Name of the round; left out: as `dti rank` chooses.
        depth: Show only so many levels below the node.
    """
    from tasks.harmonise.agencies import Registry
    from tasks.harmonise.periods import period_end
    from warehouse import queries
    from warehouse.engine import connect
    from warehouse.frameworks.loader import load_framework

    loaded = load_framework(framework)
    kinds = loaded.description.population or None
    who = Registry.bundled().resolve(agency, at=period_end(period), kinds=kinds)
    engine = connect(get_settings().url)
    chosen = queries.choose_vintage(engine, loaded.name, period, round)
    measurements = queries.measurements(engine, chosen, who.agency_id)
    ids = [identity for text in measurements["observation_ids"] for identity in json.loads(text or "[]")]
    observations = queries.observations_by_id(engine, ids)
    cards = queries.snapshot_cards(engine, sorted(set(observations["snapshot_sha256"])))
    scores = queries.score_tree(engine, chosen, who.agency_id)
    refused = queries.quarantine(engine, loaded.name, period, chosen.round)
    refused = refused[refused["agency"] == who.agency_id]
    found = explain(loaded, scores, measurements, observations, cards, loaded.node(node).code, refused)
    screen = console()
    screen.print(f"{escape(who.full_name_vi)}, {escape(loaded.description.title_vi)}, {period}")
    screen.print(
        f"round {escape(chosen.round)}, vintage {chosen.vintage} ({chosen.state}). {KIND_LABELS[chosen.kind]}\n"
    )
    verified = _verify(cards)
    screen.print(_tree(found, verified, depth), soft_wrap=True)
    screen.print(f"\n{len(verified)} snapshots read again; every sha256 is as recorded.")


def _verify(cards: pd.DataFrame) -> set[str]:
    """Read the bytes behind the score again; an altered or missing snapshot is an error."""
    store = SnapshotStore(get_settings().snapshots)
    digests = set(cards["sha256"])
    for sha256 in digests:
        store.get(sha256)
    return digests


def _tree(found: Explained, verified: set[str], depth: int | None) -> Tree:
    tree = Tree(_headline(found))
    if found.measurement is not None:
        for line in _evidence(found, verified):
            tree.add(line)
    for row in found.refused:
        tree.add(escape(f"refused: {row['reason_en']} ({row['locator']} of {row['origin']})"))
    if depth is None or depth > 0:
        for child in found.children:
            tree.children.append(_tree(child, verified, None if depth is None else depth - 1))
    return tree


def _headline(found: Explained) -> str:
    node = found.node
    mark = " [dim](reconstructed)[/dim]" if node.status == "reconstructed" else ""
    return f"{node.code} {escape(node.name)}{mark}{_points(found)}{_place(found.score)}; {escape(how(found))}"


def _points(found: Explained) -> str:
    score = found.score
    if is_missing(score["points"]):
        return ""
    share = round_half_up(score["share"], 4)
    return f": [bold]{score['points']:.6g}[/bold] of {found.node.max_points:g} points, share {share}"


def _place(score: Row) -> str:
    place = "" if is_missing(score["rank"]) else f", rank {score['rank']}"
    if score["group"] and not is_missing(score["group_rank"]):
        place += f" ({score['group_rank']} in {score['group']})"
    return place


def _evidence(found: Explained, verified: set[str]) -> list[str]:
    row: Any = found.measurement
    error = f", standard error {row['standard_error']:.4g}" if row["standard_error"] else ""
    count = "" if is_missing(row["n"]) else f", n {row['n']}"
    lines = [escape(f"measurement {row['value']:.10g} by {row['method']}, {row['stage']}{error}{count}")]
    for observation in found.observations:
        sha256 = observation["snapshot_sha256"]
        lines.append(escape(_observation(observation)))
        lines.append(f"[dim]sha256 {sha256}{' verified' if sha256 in verified else ''}[/dim]")
    return lines


def _observation(row: Row) -> str:
    part = "" if row["part"] == "value" else f"{row['part']} = "
    unit = f" {row['unit']}" if row["unit"] else ""
    origin = ", ".join(sorted({card["origin"] for card in row["cards"]}))
    written = row["value_text"].removeprefix("=")
    text = f"observation {part}{row['value']:.10g}{unit}, written {written!r} at {row['locator']} of {origin}"
    text += f"; evidence: {row['evidence_text']}" if row["evidence_text"] else ""
    return text + (f"; declared correction {row['correction']}" if row["correction"] else "")
