"""`python -m tasks.evidence.tone.evaluate [--write docs/tone.md]`."""

import sys

from tasks.evidence.tone.evaluate import main
from warehouse.errors import DtiError

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except DtiError as error:
        sys.exit(str(error))
