"""The commands and what an error looks like: one sentence, what to do, and an exit status."""

import os
import sys
from importlib.metadata import version

from cyclopts import App, CycloptsError

from warehouse.errors import DtiError

DONE, FAILED, USAGE = 0, 1, 2

app = App(
    name="dti",
    help="Vietnam's Digital Transformation Index: run a round, read the ranking, follow a number to its bytes.",
    version=lambda: version("dti-warehouse"),
)
COMMANDS = {
    "run": "Run a round, from its sources to a published vintage.",
    "approve": "Decide about what waits to be published.",
    "backfill": "Run a range of past months; what is done is passed over.",
    "rank": "Show the ranking.",
    "explain": "Follow a score to the bytes it came from.",
    "compare": "Show who moved between editions, periods or vintages, and through which nodes.",
    "whatif": "Show what other figures would change; which criteria would lift an agency most.",
    "returns": "Make the form that agencies fill in; hand back what was refused.",
    "appraisal": "Show how far self-report exceeds appraisal.",
    "tone": "Audit the tone of cyberspace, measure its classifier, train one of your own.",
    "score": "Score a file of measurements with any framework; needs no warehouse.",
    "framework": "List, prove and import frameworks.",
    "agencies": "List agencies at a date; say what a spelling stands for.",
    "quarantine": "Show and export what was refused, and why.",
    "warehouse": "Upgrade, export, copy the warehouse; who may do what in it.",
    "demo": "Make and run synthetic rounds.",
    "serve": "Prefect server and UI, deployments, and a worker.",
    "setup-blocks": "Make Prefect blocks from the environment.",
    "maintenance": "List, or delete, old runs and what nothing refers to any more.",
    "doctor": "Check this machine.",
}
for name, purpose in COMMANDS.items():
    app.command(f"flows.cli.{name.replace('-', '_')}:app", name=name, help=purpose)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process: 0 done, 1 failed or refused, 2 usage."""
    try:
        app(arguments, exit_on_error=False, print_error=True)
    except CycloptsError:
        sys.exit(USAGE)
    except DtiError as error:
        print(f"dti: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"     {error.hint}", file=sys.stderr)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        print("dti: interrupted; run the same command again to go on.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(DONE)
