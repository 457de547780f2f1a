"""The templates and what fills their slots, read from the files beside this module."""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import prod
from typing import Any

import yaml

from tasks.evidence.tone.model import ASPECTS, POLARITIES
from warehouse.errors import InputError

SPLITS = ("train", "validation", "test")
CHANNELS = {
    "form": "comment",
    "app_review": "app_review",
    "forum": "comment",
    "facebook": "comment",
    "headline": "news",
}
PHENOMENA = (
    "no_diacritics",
    "teencode",
    "negation",
    "contrast",
    "irony",
    "question",
    "request",
    "praise",
    "news",
    "emoji",
)
# Slots that name the agency, and the one that names a second one.
NAMING = ("agency", "province", "portal", "app")
OTHER = "other"
BY_AGENCY = ("service", "paper")
LOCAL, CENTRAL = "local", "central"

_SLOT = re.compile(r"\{(\w+)\}")
_SENTENCE_START = re.compile(r"(?:^|[.!?]\s+|\n)[\"“(]?$")
_PLAIN = ("no_diacritics", "teencode")  # posts in which nobody cares for capitals


@dataclass(frozen=True)
class Template:
    """One hand-written post with slots.

    Attributes:
        id: Id, unique over all registers.
        polarity: One of `POLARITIES`.
        aspect: One of `ASPECTS`.
        register: A key of `CHANNELS`.
        phenomena: Of `PHENOMENA`, in their order.
        split: One of `SPLITS`.
        pattern: The text with a `{}` for each slot.
        slots: Names of the slots in the order of the pattern.
        capitals: Whether each slot begins a sentence and so with a capital letter.
    """

    id: str
    polarity: str
    aspect: str
    register: str
    phenomena: tuple[str, ...]
    split: str
    pattern: str
    slots: tuple[str, ...]
    capitals: tuple[bool, ...]

    @property
    def channel(self) -> str:
        """Channel of the posts: `news`, `comment` or `app_review`."""
        return CHANNELS[self.register]

    @property
    def names(self) -> str:
        """Whom it names: `nobody`, an `agency` of any kind, or a `province` only."""
        if "province" in self.slots:
            return "province"
        return "agency" if set(self.slots) & set(NAMING) else "nobody"

    @property
    def ways(self) -> float:
        """About how many different posts it gives."""
        sizes = {slot: 4.0 if slot in (*NAMING, OTHER) else float(len(fillers_of(slot))) for slot in self.slots}
        return prod(sizes[slot] for slot in self.slots) * (60 if self.names != "nobody" else 1)


@lru_cache(maxsize=1)
def load_templates() -> tuple[Template, ...]:
    """Return all templates, in the order of the registers and files.

    Raises:
        InputError: A row has a label, a slot or an id that cannot be; the message names the template.
    """
    found = [template for register in CHANNELS for template in _of_register(register)]
    ids = [template.id for template in found]
    if twice := next((one for one in ids if ids.count(one) > 1), ""):
        raise _fault(twice, "stands twice")
    return tuple(found)


def fillers_of(slot: str) -> Sequence[str]:
    """Return what fills a slot; of a slot that depends on the agency, what fills it for a province."""
    return services()[slot][LOCAL] if slot in BY_AGENCY else _fillers()[slot]


@lru_cache(maxsize=1)
def services() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the slots that depend on the agency: slot to agency id, `local` or `central` to fillers."""
    found: Mapping[str, Mapping[str, Sequence[str]]] = _yaml("services")
    return found


@lru_cache(maxsize=1)
def apps() -> Mapping[str, Sequence[str]]:
    """Return agency id to the names of its applications."""
    found: Mapping[str, Sequence[str]] = _yaml("apps")
    return found


@lru_cache(maxsize=1)
def _fillers() -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = _yaml("fillers")
    return found


def _yaml(name: str) -> Any:
    return yaml.safe_load((files(__package__ or "") / f"{name}.yaml").read_text(encoding="utf-8"))


def _of_register(register: str) -> list[Template]:
    text = (files(__package__ or "") / f"{register}.csv").read_text(encoding="utf-8")
    return [_template(register, row) for row in csv.DictReader(text.splitlines())]


def _template(register: str, row: dict[str, str]) -> Template:
    phenomena = tuple(filter(None, row["phenomena"].split("|")))
    text, which = row["text"], row["id"]
    slots = tuple(_SLOT.findall(text))
    for label, known in (("polarity", POLARITIES), ("aspect", ASPECTS), ("split", SPLITS)):
        if row[label] not in known:
            raise _fault(which, f"has the {label} {row[label]!r}")
    if unknown := next((one for one in phenomena if one not in PHENOMENA), ""):
        raise _fault(which, f"has the phenomenon {unknown!r}")
    if unknown := next((one for one in slots if one not in (*NAMING, OTHER, *BY_AGENCY) and one not in _fillers()), ""):
        raise _fault(which, f"has the slot {unknown!r}, which nothing fills")
    if OTHER in slots and not set(slots) & set(NAMING):
        raise _fault(which, "names a second agency and no first one")
    if not unicodedata.is_normalized("NFC", text) or set(_SLOT.sub("", text)) & {"{", "}"}:
        raise _fault(which, "is not in Unicode NFC or has a stray brace")
    plain = any(one in phenomena for one in _PLAIN)
    capitals = tuple(
        not plain and bool(_SENTENCE_START.search(text[: match.start()])) for match in _SLOT.finditer(text)
    )
    labels = (row["polarity"], row["aspect"], register, phenomena, row["split"])
    return Template(which, *labels, _SLOT.sub("{}", text), slots, capitals)


def _fault(which: str, what: str) -> InputError:
    return InputError(f"The template {which} {what}.", "Mend its row in tasks/evidence/tone/templates.")
