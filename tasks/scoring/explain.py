"""The way from a score back to the bytes: node by node to the measurement, its observations and their snapshots."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from warehouse.errors import InputError
from warehouse.frames import QUARANTINE, records
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import COUNT, DERIVED, STAGES

Row = Mapping[str, Any]
MERGED = "merged"
APPRAISED = {
    "appraisal:points": "points given by the appraisal council",
    "appraisal:rejected": "rejected by the appraisal council: no points",
    "appraisal:undecided": "not appraised: no points, as the framework says",
}
_IMPUTED = {
    "group_median": "the other agencies of its group",
    "group_mean": "the other agencies of its group",
    "interpolate": "its own figures of other periods",
}


@dataclass(frozen=True)
class Explained:
    """A node of an agency's score with everything that made it.

    Attributes:
        node: The node.
        score: Its SCORE row.
        measurement: The MEASUREMENT row that entered here, if one did: that of the last stage.
        earlier: The MEASUREMENT rows of the stages before it, with their observations under `observations`.
        observations: The OBSERVATION rows behind it, each with the origin cards of its snapshot under `cards`.
        children: The nodes it was aggregated from; empty where a measurement entered.
        refused: The QUARANTINE rows of the node: figures that were reported and could not be used.
        predecessors: Of a merged agency: the name of each predecessor, with the node as it is explained for it.
    """

    node: Node
    score: Row
    measurement: Row | None
    observations: tuple[Row, ...]
    children: tuple["Explained", ...]
    refused: tuple[Row, ...] = ()
    earlier: tuple[Row, ...] = ()
    predecessors: tuple[tuple[str, "Explained"], ...] = ()


# Name of a predecessor, and what explains a node of it; None where the node has no score there.
Predecessor = tuple[str, Callable[[str], Explained | None]]


def explain(
    framework: Framework,
    scores: pd.DataFrame,
    measurements: pd.DataFrame,
    observations: pd.DataFrame,
    snapshots: pd.DataFrame,
    node: str,
    quarantine: pd.DataFrame | None = None,
    predecessors: Sequence[Predecessor] = (),
) -> Explained:
    """Put together what made a node's score.

    Args:
        framework: The framework that was scored.
        scores: SCORE rows of one agency, period and vintage.
        measurements: MEASUREMENT rows of that agency and vintage, of all stages.
        observations: OBSERVATION rows that the measurements name.
        snapshots: SNAPSHOT rows of those observations.
        node: Code of the node to start from.
        quarantine: QUARANTINE rows of that agency, if they are to be shown.
        predecessors: The agencies that merged into this one and have scores.

    Returns:
        The node with everything below it that was scored.

    Raises:
        InputError: The node has no score: it is covered by a value above it, or does not exist.
    """
    by_node = {row["node"]: row for row in records(scores)}
    if node not in by_node:
        raise InputError(f"There is no score of {node}.", _nearest_scored(framework, by_node, node))
    stages = _by_stage(measurements)
    measured = {code: rows[-1] for code, rows in stages.items()}
    cards: dict[str, list[Row]] = {}
    for card in records(snapshots):
        cards.setdefault(card["sha256"], []).append(card)
    observed = {
        row["observation_id"]: {**row, "cards": cards.get(row["snapshot_sha256"], [])} for row in records(observations)
    }

    refused: dict[str, list[Row]] = {}
    for row in records(QUARANTINE.empty() if quarantine is None else quarantine):
        refused.setdefault(row["item"], []).append(row)

    def behind(measurement: Row | None) -> tuple[Row, ...]:
        ids = json.loads(measurement["observation_ids"] or "[]") if measurement else []
        return tuple(observed[identity] for identity in ids if identity in observed)

    def of_predecessors(code: str) -> tuple[tuple[str, Explained], ...]:
        found = ((name, explained(code)) for name, explained in predecessors)
        return tuple((name, one) for name, one in found if one is not None)

    def step(code: str) -> Explained:
        measurement = measured.get(code)
        below = () if measurement else framework.children[code]
        return Explained(
            node=framework.by_code[code],
            score=by_node[code],
            measurement=measurement,
            observations=behind(measurement),
            children=tuple(step(child.code) for child in below if child.code in by_node),
            refused=tuple(refused.get(code, ())),
            earlier=tuple({**row, "observations": behind(row)} for row in stages.get(code, [])[:-1]),
            predecessors=of_predecessors(code) if by_node[code]["status"] == MERGED else (),
        )

    return step(node)


def _by_stage(measurements: pd.DataFrame) -> dict[str, list[Row]]:
    """The measurements of each node, the earliest stage first."""
    found: dict[str, list[Row]] = {}
    for row in sorted(records(measurements), key=lambda row: STAGES.index(row["stage"])):
        found.setdefault(row["node"], []).append(row)
    return found


def how(explained: Explained) -> str:
    """One line that says how the node's share came about.

    Args:
        explained: A node as `explain` gives it.
    """
    node, score = explained.node, explained.score
    if score["status"] == "aggregated":
        return f"{node.aggregation.replace('_', ' ')} of {len(explained.children)} nodes below"
    if score["status"] == "side_by_side":
        return f"{len(explained.children)} nodes stand below side by side and make no total"
    if score["status"] == MERGED:
        return f"mean of {len(explained.predecessors)} predecessors"
    if node.evidence == DERIVED and score["status"] == "excluded":
        return "one of its parts did not come, or the denominator is 0"
    nothing = f"no {node.evidence} came" if node.evidence else "no evidence"
    if node.evidence in ("survey", "expert"):
        nothing += ", or too few answers to publish an estimate"
    if "per" in node.parameters and explained.measurement is not None:
        nothing = f"the value cannot be divided by {node.parameters['per']}, which has none above 0"
    if explained.refused:
        nothing = f"{node.evidence or 'evidence'} came, but was refused"
    if node.rule == COUNT and score["status"] == "excluded":
        return nothing
    sentences = {
        "missing_zero": f"{nothing}: no points",
        "excluded": "no evidence; left out, its siblings carry its weight",
        "carried_forward": "carried forward from an earlier period",
        "imputed": f"imputed from {_IMPUTED.get(str(node.parameters.get('impute')), 'the other agencies')}",
    }
    if score["status"] in sentences:
        return sentences[score["status"]]
    if score["status"] == "appraised":
        return APPRAISED.get(str(explained.measurement and explained.measurement["method"]), "given by the council")
    if explained.children or framework_entry(explained):
        return "entered here as a share"
    parameters = "; ".join(f"{name} {_plain(value)}" for name, value in node.parameters.items())
    value = f"{score['value']:.10g}{' ' + node.unit if node.unit else ''}"
    return f"{node.rule} of {value}{f' ({parameters})' if parameters else ''}"


def framework_entry(explained: Explained) -> bool:
    """Whether a value entered at an inner node."""
    return explained.measurement is not None and bool(explained.node.aggregation)


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return " | ".join(":".join(f"{number:g}" for number in pair) for pair in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _nearest_scored(framework: Framework, scored: Mapping[str, Row], code: str) -> str:
    node = framework.by_code.get(code)
    while node is not None and node.parent:
        node = framework.by_code[node.parent]
        if node.code in scored:
            return f"The value was entered above it, at {node.code}: --node {node.code}"
    return f"Codes begin with {framework.root.code}; `dti rank --node` takes the same codes."
