"""Word lists of the tone of cyberspace, each a CSV beside this file: adding a spelling is adding a line."""

import csv
import hashlib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=8)
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a list by its name without `.csv`."""
    text = (files(__name__) / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def lists_digest() -> str:
    """sha256 over all lists: what was made with other ones is made again."""
    digest = hashlib.sha256()
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".csv"):
            digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
