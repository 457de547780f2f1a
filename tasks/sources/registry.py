"""Which sources there are: every module of this package that defines `SOURCE`."""

import importlib
import pkgutil
from functools import lru_cache

import tasks.sources
from tasks.sources.base import Source


@lru_cache(maxsize=1)
def sources() -> dict[str, Source]:
    """Return every source by its name, in alphabetical order; adding one is adding one module."""
    names = (f"{tasks.sources.__name__}.{found.name}" for found in pkgutil.iter_modules(tasks.sources.__path__))
    modules = [importlib.import_module(name) for name in names]
    found: list[Source] = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}
