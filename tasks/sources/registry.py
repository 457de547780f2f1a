"""Which sources there are: every module of this package that defines `SOURCE`."""

import importlib
import pkgutil
from functools import lru_cache

from typing_extensions import TypeIs

import tasks.sources
from tasks.sources.base import InspectionSource, MicroSource, PostSource, Source

AnySource = Source | MicroSource | InspectionSource


@lru_cache(maxsize=1)
def all_sources() -> dict[str, AnySource]:
    """Return every source by its name, in alphabetical order; adding one is adding one module."""
    names = (f"{tasks.sources.__name__}.{found.name}" for found in pkgutil.iter_modules(tasks.sources.__path__))
    modules = [importlib.import_module(name) for name in names]
    found: list[AnySource] = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}


def sources() -> dict[str, Source]:
    """Return the sources of figures by name: their rows become observations."""
    return {
        name: source for name, source in all_sources().items() if not is_micro(source) and not is_inspection(source)
    }


def micro_sources() -> dict[str, MicroSource]:
    """Return the sources of answers of persons by name: only estimates from their rows are ever published."""
    return {name: source for name, source in all_sources().items() if is_micro(source)}


def gives_posts(source: MicroSource) -> TypeIs[PostSource]:
    """Whether a source gives posts of persons."""
    return hasattr(source, "read_counted")


def asks_the_web(source: MicroSource) -> bool:
    """Whether a source goes on from earlier pages although its entry of round.yaml is a file: it declares addresses."""
    return bool(getattr(source, "asks_the_web", False))


def revises_figures(source: Source) -> bool:
    """Whether a source gives records of single figures, of which later revisions replace earlier ones."""
    return bool(getattr(source, "revises_figures", False))


def inspection_sources() -> dict[str, InspectionSource]:
    """Return the sources that look at portals by name: what they find are checks."""
    return {name: source for name, source in all_sources().items() if is_inspection(source)}


def is_inspection(source: AnySource) -> TypeIs[InspectionSource]:
    """Whether a source looks at portals."""
    return hasattr(source, "read_portals")


def is_micro(source: AnySource) -> TypeIs[MicroSource]:
    """Whether a source gives answers of persons."""
    return hasattr(source, "read_answers")
