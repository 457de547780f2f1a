"""`dti approve`: what waits for a decision, and the decision itself, from the terminal."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from flows.cli.output import console, show
from warehouse.errors import DecisionRefused
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from warehouse.decisions import Decision
    from warehouse.engine import Engine
    from warehouse.vintages import Vintage

app = App(name="approve", help="Decide about a provisional vintage: approve, exclude agencies, or reject.")
SHOWN_DIGITS = 12


@app.default
def approve(
    *,
    framework: str | None = None,
    period: str | None = None,
    round: str | None = None,
    content: str | None = None,
    by: str | None = None,
    reason: str = "",
    exclude: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    reject: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """List what waits for a decision; with --content and --by, decide about it.

    Args:
        framework: Name of the framework.
        period: Period that was measured.
        round: Name of the round.
        content: First digits of the content, as the list shows them: only what was looked at is published.
        by: Who decides; kept with the vintage.
        reason: Why; needed to exclude or reject.
        exclude: An agency that is not ranked; may be given several times.
        reject: Publish nothing.
    """
    from warehouse.decisions import undecided
    from warehouse.engine import connect

    engine = connect(get_settings().url)
    asked = {"framework": framework, "period": period, "round": round}
    waiting = [
        vintage
        for vintage in undecided(engine)
        if all(value in (None, getattr(vintage, name)) for name, value in asked.items())
    ]
    if content is None:
        _list(waiting)
        return
    shown = _chosen(waiting, content)
    decided = _decision(shown, by or "", reason, exclude, reject)
    _carry_out(engine, shown, decided)


def _list(waiting: "list[Vintage]") -> None:
    if not waiting:
        print("No vintage waits for a decision.")
        return
    rows = [
        {
            **vintage.round_scope,
            "kind": vintage.kind,
            "vintage": vintage.vintage,
            "content": vintage.digest[:SHOWN_DIGITS],
            "since": f"{vintage.created_at.astimezone():%Y-%m-%d %H:%M}",
        }
        for vintage in waiting
    ]
    show(rows, "table", "These vintages are provisional")
    console().print(
        "Look at one with `dti rank --framework F --period P --round R`, then decide:\n"
        '  dti approve --content CONTENT --by "NAME" [--exclude AGENCY --reason WHY | --reject --reason WHY]',
        markup=False,
    )


def _chosen(waiting: "list[Vintage]", content: str) -> "Vintage":
    least = 6
    found = [vintage for vintage in waiting if vintage.digest.startswith(content)] if len(content) >= least else []
    if len(found) != 1:
        raise DecisionRefused(
            f"No vintage that waits for a decision has the content {content}.",
            f"`dti approve` lists them; give at least {least} of the digits. It may have been run again since.",
        )
    return found[0]


def _decision(shown: "Vintage", by: str, reason: str, exclude: tuple[str, ...], reject: bool) -> "Decision":
    from tasks.decide import agency_ids
    from warehouse.decisions import Decision

    if reject and exclude:
        raise DecisionRefused("A vintage is rejected or published without agencies, not both.", "Give one of the two.")
    excluded = agency_ids(shown, exclude)
    outcome = "rejected" if reject else "approved_with_exclusions" if excluded else "approved"
    return Decision(outcome, by, reason, excluded)  # type: ignore[arg-type]  # mypy widens the three words to str


def _carry_out(engine: "Engine", shown: "Vintage", decided: "Decision") -> None:
    from tasks.decide import carry_out, sentence
    from warehouse.runs import waiting_runs

    runs = waiting_runs(engine, shown.round_scope, shown.digest)
    vintage = carry_out(shown, decided, runs[0] if runs else "")
    print(sentence(decided, vintage))
    for run_id in runs:
        _resume(run_id, decided)


def _resume(run_id: str, decided: "Decision") -> None:
    """Tell the run in the Prefect UI that waits for this decision, where there is a server."""
    import os

    from flows.server import running_server

    url = os.environ.get("PREFECT_API_URL") or running_server(get_settings().prefect_home)
    if not url:
        print("The run that asked goes on when its Prefect server runs and somebody answers there, too.")
        return
    os.environ["PREFECT_API_URL"] = url
    from flows.approval import resume

    if resume(run_id, decided):
        print("The run that asked for this decision goes on.")
    else:
        print(f"The run {run_id} asked for it too and could not be told: it waits, or waits no longer.")
