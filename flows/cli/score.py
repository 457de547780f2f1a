"""`dti score`: the engine alone, on any framework folder and any measurements file."""

from pathlib import Path

from cyclopts import App

app = App(name="score", help="Score a file of measurements with a framework; needs no warehouse.")


@app.default
def score(*, framework: str, inputs: Path, out: Path | None = None) -> None:
    """Score a file of measurements.

    Args:
        framework: Name of a framework, or the path of a framework folder.
        inputs: CSV or Parquet with the columns agency, node, value and optionally period, stage, standard_error, n.
        out: File to write; without it the scores go to the standard output.
    """
    from tasks.scoring.engine import score as compute
    from tasks.scoring.files import read_inputs, write_scores
    from warehouse.frameworks.loader import load_framework

    loaded = load_framework(framework)
    write_scores(compute(loaded, read_inputs(inputs), groups=loaded.groups, origin=str(inputs)), out)
