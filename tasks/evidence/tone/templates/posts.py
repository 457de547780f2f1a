"""Choosing templates for posts, and the frame of what was written."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.evidence.tone.model import POLARITIES
from tasks.evidence.tone.templates.library import SPLITS, apps, load_templates
from tasks.evidence.tone.templates.names import is_province, known_agencies, usual_agencies
from tasks.evidence.tone.templates.noise import Noise
from tasks.evidence.tone.templates.writing import Texts, Whole, Writer
from warehouse.errors import InputError

COLUMNS = ("text", "polarity", "aspect", "agencies", "register", "phenomena", "template", "channel")
_ENOUGH_WAYS = 20_000.0  # a template that gives fewer posts is chosen less often, or they would repeat
_OF_NOBODY = 2.5  # how much more often a post that names nobody is taken: half of what people write does not
_APP_OWNERS = 5  # how much more often an app that has a name is spoken of


def generate(
    seed: int,
    count: int,
    *,
    split: str | None = None,
    polarity_of: Mapping[str, Sequence[float]] | None = None,
    agencies: Sequence[str] | None = None,
    noise: Noise | None = None,
) -> pd.DataFrame:
    """Make posts with their labels.

    Args:
        seed: The same seed and arguments give the same posts.
        count: Number of posts.
        split: Only templates of this split.
        polarity_of: Agency id to its shares of negative, neutral and positive posts; then every post names one of these
            agencies. Without it polarities are as frequent as templates have them, and about a third names nobody.
        agencies: Ids of the agencies that are named; without it those of `polarity_of`, or all in force at end of 2020.
        noise: How the posts are typed; None for the usual habits, `NONE` for clean texts.

    Returns:
        Grain one row a post, with `COLUMNS`, all of them text: `agencies` are ids and `phenomena` names joined by `|`.

    Raises:
        InputError: There is no such split or agency, or shares are no shares.
    """
    rng = np.random.default_rng([seed, count])
    ids = _checked(split, polarity_of, agencies)
    if polarity_of is not None:
        whom = rng.integers(len(ids), size=count)
        bounds = np.cumsum([np.asarray(polarity_of[one], dtype=float) for one in ids], axis=1)[whom]
        drawn = (rng.random((count, 1)) * bounds[:, -1:] >= bounds[:, :-1]).sum(axis=1)
        wishes = pd.DataFrame({"agency": np.array(ids, dtype=object)[whom], "channel": "", "relevant": True})
        return write(rng, wishes.assign(polarity=np.array(POLARITIES, dtype=object)[drawn]), split=split, noise=noise)
    known = _of_split(split)
    chosen = np.array(known)[rng.choice(len(known), size=count, p=_weights(tuple(known)))]
    return _rendered(rng, chosen, _whom(rng, chosen, ids), noise)


def write(
    rng: np.random.Generator, wishes: pd.DataFrame, *, split: str | None = None, noise: Noise | None = None
) -> pd.DataFrame:
    """Write the posts that are wished for.

    Args:
        rng: Random generator.
        wishes: Grain one row a post: `polarity`; `agency`, an id, empty for a post that names nobody; `channel`, empty
            for any; `relevant`, whether it must be about public services.
        split: Only templates of this split.
        noise: As for `generate`.

    Returns:
        As `generate`, row by row what was wished for.

    Raises:
        InputError: No template can say what is wished for.
    """
    templates = load_templates()
    chosen = np.zeros(len(wishes), dtype=np.int64)
    whom = wishes["agency"].astype(object).to_numpy()
    kinds = ["nobody" if not one else "province" if is_province(one) else "agency" for one in whom]
    columns = (wishes["polarity"].tolist(), wishes["channel"].tolist(), wishes["relevant"].tolist(), kinds)
    places: dict[tuple[str, str, bool, str], list[int]] = {}
    for at, key in enumerate(zip(*columns, strict=True)):
        places.setdefault(key, []).append(at)
    for (polarity, channel, relevant, kind), rows in sorted(places.items()):
        fitting = [
            at
            for at in _of_split(split)
            if templates[at].polarity == polarity
            and channel in ("", templates[at].channel)
            and not (relevant and templates[at].aspect == "irrelevant")
            and (templates[at].names == kind or (kind == "province" and templates[at].names == "agency"))
        ]
        if not fitting:
            raise InputError(
                f"No template of {channel or 'any channel'} is {polarity} and names {kind}.",
                "Add one in tasks/evidence/tone/templates.",
            )
        chosen[rows] = np.array(fitting)[rng.choice(len(fitting), size=len(rows), p=_weights(tuple(fitting)))]
    return _rendered(rng, chosen, whom, noise)


def _checked(
    split: str | None, polarity_of: Mapping[str, Sequence[float]] | None, agencies: Sequence[str] | None
) -> list[str]:
    if split is not None and split not in SPLITS:
        raise InputError(f"There is no split {split!r}.", f"Splits are {', '.join(SPLITS)}.")
    ids = list(agencies if agencies is not None else polarity_of or usual_agencies())
    if not ids:
        raise InputError("No agency is given.", "Leave `agencies` out for all of them.")
    if unknown := next((one for one in ids if one not in known_agencies()), ""):
        raise InputError(f"No agency has the id {unknown!r}.", "`dti agencies list` shows the ids.")
    for one in ids if polarity_of is not None else ():
        shares = np.asarray(polarity_of.get(one, ()) if polarity_of else (), dtype=float)
        if shares.shape != (len(POLARITIES),) or not (
            np.isfinite(shares).all() and (shares >= 0).all() and shares.any()
        ):
            raise InputError(f"The shares of {one} are not three numbers from 0.", f"Give {', '.join(POLARITIES)}.")
    return ids


def _of_split(split: str | None) -> list[int]:
    return [at for at, template in enumerate(load_templates()) if split in (None, template.split)]


@lru_cache(maxsize=512)
def _weights(chosen: tuple[int, ...]) -> NDArray[np.float64]:
    """How often each of some templates is taken: less often where its posts would soon repeat."""
    templates = load_templates()
    ways = np.array([templates[at].ways for at in chosen])
    raw = np.minimum(1.0, ways / _ENOUGH_WAYS) ** 0.4
    raw *= np.array([_OF_NOBODY if templates[at].names == "nobody" else 1.0 for at in chosen])
    found: NDArray[np.float64] = raw / raw.sum()
    return found


def _whom(rng: np.random.Generator, chosen: Whole, ids: Sequence[str]) -> Texts:
    """An agency for each chosen template that names one; where only a province fits and none is given, any of them."""
    provinces = [one for one in ids if is_province(one)] or [one for one in usual_agencies() if is_province(one)]
    owners = [*ids, *(_APP_OWNERS * [one for one in ids if one in apps()])]
    whom = np.full(len(chosen), "", dtype=object)
    for at, rows in _grouped(chosen):
        template = load_templates()[at]
        if template.names != "nobody":
            pool = provinces if template.names == "province" else owners if "app" in template.slots else ids
            whom[rows] = np.array(pool, dtype=object)[rng.integers(len(pool), size=len(rows))]
    return whom


def _grouped(codes: Whole) -> list[tuple[int, Whole]]:
    """The rows of each code."""
    if not len(codes):
        return []
    order = np.argsort(codes, kind="stable")
    found, starts = np.unique(codes[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, starts[1:]), strict=True))


def _rendered(rng: np.random.Generator, chosen: Whole, whom: Texts, noise: Noise | None) -> pd.DataFrame:
    size, templates = len(chosen), load_templates()
    columns: dict[str, Any] = {name: np.full(size, "", dtype=object) for name in COLUMNS}
    for at, rows in _grouped(chosen):
        template = templates[at]
        texts, others, phenomena = Writer(rng, template, whom[rows], noise or Noise()).write()
        columns["text"][rows] = texts
        columns["agencies"][rows] = others
        columns["phenomena"][rows] = phenomena
        for name, value in (("polarity", template.polarity), ("aspect", template.aspect), ("template", template.id)):
            columns[name][rows] = value
        columns["register"][rows] = template.register
        columns["channel"][rows] = template.channel
    return pd.DataFrame(columns, columns=list(COLUMNS)).astype("str")
