"""How well tone is measured, with confidence intervals: what `make evaluate` prints and docs/tone.md shows."""

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Measure everything, print it, and with `--write FILE` put it into a document; see `run`."""
    # Loaded at need: whoever wants one measure does not pay for all.
    from tasks.evidence.tone.evaluate.run import run

    return run(arguments)
