"""The `dti` command line. Heavy packages are imported by the commands that need them, never here."""

from flows.cli.app import main

__all__ = ["main"]
