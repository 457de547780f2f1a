"""The synthetic expert panel: who rates which agency in two Delphi rounds, what is wrong with it, and the true values.

An expert is lenient or strict as a whole and errs on every criterion; both are drawn symmetrically around the truth,
which is a tenth of a mark like the ratings, so that rounding is symmetric too. In the second round some go half the way
to the median of the first. Means and medians of such ratings have the truth as their expectation in both rounds, and so
has a mean weighted by confidence, because confidence says how far an expert may err, not in which direction. The truth
is that of the population from which the 40 experts are drawn.

On purpose, experts rate their own agency too, and too well; one agency has fewer experts than may be published. People,
institutes and words are made up and say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.demo.latent import seeded
from tasks.demo.records import Dirt, Truth
from tasks.evidence.experts.measure import judged_criteria
from warehouse.frameworks.experts import ExpertDeclaration, load_experts
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency

Floats = npt.NDArray[np.float64]
Rating = dict[str, Any]

EXPERTS = 40
_RATERS = (12, 16)  # of one agency
_EMPLOYED = 6  # experts who work for a judged agency
_FEW = 4
# Spreads in ninths of the scale, so that ratings stay on it; agencies spread as in the survey.
_AGENCY_SPREAD, _CRITERION_SPREAD, _FURTHEST = 0.45, 0.5, 1.3
_LENIENCY, _ERROR = 1.2, 1.7
_CONFIDENCES = (0.05, 0.1, 0.3, 0.35, 0.2)  # shares of the five steps
_REVISING, _PART_OF_THE_WAY, _LEAVING = 0.6, 0.5, 0.05
_OWN_AGENCY_BONUS = 2.0
_EXPLAINED = 0.2
# What is wrong: kind to its share of the ratings.
FAULTS = {"rating off the scale": 0.004, "duplicate": 0.004, "criterion not known": 0.002, "agency not known": 0.002}


@dataclass
class DemoExperts:
    """A synthetic panel.

    Attributes:
        ratings: Fields of a rating, with `name`, in the order of round, agency, criterion and expert.
        truth: True values, one an agency and criterion.
        dirt: Faulty ratings by kind.
        planted: Names, codes, institutes and words of experts; none of them may ever be found downstream.
    """

    ratings: list[Rating] = field(default_factory=list)
    truth: list[Truth] = field(default_factory=list)
    dirt: list[Dirt] = field(default_factory=list)
    planted: list[str] = field(default_factory=list)


def draw_experts(framework: Framework, agencies: Sequence[Agency], seed: int, *, faults: bool = True) -> DemoExperts:
    """Draw the panel of a framework with an `experts.yaml`; the same arguments give the same one.

    Args:
        framework: The framework.
        agencies: Agencies that are judged.
        seed: Seed of every draw.
        faults: Whether anything is wrong; with faults, one agency of five or more has too few experts.
    """
    maker = _Maker(framework, load_experts(framework.folder), seed, agencies)
    short = seeded(seed, framework.name, "experts").randrange(len(agencies)) if faults and len(agencies) > 4 else -1
    for place, agency in enumerate(agencies):
        maker.ask(agency, few=place == short)
    drawn = maker.finish()
    if faults:
        _spoil(drawn, framework, seed)
    return drawn


class _Maker:
    """Draws the ratings of one panel, agency by agency."""

    def __init__(
        self, framework: Framework, declaration: ExpertDeclaration, seed: int, agencies: Sequence[Agency]
    ) -> None:
        self._framework, self._seed, self._scale = framework, seed, declaration.scale
        self._unit = (self._scale.high - self._scale.low) / 9
        self._criteria = judged_criteria(framework, declaration)
        self._bias = self._rng("experts").uniform(-_LENIENCY, _LENIENCY, EXPERTS)
        own = [agencies[7 * number % len(agencies)] for number in range(_EMPLOYED if agencies else 0)]
        self._employers = dict(enumerate(own))
        self._made = DemoExperts()

    def ask(self, agency: Agency, *, few: bool) -> None:
        """Let some of the experts rate an agency, and those who work for it too."""
        rng = self._rng(agency.agency_id)
        own = [number for number, employer in self._employers.items() if employer == agency]
        others = [number for number in range(EXPERTS) if number not in own]
        raters = np.sort(rng.choice(others, _FEW if few else rng.integers(*_RATERS, endpoint=True), replace=False))
        for code in self._criteria:
            true = self._true(agency, code)
            value = self._in_unit_of_node(code, true)
            outcome = "missing" if few else "measured"
            self._made.truth.append(Truth(self._framework.name, agency.agency_id, code, value, outcome))
            self._rate(agency, code, true, raters, rng)
            self._rate(agency, code, true + _OWN_AGENCY_BONUS * self._unit, np.array(own, dtype=np.int64), rng)

    def finish(self) -> DemoExperts:
        """Put the ratings in order, and name whatever must never show up again."""
        made = self._made
        made.ratings.sort(key=lambda one: (one["round"], one["agency"], one["criterion"], one["expert"]))
        made.planted = sorted(
            {one[name] for one in made.ratings for name in ("expert", "name", "justification")}
            | {self._employer(number) for number in range(len(self._employers), EXPERTS)} - {""}
        )
        made.planted = [text for text in made.planted if text]
        return made

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self._seed, *f"{self._framework.name}/experts/{name}".encode()])

    def _true(self, agency: Agency, code: str) -> float:
        # The first draw under this name is the quality behind the agency's own return (tasks/demo/latent.py).
        quality = seeded(self._seed, self._framework.name, agency.agency_id).gauss(0.0, _AGENCY_SPREAD)
        ease = seeded(self._seed, self._framework.name, code).gauss(0.15, _CRITERION_SPREAD)
        place = max(-_FURTHEST, min(_FURTHEST, 1.3 * (quality + ease)))
        return round((self._scale.low + self._scale.high) / 2 + place * self._unit, 1)

    def _in_unit_of_node(self, code: str, true: float) -> float:
        low, high = self._framework.by_code[code].bounds
        return low + (true - self._scale.low) / (self._scale.high - self._scale.low) * (high - low)

    def _rate(
        self, agency: Agency, code: str, true: float, raters: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> None:
        """Two rounds of one criterion."""
        size = len(raters)
        confidence = rng.choice(len(_CONFIDENCES), size, p=_CONFIDENCES) + 1
        error = rng.uniform(-_ERROR, _ERROR, size) * (1.2 - 0.08 * confidence)
        first = self._marks(true + self._unit * (self._bias[raters] + error))
        moved = np.where(rng.random(size) < _REVISING, _PART_OF_THE_WAY, 0.0)
        second = self._marks(first + moved * ((np.median(first) if size else 0.0) - first))
        stays = rng.random(size) >= _LEAVING
        for place, number in enumerate(raters):
            marks = (first[place], second[place]) if stays[place] else (first[place],)
            for turn, mark in enumerate(marks, start=1):
                self._add(int(number), agency, code, turn, float(mark), int(confidence[place]), rng)

    def _marks(self, values: Floats) -> Floats:
        return np.asarray(np.round(np.clip(values, self._scale.low, self._scale.high), 1), dtype=np.float64)

    def _add(
        self, number: int, agency: Agency, code: str, turn: int, mark: float, confidence: int, rng: np.random.Generator
    ) -> None:
        explained = f"Nhận xét mô phỏng số {len(self._made.ratings):06d}" if rng.random() < _EXPLAINED else ""
        self._made.ratings.append(
            {
                "expert": f"CGMP-{number + 1:03d}",
                "name": f"Chuyên Gia Mô Phỏng {number + 1:03d}",
                "employer": self._employer(number),
                "agency": agency.full_name_vi,
                "criterion": code,
                "round": turn,
                "rating": mark,
                "confidence": confidence,
                "justification": explained,
            }
        )

    def _employer(self, number: int) -> str:
        known = self._employers.get(number)
        return known.full_name_vi if known else f"Viện Nghiên cứu Mô Phỏng {number + 1:03d}"


def _spoil(drawn: DemoExperts, framework: Framework, seed: int) -> None:
    """Make the faults: one more row for each, but a rating off the scale stands in place of the right one."""
    rng = seeded(seed, framework.name, "expert faults")
    spoiled: list[Rating] = []
    for one in drawn.ratings:
        kind = rng.choices(("", *FAULTS), (1 - sum(FAULTS.values()), *FAULTS.values()))[0]
        if kind:
            drawn.dirt.append(Dirt(framework.name, "", "", kind, one["agency"], one["criterion"], "refused", kind))
        if kind == "rating off the scale":
            one = one | {"rating": one["rating"] * 10 + 5}  # the comma forgotten
        elif kind == "duplicate":
            spoiled.append(one | {"rating": float(rng.randint(2, 9))})
        elif kind == "criterion not known":
            spoiled.append(one | {"criterion": "MP.0.0"})
        elif kind == "agency not known":
            spoiled.append(one | {"agency": "Đơn vị mô phỏng không có thật"})
        spoiled.append(one)
    drawn.ratings = spoiled
