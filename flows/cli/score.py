"""`dti score`: the engine alone, on any framework folder and any measurements file."""

import sys
from pathlib import Path

from cyclopts import App

app = App(name="score", help="Score a file of measurements with a framework; needs no warehouse.")


@app.default
def score(*, framework: str, inputs: Path, out: Path | None = None, account: Path | None = None) -> None:
    """Score a file of measurements.

    Args:
        framework: Name of a framework, or the path of a framework folder.
        inputs: CSV or Parquet with the columns agency, node, value and optionally period, stage, standard_error, n.
        out: File to write; without it the scores go to the standard output.
        account: JSON file that says what was done to the figures beyond the rules: outliers and caps with the values
            moved, values that could not be divided, weights that follow from the data.
    """
    from tasks.scoring.countries import with_known_units
    from tasks.scoring.engine import evaluated
    from tasks.scoring.files import read_inputs, write_account, write_scores
    from warehouse.frameworks.loader import load_framework

    loaded = load_framework(framework)
    measurements = with_known_units(read_inputs(inputs), loaded, str(inputs))
    scoring = evaluated(loaded, measurements, groups=loaded.groups, origin=str(inputs))
    write_scores(scoring.scores(), out)
    done = scoring.account()
    if account is not None:
        write_account(done, account)
    elif done:
        parts = ", ".join(f"{name} {len(entries)}" for name, entries in done.items())
        print(f"dti: figures were treated before their rules ({parts}); --account FILE says how.", file=sys.stderr)
