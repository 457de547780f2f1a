"""From ratings as written to numbers; what cannot be used is counted by reason."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from tasks.evidence.experts.places import OWN, UNKNOWN
from tasks.harmonise.items import ItemIndex
from tasks.harmonise.numbers import parse_number
from warehouse.frames import records
from warehouse.frameworks.experts import ConfidenceScale, ExpertDeclaration
from warehouse.frameworks.model import Framework

CODED_COLUMNS = ("expert", "agency", "criterion", "round", "rating", "confidence", "last_round", "first")
CELL = ["agency", "criterion"]
_RATER = ["expert", *CELL]
_ROUND = re.compile(r"\D*(\d{1,2})(?:[.,]0)?\D*", re.ASCII)


@dataclass
class CodedRatings:
    """Ratings as numbers.

    Attributes:
        rows: CODED_COLUMNS of every usable rating of every round, grain expert x agency x criterion x round;
            `confidence` is a share of the highest one, `last_round` whether it is the rating that counts, `first` the
            expert's first usable rating of the cell.
        refused: Reason to number of ratings that cannot be used.
        duplicates: Ratings replaced by a later one of the same expert, cell and round.
        own_agency: Number of ratings of the agency that employs the expert, left out, by agency and criterion.
        employer_unknown: Usable ratings for which that could not be found out.
        confidence_unknown: Usable ratings without a confidence that is understood; they weigh like the middle one.
    """

    rows: pd.DataFrame
    refused: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    own_agency: pd.Series = field(default_factory=lambda: pd.Series(dtype="int64"))
    employer_unknown: int = 0
    confidence_unknown: int = 0


def code_ratings(
    ratings: pd.DataFrame,
    framework: Framework,
    declaration: ExpertDeclaration,
    criteria: tuple[str, ...],
    agency_of: Callable[[str], str],
) -> CodedRatings:
    """Code ratings.

    Args:
        ratings: KEPT_COLUMNS of `pseudonyms`, as text, in the order in which they came.
        framework: The framework, for spellings of its criteria.
        declaration: The panel.
        criteria: Codes of the criteria that experts judge.
        agency_of: Spelling of an agency to its id, empty where unknown or ambiguous.
    """
    coder = _Coder(declaration, criteria, ItemIndex(framework), agency_of)
    coded = [coder.code(row) for row in records(ratings.fillna("").astype(str))]
    found = CodedRatings(
        pd.DataFrame(columns=list(CODED_COLUMNS)), Counter(one for one in coded if isinstance(one, str))
    )
    rows = pd.DataFrame([one for one in coded if not isinstance(one, str)])
    if rows.empty:
        return found
    is_own = rows["employed"] == OWN
    found.own_agency = rows[is_own].groupby(CELL).size()
    rows = rows[~is_own]
    last = ~rows.duplicated([*_RATER, "round"], keep="last")
    found.duplicates = int((~last).sum())
    rows = rows[last]
    found.employer_unknown = int((rows["employed"] == UNKNOWN).sum())
    found.confidence_unknown = int(rows["confidence"].isna().sum())
    middle = (declaration.confidence.low + declaration.confidence.high) / 2 / declaration.confidence.high
    found.rows = _placed_in_time(rows.assign(confidence=rows["confidence"].fillna(middle)), declaration)
    return found


def _placed_in_time(rows: pd.DataFrame, declaration: ExpertDeclaration) -> pd.DataFrame:
    """Say of each rating whether it counts, and what the expert said first."""
    rows = rows.sort_values([*CELL, "round"], kind="stable")
    by_rater = rows.groupby(_RATER, sort=False)
    counts = rows["round"] == by_rater["round"].transform("max")
    if declaration.counted == "last_of_panel":
        counts &= rows["round"] == rows["round"].max()
    rows = rows.assign(last_round=counts, first=by_rater["rating"].transform("first"))
    return rows[list(CODED_COLUMNS)].reset_index(drop=True)


class _Coder:
    """Codes one rating after another; equal spellings are looked up once."""

    def __init__(
        self,
        declaration: ExpertDeclaration,
        criteria: tuple[str, ...],
        items: ItemIndex,
        agency_of: Callable[[str], str],
    ) -> None:
        self._scale, self._confidence = declaration.scale, declaration.confidence
        self._criteria, self._items, self._agency_of = frozenset(criteria), items, agency_of
        self._nodes: dict[str, str] = {}

    def code(self, row: dict[str, str]) -> dict[str, object] | str:
        """The coded rating, or why it cannot be used."""
        agency, node = self._agency_of(row["agency"]), self._node(row["criterion"])
        rating, turn = parse_number(row["rating"]), round_of(row["round"])
        if not row["expert"]:
            return "expert missing"
        if not row["rating"].strip():
            return "rating missing"
        if rating.value is None:
            return "rating not a number"
        if not self._scale.low <= rating.value <= self._scale.high or rating.unit_hint == "%":
            return "rating off the scale"
        if not agency:
            return "agency not known or ambiguous"
        if node not in self._criteria:
            return "criterion not judged by experts" if node else "criterion not known"
        if turn is None:
            return "round not understood"
        return {
            "expert": row["expert"],
            "employed": row["employed"],
            "agency": agency,
            "criterion": node,
            "round": turn,
            "rating": rating.value,
            "confidence": share_of_confidence(row["confidence"], self._confidence),
        }

    def _node(self, text: str) -> str:
        if text not in self._nodes:
            node = self._items.find(text)
            self._nodes[text] = node.code if node else ""
        return self._nodes[text]


def round_of(text: str) -> int | None:
    """Number of a round; 1 where none is written, None where it is not understood.

    >>> [round_of(text) for text in ("", "2", "Vòng 2", "hai")]
    [1, 2, 2, None]
    """
    found = _ROUND.fullmatch(text.strip() or "1")
    return int(found[1]) or None if found else None


def share_of_confidence(text: str, scale: ConfidenceScale) -> float | None:
    """A confidence as a share of the highest one; None where it is missing, no number or off the scale.

    >>> [share_of_confidence(text, ConfidenceScale()) for text in ("4", "80%", "9", "")]
    [0.8, 0.8, None, None]
    """
    number = parse_number(text)
    if number.value is None:
        return None
    share = number.value / (100.0 if number.unit_hint == "%" else scale.high)
    return share if scale.low / scale.high <= share <= 1.0 else None
