"""How `dti explain` draws the way from a score to the bytes."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rich.markup import escape as escape_markup
from rich.tree import Tree

from flows.labels import counted, printable
from tasks.scoring.explain import Explained, Row, how
from tasks.scoring.rounding import round_half_up
from warehouse.frames import as_written, is_missing

_PAGES = 2  # shown of an estimate


def draw(found: Explained, depth: int | None, counts: Mapping[str, int], verified: Collection[str]) -> Tree:
    """Draw the way from a score to its bytes.

    Args:
        found: The node to start from.
        depth: Number of levels below it; None for all.
        counts: Number of ranked agencies by node code.
        verified: Digests of the snapshots that were read again.
    """
    tree = Tree(_headline(found, counts))
    below = None if depth is None else depth - 1
    for row in found.earlier:
        tree.add(escape(_earlier(row)))
    if found.measurement is not None:
        for line in _evidence(found, verified):
            tree.add(line)
    for row in found.refused:
        tree.add(escape(f"refused: {row['reason_en']} ({row['locator']} of {row['origin']})"))
    if depth is None or depth > 0:
        for child in found.children:
            tree.children.append(draw(child, below, counts, verified))
        for name, predecessor in found.predecessors:
            tree.add(f"[bold]{escape(name)}[/bold]").children.append(draw(predecessor, below, counts, verified))
    return tree


def _headline(found: Explained, counts: Mapping[str, int]) -> str:
    node = found.node
    mark = " [dim](reconstructed)[/dim]" if node.status == "reconstructed" else ""
    return f"{node.code} {escape(node.name)}{mark}{_points(found)}{_place(found.score, counts)}; {escape(how(found))}"


def _points(found: Explained) -> str:
    score = found.score
    if is_missing(score["points"]):
        return ""
    share = round_half_up(score["share"], 4)
    return f": [bold]{score['points']:.6g}[/bold] of {found.node.max_points:g} points, share {share}"


def _place(score: Row, counts: Mapping[str, int]) -> str:
    place = "" if is_missing(score["rank"]) else f", rank {score['rank']} of {counts[score['node']]}"
    if score["group"] and not is_missing(score["group_rank"]):
        place += f" ({score['group_rank']} in {score['group']})"
    return place


def _earlier(row: Row) -> str:
    """What an earlier stage said, and why."""
    figure = f"{row['value']:.10g}" if is_missing(row["points"]) else f"{row['points']:g} points"
    reasons = [observation["note"] for observation in row["observations"] if observation["note"]]
    return f"{row['stage']}: {figure} by {row['method']}" + "".join(f"; reason: {reason}" for reason in reasons)


def _evidence(found: Explained, verified: Collection[str]) -> list[str]:
    row: Any = found.measurement
    error = "" if is_missing(row["standard_error"]) or not row["standard_error"] else row["standard_error"]
    error = f", standard error {error:.4g}" if error else ""
    count = "" if is_missing(row["n"]) else f", n {row['n']}"
    figure = f"{row['value']:.10g}" if is_missing(row["points"]) else f"{row['points']:g} points"
    lines = [escape(f"measurement {figure} by {row['method']}, {row['stage']}{error}{count}{_said(row['detail'])}")]
    lines += _details(row["detail"])
    lines += _pages(json.loads(row["snapshots"] or "[]"), verified)
    for observation in found.observations:
        sha256 = observation["snapshot_sha256"]
        lines.append(escape(_observation(observation)))
        lines.append(f"[dim]sha256 {sha256}{_mark(sha256, verified)}[/dim]")
    return lines


def _pages(sha256s: Sequence[str], verified: Collection[str]) -> list[str]:
    """The pages behind an estimate; of many the first ones stand for all."""
    lines = [f"[dim]sha256 {sha256}{_mark(sha256, verified)}[/dim]" for sha256 in sha256s[:_PAGES]]
    if len(sha256s) > _PAGES:
        good = sum(sha256 in verified for sha256 in sha256s)
        lines.append(f"[dim]and {counted(len(sha256s) - _PAGES, 'page')} more; {good} of {len(sha256s)} verified[/dim]")
    return lines


def _mark(sha256: str, verified: Collection[str]) -> str:
    return " verified" if sha256 in verified else ""


def _said(detail: str) -> str:
    """What an estimate says about itself, in brackets."""
    facts = json.loads(detail or "{}")
    shown = _shown(facts)
    return f" ({shown})" if shown else ""


def _details(detail: str) -> list[str]:
    """What an estimate says about its parts, a line each: the model, each channel."""
    lines = []
    for name, value in json.loads(detail or "{}").items():
        if not isinstance(value, dict):
            continue
        parts = value.items() if all(isinstance(one, dict) for one in value.values()) else [("", value)]
        for part, one in parts:
            title = f"{_words(name).removesuffix('s')} {part}" if part else _words(name)
            lines.append(escape(f"{title}: {_shown(one)}"))
    return lines


def _shown(facts: Mapping[str, Any]) -> str:
    """Facts in a row; those with parts of their own have their parts in brackets only where they are inside another."""
    shown = []
    for name, value in facts.items():
        if isinstance(value, dict):
            if not any(isinstance(one, dict) for one in value.values()) and "posts" in facts:
                shown.append(f"{_words(name)} {_shown(value)}")
        elif value not in (None, "", []):
            shown.append(f"{_words(name)} {_short(value)}")
    return ", ".join(shown)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _short(value: object) -> str:
    if isinstance(value, list):
        return "/".join(_short(one) for one in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _observation(row: Row) -> str:
    part = "" if row["part"] == "value" else f"{row['part']} = "
    unit = f" {row['unit']}" if row["unit"] else ""
    origin = ", ".join(sorted({card["origin"] for card in row["cards"]}))
    written = as_written(row["value_text"])
    text = f"observation {part}{row['value']:.10g}{unit}, written {written!r} at {row['locator']} of {origin}"
    text += f"; evidence: {row['evidence_text']}" if row["evidence_text"] else ""
    text += f"; reason: {row['note']}" if row["note"] else ""
    return text + (f"; declared correction {row['correction']}" if row["correction"] else "")


def escape(text: str) -> str:
    """Text from outside as a terminal may show it."""
    return escape_markup(printable(text))
