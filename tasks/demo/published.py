"""A synthetic round of published figures: for frameworks to which nobody reports, such as an index of countries."""

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tasks.demo.agencies import taking_part_in
from tasks.demo.folder import prepare, write_yaml
from tasks.demo.sheet import SYNTHETIC
from tasks.harmonise.groups import agency_groups
from tasks.harmonise.registries import countries
from tasks.sources.rounds import FILE
from warehouse.errors import InputError
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.rules import COUNT

FIGURES = "figures.csv"
_UNBOUNDED = 100.0  # a made-up figure needs some end
_SPREAD = 0.1  # of a figure around the level of its unit, as a part of its range


def published_leaves(framework: Framework) -> tuple[Node, ...]:
    """Return the criteria that take published figures and are no counts, in the order of the tree."""
    return tuple(leaf for leaf in framework.leaves if leaf.evidence == "published" and leaf.rule != COUNT)


def make_published(folder: Path, framework: Framework, period: str, seed: int, limit: int | None = None) -> str:
    """Write a synthetic round of figures for every unit and criterion; the same seed gives the same bytes.

    Each unit has a level of its own, so that its figures go together; each figure lies within the criterion's bounds.

    Args:
        folder: Folder to write; it must be empty or an earlier synthetic round.
        framework: The framework.
        period: Period of the round.
        seed: Seed of every draw.
        limit: Only so many units.

    Returns:
        Name of the round.

    Raises:
        InputError: The framework has no such criteria, or the folder cannot be used.
    """
    leaves = published_leaves(framework)
    if not leaves:
        raise InputError(
            f"Nobody reports anything to the framework {framework.name}, and it takes no published figures.",
            "A synthetic round needs criteria with the evidence `report` or `published` in nodes.csv.",
        )
    prepare(folder, ())
    rng = Random(f"{framework.name} {period} {seed}")  # noqa: S311 - made-up figures, not secrets
    with (folder / FIGURES).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["agency", "node", "value", "citation", "url"])
        for unit in list(_units(framework, period))[:limit]:
            level = rng.random()
            writer.writerows([unit, leaf.code, _figure(leaf, level, rng), SYNTHETIC, ""] for leaf in leaves)
    name = f"synthetic-{framework.name}-{period}-seed{seed}"
    source = {"source": "published", "framework": framework.name, "path": FIGURES, "critical": True}
    about = {"round": name, "kind": "synthetic", "period": period, "seed": seed, "sources": [source]}
    write_yaml(folder / FILE, about)
    return name


def _units(framework: Framework, period: str) -> Iterator[str]:
    """Names of the units that are ranked: members of the groups, or the agencies, or all countries."""
    if not framework.description.units:
        yield from (agency.full_name_vi for agency in taking_part_in(framework, period))
    elif framework.groups:
        yield from sorted(agency_groups(framework, period))
    else:
        yield from (country.agency_id for country in countries().agencies)


def _figure(leaf: Node, level: float, rng: Random) -> float:
    low, high = leaf.bounds
    high = min(high, max(low, 0.0) + _UNBOUNDED)
    part = min(1.0, max(0.0, rng.gauss(level, _SPREAD)))
    return round(low + part * (high - low), 4)
