"""`make bench`: the speeds this project promises, measured now, as a table.

Each module of this folder has a function `bench()` that returns rows of (what, measured, limit, unit). Ratios are taken
within one run, because machines are shared; `python -m tests.bench engine upsert` measures only those modules.
"""

import importlib
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent


def main(chosen: list[str]) -> int:
    names = sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))
    table = Table("what", "measured", "at most", "unit", "", title="Promised speeds", title_justify="left", box=None)
    over = 0
    for name in chosen or names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        for what, measured, limit, unit in importlib.import_module(f"tests.bench.{name}").bench():
            kept = measured <= limit
            over += not kept
            table.add_row(what, f"{measured:.3g}", f"{limit:g}", unit, "" if kept else "[red]over[/red]")
    Console().print(table)
    return min(over, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
