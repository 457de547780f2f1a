"""`survey.yaml` beside a framework: which question of which form version measures which criterion, and the design.

One entry of `surveys` is one survey: one population, its forms, the sampling design, the margins that the weights are
fitted to and the rules by which answers are flagged or left out. `docs/frameworks.md` shows the format. Sizes of the
population and margins stand in two CSV files beside it:

- `survey_population.csv`: `survey, agency, stratum, clusters, units, status`; grain survey x agency x stratum, with the
  number of clusters and of units (officials, enterprises, people) in the population.
- `survey_margins.csv`: `survey, agency, margin, category, units, status`; grain survey x agency x margin x category.

`survey_tables.py` reads them.
"""

from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from warehouse.errors import FrameworkError
from warehouse.frameworks.declared import read_declaration

FILE, POPULATION_FILE, MARGINS_FILE = "survey.yaml", "survey_population.csv", "survey_margins.csv"
HINT = "docs/frameworks.md shows what survey.yaml holds."

Population = Literal["officials", "enterprises", "people"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scale(_Strict):
    """How the answers to a question become numbers.

    Attributes:
        kind: `likert` (marks from low to high), `proportion` (yes or no) or `number` (as written).
        low: Lowest mark of a Likert scale, smallest possible number.
        high: Highest mark of a Likert scale, largest possible number.
        codes: Answer as written to mark, where the form stores words or codes instead of marks.
        reverse: Whether the lowest mark is the best.
        yes_answers: Answers that count as yes (a key `yes` or `no` would be true and false to YAML).
        no_answers: Answers that count as no; empty: every other answer that is not a don't-know.
        dont_know: Answers that count as none.
    """

    kind: Literal["likert", "proportion", "number"]
    low: float | None = None
    high: float | None = None
    codes: dict[str, float] = Field(default_factory=dict)
    reverse: bool = False
    yes_answers: frozenset[str] = frozenset()
    no_answers: frozenset[str] = frozenset()
    dont_know: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "likert" and (self.low is None or self.high is None or self.low >= self.high):
            raise ValueError("a likert scale needs `low` and a greater `high`")
        if self.kind == "proportion" and not self.yes_answers:
            raise ValueError("a proportion needs the answers that count as yes: `yes_answers`")
        if (self.yes_answers & self.no_answers) or (
            self.dont_know & (self.yes_answers | self.no_answers | frozenset(self.codes))
        ):
            raise ValueError("an answer stands for two things at once")
        if self.reverse and self.kind != "likert":
            raise ValueError("only a likert scale can be reversed")
        return self


class Item(_Strict):
    """One question that measures a criterion.

    Attributes:
        question: Name of the question in the form.
        scale: Name of its scale in `scales`.
        statistic: `mean` (a proportion is the mean of yes = 1 and no = 0), `total`, or `ratio` of two questions.
        denominator: Question that a ratio divides by, on the same scale.
    """

    question: str
    scale: str
    statistic: Literal["mean", "total", "ratio"] = "mean"
    denominator: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.statistic == "ratio") != bool(self.denominator):
            raise ValueError("a ratio, and only a ratio, needs a `denominator`")
        return self


class Fields(_Strict):
    """Which questions hold what the design needs; empty where the form does not ask for it.

    Attributes:
        agency: The agency that is judged, in any spelling that the registry knows.
        stratum: Stratum within the agency.
        cluster: Primary sampling unit within the stratum (an office, a district, a commune).
        weight: Base weight: inverse of the probability of selection.
        population: Clusters (or units, without clusters) in the population of the stratum, where the answers carry it.
        interviewer: Who asked; kept as a pseudonym only.
        started: When the interview began.
        ended: When it ended.
        margins: Name of a raking margin to the question that holds its category.
    """

    agency: str = ""
    stratum: str = ""
    cluster: str = ""
    weight: str = ""
    population: str = ""
    interviewer: str = ""
    started: str = ""
    ended: str = ""
    margins: dict[str, str] = Field(default_factory=dict)

    @property
    def questions(self) -> dict[str, str]:
        """Role to question, only for the roles that have one; a margin's role is `margin:NAME`."""
        plain = {role: question for role, question in self.model_dump(exclude={"margins"}).items() if question}
        return plain | {f"margin:{name}": question for name, question in self.margins.items()}


class FormVersion(_Strict):
    """One version of one form.

    Attributes:
        forms: Names by which the tools know the form: asset uid, form id, survey id.
        versions: Names of the version; `*` for every version of a form that never changes.
        fields: Questions of the design.
        criteria: Code of a criterion to the question that measures it.
        identity: Columns that say who answered: kept as keyed pseudonyms, to find duplicates.
        contact: Columns that are dropped on sight: names, telephone numbers, notes.
        keep_text: Free text to keep; none by default.
        ignore: Further columns that are known and not used.
    """

    forms: tuple[str, ...] = Field(min_length=1)
    versions: tuple[str, ...] = Field(min_length=1)
    fields: Fields = Fields()
    criteria: dict[str, Item] = Field(min_length=1)
    identity: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    keep_text: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """Every column that the declaration reads, in order, without the dropped ones."""
        items = [name for item in self.criteria.values() for name in (item.question, item.denominator) if name]
        return tuple(dict.fromkeys([*self.fields.questions.values(), *items, *self.identity, *self.keep_text]))

    def covers(self, form: str, version: str) -> bool:
        """Whether an answer given on this form and version is read by this entry."""
        return form in self.forms and (version in self.versions or "*" in self.versions)


class Trimming(_Strict):
    """Bounds of the base weights, as multiples of their median within the agency; applied before raking."""

    lower: float = Field(default=0.2, ge=0, lt=1)
    upper: float = Field(default=5.0, gt=1)


class Rules(_Strict):
    """When a submission is flagged, and which flags leave it out.

    Attributes:
        straight_lining: Flag who gives one mark to all Likert questions, from that many answered ones on; 0: never.
        speeder: Flag who took less than this share of the median duration of the form version; 0: never.
        impossible: Flag who gave that many answers off the scale or more (such answers never count); 0: never.
        interviewer: Flag everybody asked by an interviewer whose mean mark deviates from the other interviewers' of the
            same agency by that many standard errors; 0: never.
        duplicate: Flag later submissions with the identity of an earlier one.
        exclude: Flags that leave a submission out. Nothing else ever does.
    """

    straight_lining: int = Field(default=6, ge=0)
    speeder: float = Field(default=1 / 3, ge=0, lt=1)
    impossible: int = Field(default=1, ge=0)
    interviewer: float = Field(default=4.0, ge=0)
    duplicate: bool = True
    exclude: frozenset[Literal["straight_lining", "speeder", "impossible", "interviewer", "duplicate"]] = frozenset()


class Survey(_Strict):
    """One survey of one population.

    Attributes:
        survey: Name, unique in the file.
        population: Who answers.
        scales: Answer scales by name.
        forms: Form versions.
        finite_population: Whether the sizes of the population narrow the standard errors, by the sampled share of the
            clusters: right where whole clusters answer or few of them are sampled; otherwise switch it off.
        poststratify: Whether the weights are fitted to the units of each stratum.
        rake: Margins that the weights are fitted to, after post-stratification to the strata.
        trimming: Bounds of the base weights; none: not trimmed.
        minimum_cell: Fewest answers behind a published estimate; below it is suppressed.
        minimum_clusters: Fewest clusters behind it.
        quality: Flags and what they lead to.
    """

    survey: str
    population: Population
    title_vi: str
    title_en: str
    scales: dict[str, Scale]
    forms: tuple[FormVersion, ...] = Field(min_length=1)
    finite_population: bool = True
    poststratify: bool = True
    rake: tuple[str, ...] = ()
    trimming: Trimming | None = None
    minimum_cell: int = Field(default=10, ge=2)
    minimum_clusters: int = Field(default=2, ge=2)
    quality: Rules = Rules()

    @property
    def criteria(self) -> tuple[str, ...]:
        """Codes of the criteria that the survey measures, over all its form versions."""
        return tuple(dict.fromkeys(code for form in self.forms for code in form.criteria))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for form in self.forms:
            pairs = {(name, version) for name in form.forms for version in form.versions}
            if seen & pairs:
                raise ValueError(f"form and version {sorted(seen & pairs)[0]} are declared twice")
            seen |= pairs
            if unknown := {item.scale for item in form.criteria.values()} - set(self.scales):
                raise ValueError(f"the scale {sorted(unknown)[0]!r} is not among the scales")
            if lost := set(self.rake) - set(form.fields.margins):
                raise ValueError(f"form {form.forms[0]} has no question for the margin {sorted(lost)[0]!r}")
            for code, item in form.criteria.items():
                first = next(other.criteria[code] for other in self.forms if code in other.criteria)
                if (item.statistic, self.scales[item.scale].kind) != (first.statistic, self.scales[first.scale].kind):
                    raise ValueError(f"{code} is measured in two different ways")
        return self

    def form_of(self, form: str, version: str) -> FormVersion | None:
        """The entry for an answer's form and version; None where nobody mapped it."""
        return next((entry for entry in self.forms if entry.covers(form, version)), None)


class SurveyDeclaration(_Strict):
    """What stands in `survey.yaml`."""

    framework: str
    surveys: tuple[Survey, ...] = Field(min_length=1)

    @field_validator("surveys")
    @classmethod
    def _unique(cls, surveys: tuple[Survey, ...]) -> tuple[Survey, ...]:
        if len({survey.survey for survey in surveys}) < len(surveys):
            raise ValueError("two surveys have the same name")
        codes = [code for survey in surveys for code in survey.criteria]
        if doubled := {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"{sorted(doubled)[0]} is measured by two surveys")
        return surveys

    def survey(self, name: str) -> Survey:
        """The survey of a name.

        Raises:
            FrameworkError: There is none.
        """
        for survey in self.surveys:
            if survey.survey == name:
                return survey
        known = ", ".join(survey.survey for survey in self.surveys)
        raise FrameworkError(f"There is no survey {name!r} in {FILE} of {self.framework}.", f"Known are: {known}.")


def load_surveys(folder: Path) -> SurveyDeclaration:
    """Read `survey.yaml` of a framework's folder.

    Raises:
        FrameworkError: It is missing, not YAML, not NFC, or breaks the format; the message names the place.
    """
    return read_declaration(folder / FILE, SurveyDeclaration, HINT)
