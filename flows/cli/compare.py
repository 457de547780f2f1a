"""`dti compare`: who moved between two vintages, and what made them move."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from flows.cli.numbers import number
from flows.cli.output import Format
from tasks.harmonise.groups import agency_groups
from warehouse.errors import InputError
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from tasks.scoring.movement.comparable import Told
    from warehouse.engine import Engine
    from warehouse.vintages import Vintage

app = App(name="compare", help="Show who moved between two editions, periods or vintages, and through which nodes.")


@app.default
def compare(
    *,
    framework: str,
    period: str,
    vintage: Annotated[int | None, number()] = None,
    with_: Annotated[str | None, Parameter(name="--with")] = None,
    with_period: str | None = None,
    with_vintage: Annotated[int | None, number()] = None,
    round: str | None = None,
    with_round: str | None = None,
    agency: str | None = None,
    node: str | None = None,
    group: str = "",
    depth: Annotated[int | None, number(0)] = None,
    format: Format = "table",
) -> None:
    """Compare a vintage with an earlier one; the one of the earlier period, or the lower number, is shown as before.

    Args:
        framework: Name of the framework, or its folder.
        period: Period that was measured.
        vintage: Number of the vintage; left out: the newest.
        with_: Name of the framework to compare with, or its folder; left out: the same.
        with_period: Its period; left out: the same where --with-vintage is given, else the period before.
        with_vintage: Its number; left out: the newest, or the one before where nothing else differs.
        round: Name of the round; left out: as `dti rank` chooses.
        with_round: Its round; left out: the one of the same name, else of the same kind.
        agency: Show the whole way of this agency, node by node: any spelling, or its code.
        node: Compare by this node instead of the whole index.
        group: Places within this ranking group, or a region that others lie within, instead of among all.
        depth: With --agency: only so many levels; without: name the nodes that moved it most at this level.
        format: table, csv or json.
    """
    from flows.cli.moved import show_all
    from flows.cli.moved_agency import show_agency
    from tasks.scoring.movement.compare import compare as compared
    from warehouse.earlier import agency_names
    from warehouse.engine import connect
    from warehouse.frameworks.crosswalks.tables import crosswalks_of
    from warehouse.queries import choose_vintage
    from warehouse.reference.agencies import load_successors

    engine = connect(get_settings().url)
    its_own = load_framework(framework)
    other = load_framework(with_) if with_ else its_own
    main = choose_vintage(engine, its_own.name, period, round, vintage)
    asked = (other.name, with_period, with_round, with_vintage)
    before, after = _in_time(_other(engine, main, *asked), main)
    described = {one.name: one for one in (other, its_own)}
    sides = [_told(engine, chosen, described[chosen.framework]) for chosen in (before, after)]
    editions = sorted(described) if other.name != its_own.name else []
    crossings = list(dict.fromkeys(row for name in editions for row in crosswalks_of(name)))
    found = compared(*sides, node=node, crossings=crossings, successors=load_successors(), group=group)
    names = agency_names(engine, before) | agency_names(engine, after)
    if agency:
        show_agency(found, agency, names, depth, format)
    else:
        show_all(found, names, depth, format)


def _other(
    engine: "Engine", main: "Vintage", framework: str, period: str | None, round_name: str | None, number: int | None
) -> "Vintage":
    """The vintage to compare with."""
    from warehouse.earlier import previous_period
    from warehouse.queries import choose_vintage

    of_its_own = framework == main.framework
    if period is None and not of_its_own:
        raise InputError(f"The period of {framework} is not named.", "Name it with --with-period.")
    if period is None and number is None and round_name is None:
        period = previous_period(engine, main.framework, main.round, main.period)
    period = period or main.period
    is_same = of_its_own and period == main.period
    if round_name is None:
        round_name = main.round if is_same else _round_like(engine, main, framework, period)
    if is_same and round_name == main.round and number is None:
        number = _vintage_before(engine, main)
    return choose_vintage(engine, framework, period, round_name, number)


def _round_like(engine: "Engine", main: "Vintage", framework: str, period: str) -> str | None:
    """The round of the same name, else one that is synthetic where this is, else whatever there is."""
    from warehouse.queries import vintages

    there = vintages(engine, framework, period)
    if main.round in set(there["round"]):
        return main.round
    alike = there[(there["round_kind"] == "synthetic") == (main.kind == "synthetic")]
    return str(alike["round"].iloc[0]) if len(alike) else None


def _vintage_before(engine: "Engine", main: "Vintage") -> int:
    from warehouse.queries import vintages

    numbers = vintages(engine, main.framework, main.period, main.round)["vintage"]
    earlier = numbers[numbers < main.vintage]
    if earlier.empty:
        raise InputError(
            f"There is nothing before vintage {main.vintage} of {main.framework} {main.period}, round {main.round}, to "
            "compare it with.",
            "Name another period with --with-period, or another round with --with-round.",
        )
    return int(earlier.max())


def _in_time(other: "Vintage", main: "Vintage") -> tuple["Vintage", "Vintage"]:
    """Both in the order of time: by the end of the period, then within a round by number."""
    from warehouse.periods import period_days

    ends = [period_days(one.period)[1] for one in (other, main)]
    of_one_round = other.round_scope == main.round_scope
    is_later = ends[0] > ends[1] or (of_one_round and other.vintage > main.vintage)
    return (main, other) if is_later else (other, main)


def _told(engine: "Engine", chosen: "Vintage", framework: Framework) -> "Told":
    from tasks.scoring.engine import evaluated
    from tasks.scoring.movement.comparable import Told
    from tasks.scoring.tree import Tree
    from warehouse.as_scored import framework_as_scored
    from warehouse.earlier import scores
    from warehouse.frameworks.rules import COMPUTED_WEIGHTS
    from warehouse.queries import measurements

    as_scored = framework_as_scored(engine, chosen, framework)
    if any(node.parameters.get("weights") in COMPUTED_WEIGHTS for node in as_scored.nodes):
        groups = agency_groups(as_scored, chosen.period)
        tree = evaluated(as_scored, measurements(engine, chosen), groups=groups).tree
    else:
        tree = Tree.of(as_scored)
    return Told(tree, chosen.period, chosen.round, chosen.kind, chosen.vintage, scores(engine, chosen))
