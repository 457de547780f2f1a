"""Charts that a person looks at, as pictures: they are drawn here, so that a browser needs no network to show them.

SVG, not PNG: the letters are the browser's, whose fonts know Vietnamese; those of a server often do not.
"""

import base64

import pandas as pd

from flows.labels import printable

ROW_HEIGHT = 13  # pixels of one agency
WIDTH = 620
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
PLAIN, PALE, MARKED = "#4c78a8", "#9ecae9", "#e45756"
HALF_A_BAR = 0.35  # of a place


def league_chart(rows: pd.DataFrame, title: str, subtitle: str, *, target: float | None = None) -> str:
    """Draw the shares of agencies, best first.

    Args:
        rows: Columns agency (name), share (0 to 1), rank and optionally group, one row an agency.
        title: What is ranked.
        subtitle: What kind of numbers these are, or empty.
        target: A share to draw a line at, None for no line.

    Returns:
        An SVG.
    """
    import altair as alt

    shown = rows.assign(
        agency=[printable(f"{rank}. {name}") for rank, name in zip(rows["rank"], rows["agency"], strict=True)]
    )
    shown = shown[[name for name in ("agency", "share", "group") if name in shown]]
    bars = (
        alt.Chart(shown)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title=None, axis=alt.Axis(orient="top", format=".0%")),
            y=alt.Y("agency:N", sort=list(shown["agency"]), title=None, axis=alt.Axis(labelLimit=320)),
            color=alt.Color("group:N", title=None) if "group" in shown else alt.value(PLAIN),
        )
    )
    layers = [bars]
    if target is not None:
        layers.append(alt.Chart(pd.DataFrame({"x": [target]})).mark_rule(color=MARKED, strokeWidth=2).encode(x="x:Q"))
    chart = alt.layer(*layers).properties(
        title=alt.TitleParams(title, subtitle=subtitle, anchor="start"), width=WIDTH, height=alt.Step(ROW_HEIGHT)
    )
    return _svg(chart.configure(font=FONT, background="white").to_json())


def rank_chart(rows: pd.DataFrame, title: str, subtitle: str | list[str]) -> str:
    """Draw ranks with both of their intervals, best first; each ranking group for itself.

    Args:
        rows: Columns agency (name), rank, simulated_low, simulated_high, marginal_low, marginal_high and ranked_in
            (ranking group, or empty), one row an agency.
        title: What is ranked.
        subtitle: How the picture is read, in one line or several.

    Returns:
        An SVG.
    """
    import altair as alt

    rows = rows.sort_values(["ranked_in", "rank"], kind="stable")
    named = [printable(f"{rank}. {name}") for rank, name in zip(rows["rank"], rows["agency"], strict=True)]
    numbers = ["rank", "simulated_low", "simulated_high", "marginal_low", "marginal_high"]
    shown = rows[numbers].astype("float64").assign(agency=named, group=list(map(printable, rows["ranked_in"])))
    # A place is as wide as the bar of a rank that is sure, and the first and the last stand clear of the frame.
    last = max(float(shown[numbers].max().max()), 1.0)
    shown["marginal_low"] -= HALF_A_BAR
    shown["marginal_high"] += HALF_A_BAR
    place = alt.Y("agency:N", sort=named, title=None, axis=alt.Axis(labelLimit=320))
    # Left to itself an axis of one place is marked at its half places too, which then read 1, 1, 2.
    marked = [1] if last == 1 else alt.Undefined
    numbered = alt.Axis(orient="top", format="d", tickMinStep=1, values=marked, domain=False, ticks=False)
    ends = alt.Scale(domain=[0.5, last + 0.5], nice=False)
    chart = alt.layer(
        *(
            alt.Chart()
            .mark_rule(color=color, strokeWidth=width)
            .encode(x=alt.X(f"{name}_low:Q", title=None, axis=numbered, scale=ends), x2=f"{name}_high:Q", y=place)
            for name, color, width in (("marginal", PALE, 8), ("simulated", PLAIN, 1.5))
        ),
        alt.Chart().mark_point(color=MARKED, filled=True, size=26, opacity=1).encode(x="rank:Q", y=place),
        data=shown,
    ).properties(width=WIDTH, height=alt.Step(ROW_HEIGHT))
    if shown["group"].any():
        above = alt.Header(labelOrient="top", labelAnchor="start", labelFontWeight="bold")
        chart = chart.facet(row=alt.Row("group:N", title=None, header=above)).resolve_scale(y="independent")
    chart = chart.properties(title=alt.TitleParams(title, subtitle=subtitle, anchor="start"))
    return _svg(chart.configure(font=FONT, background="white").to_json())


def ranks_drawn(rows: pd.DataFrame) -> str:
    """How a chart of ranks is read: what its marks are, of those that it has.

    Args:
        rows: The rows that are drawn.
    """
    marks = {
        "dot: rank": "rank",
        "thick: covers the true rank of this agency": "marginal_low",
        "thin: where the rank falls when redrawn": "simulated_low",
    }
    return "; ".join(words for words, name in marks.items() if rows[name].notna().any())


def _svg(specification: str) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(specification)
    return drawn


def data_url(svg: str) -> str:
    """A picture as the address that shows it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
