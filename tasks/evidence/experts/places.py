"""Which agency a rating is about, and whether it employs the expert."""

from datetime import date
from functools import cache

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.text import agency_key
from warehouse.frameworks.model import Framework

OWN, OTHER, UNKNOWN = "own", "other", "unknown"


class Places:
    """Looks agencies up at the end of a period; an ambiguous name is never guessed.

    Args:
        registry: The agencies.
        at: The day.
        kinds: Kinds of agencies that are judged; empty for all.
    """

    def __init__(self, registry: Registry, at: date, kinds: tuple[str, ...] = ()) -> None:
        self._registry, self._at, self._kinds = registry, at, kinds
        self.agency_of = cache(self._agency_of)  # an instance lives as long as one table of ratings
        self._employer_of = cache(lambda text: self._id(text, None))

    @classmethod
    def of(cls, framework: Framework, period: str) -> "Places":
        """The agencies that a framework ranks at the end of a period, in the project's own registry."""
        return cls(Registry.bundled(), period_end(period), framework.description.population)

    def employment(self, employer: str, agency: str) -> str:
        """Say whether an expert judges the own employer.

        Args:
            employer: Employer as written.
            agency: Judged agency as written.

        Returns:
            `own`, `other`, or `unknown` where the employer is no agency of the registry: a university, an enterprise, a
            department of an agency, or an ambiguous name.
        """
        if not employer.strip():
            return UNKNOWN
        judged = self.agency_of(agency)
        employers = {self.agency_of(employer), self._employer_of(employer)} - {""}
        if agency_key(employer) == agency_key(agency) or judged in employers:
            return OWN
        return OTHER if employers else UNKNOWN

    def _agency_of(self, text: str) -> str:
        return self._id(text, self._kinds)

    def _id(self, text: str, kinds: tuple[str, ...] | None) -> str:
        """Id of the one agency that a text stands for; empty where there is none or several."""
        agency = self._registry.find(text, self._at, kinds) if text.strip() else None
        return agency.agency_id if agency else ""
