"""`python -m flows.cli` is `dti`."""

from flows.cli import main

main()
