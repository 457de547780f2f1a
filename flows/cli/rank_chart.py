"""`dti rank --chart`: the picture of the ranks with their intervals, or why there is none."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from warehouse.errors import InputError
from warehouse.frameworks.model import Framework, Node
from warehouse.frameworks.uncertainty import load_uncertainty

if TYPE_CHECKING:
    import pandas as pd


def refuse_ending(file: Path) -> None:
    """Refuse a file that its name calls something else than an SVG.

    Raises:
        InputError: It does.
    """
    if file.suffix.lower() != ".svg":
        raise InputError(f"{file} does not end with .svg, and charts are drawn as SVG.", f"Name {file.stem}.svg.")


def draw_ranks(
    file: Path, intervals: "pd.DataFrame", rows: Sequence[Mapping[str, Any]], title: str, label: str, why: str
) -> None:
    """Draw the ranks with their intervals into a file, and say on the standard error where it is.

    Args:
        file: The SVG to write.
        intervals: As `flows.certainty.of_agencies` gives them, a row for each of `rows`.
        rows: The league table.
        title: What is ranked.
        label: What kind of numbers these are; empty for official ones.
        why: Why no rank has an interval, should that be so, and what can be done.

    Raises:
        InputError: No rank has an interval, or the file cannot be written.
    """
    from flows.charts import rank_chart, ranks_drawn

    drawn = intervals.assign(agency=[row["agency_name"] for row in rows])
    drawn = drawn[drawn["units"].notna()]
    if drawn.empty:
        node = rows[0]["node"] if rows else "this node"
        raise InputError(f"No rank by {node} has an interval, so there is nothing to draw.", why)
    try:
        file.write_text(rank_chart(drawn, title, [ranks_drawn(drawn), *filter(None, [label])]), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", "Give a path in a folder that exists."
        ) from error
    Console(stderr=True, highlight=False).print(f"The chart is in {file}.", markup=False, soft_wrap=True)


def why_not_drawn(framework: Framework, node: Node, ranked: int) -> str:
    """Why no rank by a node has an interval, and what can be done.

    Args:
        framework: The framework.
        node: The node.
        ranked: Number of agencies that have a rank by it.
    """
    if framework.is_dashboard:
        return "Monthly statistics are published as they are, without draws; `dti rank` without --chart shows them."
    if ranked == 1:
        return "An agency that is ranked alone is first, whatever is drawn."
    named = load_uncertainty(framework.folder).nodes
    headline = framework.headline_node
    drawn = named or (headline.code, *(child.code for child in framework.children[headline.code]))
    if node.code not in drawn:
        return (
            f"Intervals are drawn for the ranks by {', '.join(drawn)}: name one with --node, or add {node.code} to "
            "`nodes` in uncertainty.yaml and run the round again."
        )
    return "Run the round again with --draws 10000."
