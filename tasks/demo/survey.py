"""The synthetic survey: who is asked, what they answer, what is wrong with some submissions, and the true values.

The default sizes are 1,500 officials, 3,000 enterprises and 12,000 people in 63 provinces: 23 or 24, 47 or 48 and 190
or 191 of each agency. They are spread over all strata of the population and 8 clusters a stratum (officials: 6), so
that every agency has 14 degrees of freedom (officials: 10) and the minimum cells of 10, 20 and 30 answers hold also
where some do not know. With 4 clusters a stratum the intervals would cover 92 % only: the larger stratum of an agency
outweighs the other, so that there are fewer degrees of freedom in effect than clusters less strata.

On purpose the minimum cells do not hold for two agencies: among the officials of one nobody answers, of another only
six do. The true value is the expectation over all clusters and persons of a stratum, so that it does not depend on who
is asked. Respondents, names and numbers are made up and say so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd

from tasks.demo.answers import Codes, Numbers, Opinion, Texts, opinion_of, spell
from tasks.demo.latent import seeded
from tasks.demo.records import Dirt, Truth
from tasks.harmonise.periods import period_end
from warehouse.frames import records
from warehouse.frameworks.model import Framework
from warehouse.frameworks.survey import FormVersion, Survey, load_surveys
from warehouse.frameworks.survey_tables import load_margins, load_population
from warehouse.reference.agencies import Agency

Submission = dict[str, str]

SIZES: Mapping[str, int] = {"officials": 1_500, "enterprises": 3_000, "people": 12_000}
_AGENCIES = 63  # for which the sizes are meant; fewer agencies get as many answers each
_CLUSTERS = {"officials": 6, "enterprises": 8, "people": 8}  # a stratum
_INTERVIEWERS = 2  # an agency and survey
_DONT_KNOW = 0.03
_SECOND_VERSION = 0.4
_FEW = 6
# What is wrong with submissions: kind to share of all, each drawn apart from the others.
FAULTS: Mapping[str, float] = {
    "speeder": 0.01,
    "duplicate": 0.005,
    "impossible": 0.004,
    "weight missing": 0.002,
    "weight zero or negative": 0.002,
    "agency not known": 0.001,
    "form version not mapped": 0.001,
}


@dataclass
class DemoSurvey:
    """A synthetic survey.

    Attributes:
        submissions: Name of the survey to its submissions in the order of time: one flat dictionary of question to
            answer, with `_id`, `_uuid`, `form`, `version` and `submitted_at`.
        truth: True values, one an agency and criterion.
        dirt: Faulty submissions, by `_uuid` as locator and the form as file.
        planted: Names and telephone numbers of respondents; none of them may ever be found downstream.
    """

    submissions: dict[str, list[Submission]] = field(default_factory=dict)
    truth: list[Truth] = field(default_factory=list)
    dirt: list[Dirt] = field(default_factory=list)
    planted: list[str] = field(default_factory=list)


def draw_survey(
    framework: Framework,
    agencies: Sequence[Agency],
    seed: int,
    period: str,
    *,
    sizes: Mapping[str, int] = SIZES,
    faults: Mapping[str, float] = FAULTS,
) -> DemoSurvey:
    """Draw the survey of a framework; the same arguments give the same one.

    Args:
        framework: A framework with a `survey.yaml` and the sizes of its populations.
        agencies: Agencies that are judged.
        seed: Seed of every draw.
        period: Period; answers are given in the two months after it.
        sizes: Population to the number of respondents for 63 agencies; for fewer agencies proportionally fewer.
        faults: Kind of fault to its share of the submissions; with faults, two agencies have too few officials.
    """
    drawn = DemoSurvey()
    for survey in load_surveys(framework.folder).surveys:
        maker = _Maker(framework, survey, seed, period, faults)
        total = round(sizes[survey.population] * len(agencies) / _AGENCIES)
        short = _short_agencies(agencies, survey, seed) if faults else {}
        counts = _shares(total, len(agencies))
        for agency, count in zip(agencies, counts, strict=True):
            maker.ask(agency, short.get(agency.agency_id, count))
            drawn.truth += maker.truth(agency, arrives=agency.agency_id not in short)
        maker.finish(drawn)
    return drawn


def as_answers(submissions: Sequence[Submission]) -> pd.DataFrame:
    """Return submissions as a source of answers would: the standard columns, and every question as text."""
    frame = pd.DataFrame(submissions).fillna("").drop(columns="_id")
    names = {"_uuid": "submission_id", "version": "form_version"}
    return frame.rename(columns=names).assign(review_state="")


def _shares(total: int, parts: int) -> list[int]:
    """Parts of a total that differ by one at most."""
    whole, rest = divmod(total, max(parts, 1))
    return [whole + (place < rest) for place in range(parts)]


def _short_agencies(agencies: Sequence[Agency], survey: Survey, seed: int) -> dict[str, int]:
    """Agencies with too few respondents, only among officials."""
    if survey.population != "officials" or len(agencies) < 5:
        return {}
    chosen = seeded(seed, survey.survey, "short").sample([agency.agency_id for agency in agencies], 2)
    return {chosen[0]: 0, chosen[1]: _FEW}


class _Maker:
    """Draws one survey, agency by agency."""

    def __init__(
        self, framework: Framework, survey: Survey, seed: int, period: str, faults: Mapping[str, float]
    ) -> None:
        self._framework, self._survey, self._seed, self._faults = framework, survey, seed, faults
        population = load_population(framework.folder, survey.survey)
        margins = load_margins(framework.folder, survey, population)
        self._strata: dict[str, list[dict[str, Any]]] = {}
        for row in records(population):
            self._strata.setdefault(row["agency"], []).append(row)
        self._margins = {
            (str(agency), str(margin)): dict(zip(own["category"], own["units"], strict=True))
            for (agency, margin), own in margins.groupby(["agency", "margin"])
        }
        self._start = datetime.combine(period_end(period), datetime.min.time(), tzinfo=UTC) + timedelta(days=3, hours=1)
        self._kinds = {
            code: survey.scales[item.scale].kind for form in survey.forms for code, item in form.criteria.items()
        }
        self._made: list[Submission] = []
        self._dirt: list[Dirt] = []
        self._planted: list[str] = []

    def ask(self, agency: Agency, count: int) -> None:
        """Ask respondents about one agency."""
        strata = self._strata.get(agency.agency_id, [])
        for size, stratum in zip(_shares(count, len(strata)), strata, strict=True):
            if size:
                self._ask_stratum(agency, stratum, size)

    def truth(self, agency: Agency, *, arrives: bool) -> list[Truth]:
        """True values: expected marks over the strata, in the unit of the criterion."""
        strata = self._strata.get(agency.agency_id, [])
        units = np.array([stratum["units"] for stratum in strata])
        found = []
        for code, kind in self._kinds.items():
            node = self._framework.by_code[code]
            expected = [self._opinion(agency, name, code).expected(kind) for name in (one["stratum"] for one in strata)]
            low, high = node.bounds
            value = low + float(np.dot(units, expected) / units.sum()) * (high - low)
            found.append(
                Truth(self._framework.name, agency.agency_id, code, value, "measured" if arrives else "missing")
            )
        return found

    def finish(self, drawn: DemoSurvey) -> None:
        """Put everything in the order of time, numbered as a tool would."""
        self._made.sort(key=lambda one: (one["submitted_at"], one["_uuid"]))
        for number, one in enumerate(self._made, start=1):
            one["_id"] = str(number)
        drawn.submissions[self._survey.survey] = self._made
        drawn.dirt += self._dirt
        drawn.planted += self._planted

    def _opinion(self, agency: Agency, stratum: str, code: str) -> Opinion:
        return opinion_of(self._seed, self._framework.name, agency.agency_id, stratum, code)

    def _ask_stratum(self, agency: Agency, stratum: dict[str, Any], size: int) -> None:
        name = stratum["stratum"]
        rng = np.random.default_rng(
            [self._seed, *f"{self._framework.name}/{self._survey.survey}/{agency.agency_id}/{name}".encode()]
        )
        clusters = np.arange(size) % _CLUSTERS[self._survey.population]
        numbers = rng.choice(int(stratum["clusters"]), int(clusters.max()) + 1, replace=False)
        # The second version came into use during the field work: later clusters were asked with it.
        second = clusters >= np.ceil((int(clusters.max()) + 1) * (1 - _SECOND_VERSION))
        marks = {code: self._marks(agency, name, code, clusters, rng) for code in self._kinds}
        for number, form in enumerate(self._survey.forms):
            chosen = second if number == len(self._survey.forms) - 1 and number else ~second
            if number > 1 or not chosen.any():
                continue
            columns = self._columns(form, agency, name, numbers[clusters[chosen]], rng)
            if form.fields.weight:
                columns[form.fields.weight] = np.full(int(chosen.sum()), f"{stratum['units'] / size:.4f}", dtype=object)
            for code, item in form.criteria.items():
                columns[item.question] = spell(marks[code][chosen], self._survey.scales[item.scale])
            self._add(form, agency, columns, rng)

    def _marks(self, agency: Agency, stratum: str, code: str, clusters: Codes, rng: np.random.Generator) -> Numbers:
        drawn = self._opinion(agency, stratum, code).draw(self._kinds[code], clusters, rng)
        return np.where(rng.random(len(drawn)) < _DONT_KNOW, np.nan, drawn)

    def _columns(
        self, form: FormVersion, agency: Agency, stratum: str, clusters: Codes, rng: np.random.Generator
    ) -> dict[str, Texts]:
        """Everything but the answers and the weight."""
        fields, size = form.fields, len(clusters)
        begun = [self._start + timedelta(minutes=int(one)) for one in rng.integers(0, 60 * 24 * 55, size)]
        taken = rng.lognormal(np.log(900), 0.25, size)
        people = [f"{len(self._made) + place:06d}" for place in range(size)]
        interviewers = [f"DTV mô phỏng {agency.agency_id} {place % _INTERVIEWERS + 1}" for place in range(size)]
        made: dict[str, Any] = {
            fields.agency: [agency.full_name_vi] * size,
            fields.stratum: [stratum] * size,
            fields.cluster: [f"{stratum}-{one:04d}" for one in clusters],
            fields.interviewer: interviewers,
            fields.started: [one.isoformat() for one in begun],
            fields.ended: [
                (one + timedelta(seconds=round(long))).isoformat() for one, long in zip(begun, taken, strict=True)
            ],
        }
        for margin, question in fields.margins.items():
            made[question] = self._categories(agency, margin, size, rng)
        # A number that begins with five zeros is nobody's.
        code = f"{('officials', 'enterprises', 'people').index(self._survey.population)}{self._seed % 10}"
        made |= {question: [f"00000{code}{one}" for one in people] for question in form.identity}
        made |= {question: [f"Người Mô Phỏng {code}{one}" for one in people] for question in form.contact}
        made.pop("", None)
        self._planted += [made[question][place] for question in form.identity + form.contact for place in range(size)]
        return {question: np.asarray(texts, dtype=object) for question, texts in made.items()}

    def _categories(self, agency: Agency, margin: str, size: int, rng: np.random.Generator) -> list[str]:
        own = self._margins[agency.agency_id, margin]
        units = np.array(list(own.values()))
        return list(rng.choice(np.array(list(own), dtype=object), size, p=units / units.sum()))

    def _add(self, form: FormVersion, agency: Agency, columns: dict[str, Texts], rng: np.random.Generator) -> None:
        names = list(columns)
        for row in zip(*columns.values(), strict=True):
            one = dict(zip(names, map(str, row), strict=True))
            uuid = str(UUID(bytes=rng.bytes(16), version=4))
            one |= {"_uuid": uuid, "form": form.forms[0], "version": form.versions[0]}
            self._made.append(one | {"submitted_at": one[form.fields.ended]})
            kind = self._fault(rng)
            if kind:
                self._spoil(self._made[-1], form, kind)
                outcome = "accepted" if kind == "impossible" else "refused"
                self._dirt.append(
                    Dirt(self._framework.name, form.forms[0], uuid, kind, agency.agency_id, "", outcome, kind)
                )

    def _fault(self, rng: np.random.Generator) -> str:
        place = rng.random()
        for kind, share in self._faults.items():
            if place < share:
                return kind
            place -= share
        return ""

    def _spoil(self, one: Submission, form: FormVersion, kind: str) -> None:
        """Make a fault of a kind in the latest submission."""
        fields = form.fields
        if kind == "speeder":
            one[fields.ended] = (datetime.fromisoformat(one[fields.started]) + timedelta(seconds=40)).isoformat()
        elif kind == "duplicate":
            again = one | {"_uuid": one["_uuid"][:-4] + "0000", "submitted_at": one["submitted_at"].replace("+", ".5+")}
            self._made.append(again)
        elif kind == "impossible":
            one[next(iter(form.criteria.values())).question] = "77"
        elif kind == "weight missing":
            one[fields.weight] = ""
        elif kind == "weight zero or negative":
            one[fields.weight] = "-1"
        elif kind == "agency not known":
            one[fields.agency] = "Đơn vị mô phỏng không có thật"
        else:
            one["version"] = "0-thu"
