"""`dti whatif`: what other figures would change, and which criteria would lift an agency most."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from flows.cli.numbers import number
from flows.cli.output import Format
from flows.cli.supposed import Shown, show_lift, show_supposed
from flows.cli.who import agency_among
from flows.labels import KIND_LABELS
from tasks.harmonise.groups import agency_groups
from tasks.harmonise.mergers import families_of, groups_of
from tasks.harmonise.registries import full_unit_name
from warehouse.errors import InputError, WarehouseError
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings

if TYPE_CHECKING:
    import pandas as pd

    from tasks.scoring.whatif.change import Change
    from tasks.scoring.whatif.outcome import Places
    from tasks.scoring.whatif.scenarios import Bench
    from warehouse.engine import Engine
    from warehouse.vintages import Vintage

app = App(name="whatif", help="Show what other figures of an agency would change; nothing is written.")
SAME = 1e-9  # shares that differ by more are not those of the vintage
_USE = "Give --set NODE=VALUE, or --best 3."


@app.default
def whatif(
    *,
    framework: str,
    period: str,
    agency: str,
    set_: Annotated[tuple[str, ...], Parameter(name="--set")] = (),
    best: Annotated[int | None, number(1)] = None,
    to: str = "100%",
    node: str | None = None,
    round: str | None = None,
    vintage: Annotated[int | None, number()] = None,
    format: Format = "table",
) -> None:
    """Score a vintage again with other figures of one agency: its share, its rank, and whom it would overtake.

    Args:
        framework: Name of the framework, or its folder.
        period: Period that was measured.
        agency: Any spelling of the agency, or its code.
        set_: What is supposed: CQS.1.1.3=85 in the node's unit, or CQS.1=points:20. May be given several times.
        best: Name so many criteria that would lift the agency most, by places, then by points.
        to: With --best: what each criterion would reach: a share such as 100%, or the best or median of all agencies.
        node: Rank by this node instead of the whole index; with --best only criteria below it count.
        round: Name of the round; left out: as `dti rank` chooses.
        vintage: Number of the vintage; left out: the newest.
        format: table, csv or json.
    """
    from tasks.scoring.whatif.best import lift
    from tasks.scoring.whatif.change import parse_changes
    from tasks.scoring.whatif.outcome import suppose
    from warehouse.engine import connect
    from warehouse.queries import choose_vintage

    if bool(set_) == (best is not None):
        raise InputError("Nothing is supposed." if not set_ else "--set and --best exclude each other.", _USE)
    engine = connect(get_settings().url)
    present = load_framework(framework)
    asked = _Asked(engine, choose_vintage(engine, present.name, period, round, vintage), present, agency, node)
    changes = asked.derived(parse_changes(set_, asked.framework))
    bench, places = asked.bench()
    if best is not None:
        show_lift(asked.shown, lift(bench, places, best, to), to, format)
    else:
        asked.refuse_hidden(bench, changes)
        show_supposed(asked.shown, suppose(bench, places, changes), format)


class _Asked:
    """The vintage, the agency and the node that were asked for.

    Args:
        engine: The warehouse.
        chosen: The vintage.
        present: Its framework as the files say today.
        text: The agency in any spelling.
        node: Code of the node that ranks; None: the headline.
    """

    def __init__(self, engine: "Engine", chosen: "Vintage", present: Framework, text: str, node: str | None) -> None:
        from warehouse.as_scored import framework_as_scored
        from warehouse.earlier import agency_names, scores
        from warehouse.queries import measurements

        self.chosen = chosen
        self.framework = framework_as_scored(engine, chosen, present)
        self.node = self.framework.node(node) if node else self.framework.headline_node
        self.names = agency_names(engine, chosen)
        self.agency = agency_among(text, self.names, [(self.framework, chosen.period)])
        self.measurements: pd.DataFrame = measurements(engine, chosen)
        self.scores: pd.DataFrame = scores(engine, chosen)
        if self.agency not in self.names:
            name = full_unit_name(self.framework.description, self.agency, chosen.period)
            raise WarehouseError(
                f"{name} is not scored in round {chosen.round} of {chosen.framework} {chosen.period}.",
                "`dti rank` lists who is; `dti explain` says why an agency is not.",
            )
        self.families = families_of(self.framework, chosen.period)
        self._refuse_merged()

    @property
    def ranked_as(self) -> str:
        """Id under which the agency is ranked: after a merger its successor."""
        return next((heir for heir, members in self.families.items() if self.agency in members), self.agency)

    def _refuse_merged(self) -> None:
        if self.agency in self.families:
            members = ", ".join(f"{self.names.get(one, one)} ({one})" for one in self.families[self.agency])
            raise InputError(
                f"{self.names[self.agency]} has no figures of its own: it takes the mean of its predecessors.",
                f"Name the id of the one whose figures are supposed: {members}.",
            )

    def bench(self) -> tuple["Bench", "Places"]:
        """Score the vintage again, and take over who is ranked with whom.

        Raises:
            InputError: What comes out is not what the vintage says.
        """
        from tasks.scoring.merger import merge
        from tasks.scoring.whatif.outcome import Places
        from tasks.scoring.whatif.scenarios import Bench

        groups, families = agency_groups(self.framework, self.chosen.period), self.families
        bench = Bench(
            self.framework,
            self.measurements,
            self.agency,
            self.node.code,
            groups=groups | groups_of(families, groups),
            afterwards=partial(merge, families=families) if families else None,
            follow=self.ranked_as,
        )
        of_node = self.scores[self.scores["node"] == self.node.code].set_index("agency")
        stored = of_node["share"].reindex(list(bench.agencies)).to_numpy(dtype="float64", na_value=float("nan"))
        differs = abs(stored - bench.base.shares[bench.node]) > SAME
        if differs.any() or set(of_node.index) != set(bench.agencies):
            raise InputError(
                f"Vintage {self.chosen.vintage} of {self.chosen.framework} {self.chosen.period} cannot be computed "
                "again from its measurements with the framework of today.",
                "Run the round again; then ask again.",
            )
        unranked = set(of_node.index[of_node["rank"].isna()])
        return bench, Places.of(bench.agencies, unranked, dict(of_node["group"]))

    def derived(self, changes: tuple["Change", ...]) -> tuple["Change", ...]:
        """Add the leaves that follow from counts that are supposed."""
        from tasks.evidence.supposed import rederived
        from tasks.scoring.whatif.change import Change

        counts = {change.node: change.value for change in changes if change.value == change.value}
        of_agency = self.measurements[self.measurements["agency"] == self.agency]
        values = rederived(of_agency, self.framework, counts)
        return (*changes, *(Change(code, value=value) for code, value in values.items()))

    def refuse_hidden(self, bench: "Bench", changes: tuple["Change", ...]) -> None:
        """Refuse a figure below a node where one entered: it would move nothing.

        Raises:
            InputError: It says where the figure entered.
        """
        entered = ~bench.tree.is_leaf & (bench.cells.measured | bench.cells.appraised)[:, bench.unit]
        above = {code for code, is_entered in zip(bench.tree.codes, entered, strict=True) if is_entered}
        for change in changes:
            parent = self.framework.by_code[change.node].parent
            while parent:
                if parent in above:
                    raise InputError(
                        f"A figure entered at {parent}, above {change.node}: what is below it moves nothing.",
                        f"Set {parent} itself.",
                    )
                parent = self.framework.by_code[parent].parent

    @property
    def shown(self) -> Shown:
        """What the tables say about the question."""
        description, chosen = self.framework.description, self.chosen
        heir = f" (ranked as {self.names[self.ranked_as]})" if self.ranked_as != self.agency else ""
        title = f"{self.names[self.agency]}{heir}, {description.title_vi or description.framework}, {chosen.period}"
        title += "" if self.node is self.framework.root else f": {self.node.code} {self.node.name}"
        source = f"Round {chosen.round}, vintage {chosen.vintage}, scored again. {KIND_LABELS[chosen.kind]}"
        return Shown(self.agency, self.ranked_as, self.names, self.node.code, title, source)
