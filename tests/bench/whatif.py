"""What if, and movement: 306 candidates x 63 agencies in one evaluation, two vintages taken apart."""

from tasks.scoring.engine import score
from tasks.scoring.movement.comparable import Told
from tasks.scoring.movement.compare import compare
from tasks.scoring.movement.tables import agency_rows
from tasks.scoring.tree import Tree
from tasks.scoring.whatif.best import lift
from tasks.scoring.whatif.outcome import Places
from tasks.scoring.whatif.scenarios import Bench
from tests.bench.engine import measurements, seconds


def bench():
    framework, rows = measurements()
    vintage = Bench(framework, rows, "05", framework.root.code)
    places = Places.of(vintage.agencies, (), {})
    lower = rows.assign(value=rows["value"].where(rows.index % 2 == 0, rows["value"] // 2))
    tree = Tree.of(framework)
    sides = [
        Told(tree, period, "r", "synthetic", 1, score(framework, side))
        for period, side in (("2020", lower), ("2021", rows))
    ]
    return [
        (
            "whatif --best, 306 candidates x 63 agencies, in process",
            seconds(lambda: lift(vintage, places, 3)),
            0.5,
            "s",
        ),
        (
            "compare, 63 agencies x 306 criteria taken apart, in process",
            seconds(lambda: agency_rows(compare(*sides, node=None, successors={}))),
            2,
            "s",
        ),
    ]
