"""Which agency a rating is about, and whether it employs the expert."""

from datetime import date
from functools import cache

from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.harmonise.text import agency_key, tokens
from warehouse.frameworks.model import Framework

OWN, OTHER, UNKNOWN = "own", "other", "unknown"
# How the names of bodies within an agency begin, before the agency's own name; universities and enterprises do not.
_BODIES = frozenset(
    {"so", "van", "vu", "cuc", "tong", "chi", "trung", "phong", "ban", "thanh", "hoi", "uy", "ubnd", "hdnd"}
)


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
        self._employer_of = cache(self._id_of_employer)
        self.employment = cache(self._employment)

    @classmethod
    def of(cls, framework: Framework, period: str) -> "Places":
        """The agencies that a framework ranks at the end of a period, in the project's own registry."""
        return cls(Registry.bundled(), period_end(period), framework.description.population)

    def _employment(self, employer: str, agency: str) -> str:
        """Say whether an expert judges the own employer.

        Args:
            employer: Employer as written.
            agency: Judged agency as written.

        Returns:
            `own`, also for a body within the agency (`Sở Y tế tỉnh Phú Thọ`, `Cục Tin học hóa, Bộ ...`), `other`, or
            `unknown` where the employer is no agency of the registry: a university, an enterprise, an ambiguous name.
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

    def _id_of_employer(self, text: str) -> str:
        """Id of the agency that a text names, or that the body it names belongs to: that name ends the text.

        Within a body's name only the name of a province, or of a ministry with the word Bộ, is looked for: the "Y tế"
        of "Sở Y tế" is no ministry.
        """
        whole = self._id(text, None)
        words = text.split()
        if whole or not set(tokens(text)[:1]) & _BODIES:
            return whole
        for start in range(1, len(words)):
            name = " ".join(words[start:])
            found = self._registry.find(name, self._at)
            if found and (found.kind == "province" or tokens(name)[0] == "bo"):
                return found.agency_id
        return ""

    def _id(self, text: str, kinds: tuple[str, ...] | None) -> str:
        """Id of the one agency that a text stands for; empty where there is none or several."""
        agency = self._registry.find(text, self._at, kinds) if text.strip() else None
        return agency.agency_id if agency else ""
