"""What became of the ratings of an expert panel: counts and aggregates, never an expert or a rating."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class ExpertsSummary:
    """The account of a panel.

    Attributes:
        ratings: Ratings that arrived.
        used: Ratings behind the estimates: of cells that are published, the one that counts of each expert.
        experts: Experts with a usable rating.
        rounds: Rounds with a usable rating.
        refused: Reason to number of ratings that could not be used.
        duplicates: Ratings replaced by a later one of the same expert, cell and round.
        own_agency: Ratings of the agency that employs the expert, left out by rule.
        employer_unknown: Usable ratings for which the rule could not be applied: the employer is no known agency.
        confidence_unknown: Usable ratings that weigh like one of middle confidence, because none was understood.
        cells: Published cells.
        suppressed: `agency: criterion` with fewer experts than may be published.
        consensus: Share of the published cells in which the experts agree; None without any.
        feedback: Part of the way to the median that revising experts went.
        movement: One entry a pair of rounds, as `movement` gives them.
        alpha: Group of criteria (`all` for all of them) to Krippendorff's alpha over the cells as units.
    """

    ratings: int = 0
    used: int = 0
    experts: int = 0
    rounds: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    own_agency: int = 0
    employer_unknown: int = 0
    confidence_unknown: int = 0
    cells: int = 0
    suppressed: tuple[str, ...] = ()
    consensus: float | None = None
    feedback: float | None = None
    movement: list[dict[str, Any]] = field(default_factory=list)
    alpha: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The account as JSON can write it."""
        return asdict(self)
