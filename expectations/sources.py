"""One figure from two sources: what the source that counts says, beside what the others say."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from expectations.groups import number_groups


def compare_sources(
    view: pd.DataFrame, candidates: pd.DataFrame, tolerance: float, precedence: Sequence[str]
) -> pd.DataFrame:
    """Return for each row in force of a source that does not count what the source that counts gives.

    One difference is told once: at the figure that goes back to whoever can mend it, not at the one that stands.

    Args:
        view: The view so far, with `sound`: the figures that may be compared.
        candidates: CANDIDATE rows, numbered as the view.
        tolerance: How far two figures may lie apart, as a share of the larger one.
        precedence: Names of the sources, the one that counts first; others follow in the order of the alphabet.

    Returns:
        `other_source` and `other_value`; `source_gap` and `gap_allowed`, how far the figures lie and may lie apart.
        Missing where no other source gives the figure, or gives several different ones.
    """
    found = pd.DataFrame(
        {**dict.fromkeys(("other_value", "source_gap", "gap_allowed"), np.nan), "other_source": ""}, index=view.index
    )
    names = sorted(candidates["source"].unique(), key=lambda name: (_place(name, precedence), name))
    rows = view[view["sound"].notna() & (candidates["superseded_by"] == "")].index
    if len(names) < 2 or rows.empty:
        return found
    cell = number_groups([candidates.loc[rows, name] for name in ("agency", "item", "part", "stage")])
    given = pd.DataFrame(
        {
            "cell": cell,
            "source": pd.Categorical(candidates.loc[rows, "source"], categories=names, ordered=True).codes,
            "value": view.loc[rows, "sound"],
        },
        index=rows,
    )
    first = given[given["source"] == given.groupby("cell")["source"].transform("min")]
    standing = first.groupby("cell").agg(source=("source", "min"), low=("value", "min"), high=("value", "max"))
    standing = standing[standing["low"] == standing["high"]]
    others = given.drop(index=first.index).join(standing.rename(columns={"source": "from_source"}), on="cell")
    others = others.dropna(subset=["low"])
    at = others.index
    found.loc[at, "other_value"] = others["low"]
    found.loc[at, "other_source"] = [names[int(number)] for number in others["from_source"]]
    found.loc[at, "source_gap"] = (others["value"] - others["low"]).abs()
    found.loc[at, "gap_allowed"] = np.maximum(others["value"].abs(), others["low"].abs()) * tolerance
    return found


def _place(name: str, precedence: Sequence[str]) -> int:
    return precedence.index(name) if name in precedence else len(precedence)
