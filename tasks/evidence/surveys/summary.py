"""What became of the answers of a survey: counts and names of columns and cells, never of a respondent."""

from dataclasses import asdict, dataclass, field
from typing import Any

from tasks.evidence.surveys.weights import WeightReport


@dataclass
class SurveySummary:
    """The account of one survey.

    Attributes:
        survey: Name of the survey.
        submissions: Submissions that arrived on its forms.
        used: Submissions behind the estimates.
        refused: Reason to number of submissions that could not be used.
        flagged: Flag to number of submissions.
        excluded: Flag to number of submissions that the flag left out; one with several flags counts under each.
        form_versions: Form version to number of submissions used.
        unmapped: Form version to columns that nobody mapped.
        unused: Form version to declared questions that the answers do not have.
        suppressed: `agency: criterion` with fewer answers or clusters than may be published.
        no_respondent: Agencies of the population without a usable submission.
        lone_strata: `agency: stratum` with one cluster, merged with another of the agency.
        oversampled: `agency: stratum` with more clusters than its population is said to have.
        weights: What was done to the weights.
    """

    survey: str
    submissions: int = 0
    used: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    flagged: dict[str, int] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    form_versions: dict[str, int] = field(default_factory=dict)
    unmapped: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suppressed: tuple[str, ...] = ()
    no_respondent: tuple[str, ...] = ()
    lone_strata: tuple[str, ...] = ()
    oversampled: tuple[str, ...] = ()
    weights: WeightReport = field(default_factory=WeightReport)


@dataclass
class SurveysSummary:
    """The account of everything that was gathered for the surveys of a framework.

    Attributes:
        surveys: One account a survey with submissions.
        unknown_forms: Form to number of submissions that belong to no declared survey.
    """

    surveys: tuple[SurveySummary, ...] = ()
    unknown_forms: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The account as JSON can write it."""
        return asdict(self)
