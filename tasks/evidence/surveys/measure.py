"""From answers to measurements: coding, flags, weights, estimates, suppression, values in the unit of the criterion."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from tasks.evidence.surveys.coding import DENOMINATOR, CodedAnswers, code_answers
from tasks.evidence.surveys.design import build_design
from tasks.evidence.surveys.estimates import Variable, estimate_jointly
from tasks.evidence.surveys.factors import shared_errors
from tasks.evidence.surveys.joint import JointErrors
from tasks.evidence.surveys.mapping import shown_name, version_label
from tasks.evidence.surveys.quality import FLAGS, excluded, flag_answers
from tasks.evidence.surveys.summary import SurveysSummary, SurveySummary
from tasks.evidence.surveys.values import Round, item_of, to_measurements
from tasks.evidence.surveys.weights import fit_weights
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from warehouse.errors import AgencyError, FrameworkError
from warehouse.frames import ERROR_FACTOR, MEASUREMENT, Frame
from warehouse.frameworks.model import Framework
from warehouse.frameworks.survey import Survey, SurveyDeclaration
from warehouse.frameworks.survey_tables import load_margins, load_population


def measure(
    answers: pd.DataFrame,
    framework: Framework,
    declaration: SurveyDeclaration,
    where: Round,
    agency_of: Callable[[str], str] | None = None,
    unmapped: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> tuple[pd.DataFrame, pd.DataFrame, SurveysSummary]:
    """Measure the criteria of all declared surveys.

    Args:
        answers: One row a submission of any declared form: submission_id, form, form_version, submitted_at,
            review_state and every question as text; pseudonymised or not, nothing of a respondent leaves this function.
        framework: The framework that the criteria belong to; sizes and margins stand in its folder.
        declaration: Its surveys.
        where: The round.
        agency_of: Spelling of an agency to its id, empty where unknown; left out: the registry at the period, among the
            kinds of agencies that the framework ranks.
        unmapped: Form version to columns that nobody mapped, for pseudonymised answers, which no longer have them.

    Returns:
        MEASUREMENT rows as `to_measurements` gives them, grain agency x criterion; ERROR_FACTOR rows of what their
        errors share; and the account of what became of the answers.

    Raises:
        FrameworkError: The declaration names a criterion that the framework does not measure by survey, or the margins
            do not sum.
    """
    check_criteria(framework, declaration)
    resolve = agency_of or _registry(framework, where.period)
    tables, factors, accounts = [], [], []
    taken = pd.Series(False, index=answers.index)
    for survey in declaration.surveys:
        own = answers["form"].isin([name for form in survey.forms for name in form.forms])
        taken |= own
        if own.any():
            rows, shared, account = _measure_survey(answers[own], framework, survey, where, resolve)
            labels = {
                version_label(*pair) for pair in answers.loc[own, ["form", "form_version"]].itertuples(index=False)
            }
            account.unmapped |= {label: names for label, names in unmapped.items() if label in labels}
            tables.append(rows)
            factors.append(shared)
            accounts.append(account)
    forms = answers["form"][~taken].map(shown_name)
    unknown = {str(form): int(count) for form, count in forms.value_counts(sort=False).items()}
    return _whole(MEASUREMENT, tables), _whole(ERROR_FACTOR, factors), SurveysSummary(tuple(accounts), unknown)


def _whole(frame: Frame, tables: list[pd.DataFrame]) -> pd.DataFrame:
    tables = [table for table in tables if len(table)]
    return pd.concat(tables, ignore_index=True) if tables else frame.empty()


def check_criteria(framework: Framework, declaration: SurveyDeclaration) -> tuple[str, ...]:
    """Hold the declaration against the tree.

    Returns:
        Codes of criteria with evidence `survey` that no survey measures.

    Raises:
        FrameworkError: A declared criterion is no leaf with evidence `survey`, or its rule does not fit the scale.
    """
    wanted = {node.code: node for node in framework.leaves if node.evidence == "survey"}
    declared = {code: survey for survey in declaration.surveys for code in survey.criteria}
    for code, survey in declared.items():
        item, scale = item_of(survey, code)
        if code not in wanted:
            raise FrameworkError(
                f"survey.yaml maps a question to {code}, which {framework.name} does not measure by survey.",
                "Mend the code, or the column `evidence` in nodes.csv.",
            )
        rule = wanted[code].rule
        if rule in ("likert", "proportion") and rule != scale.kind:
            raise FrameworkError(
                f"{code} has the rule {rule}, but survey {survey.survey} asks for it on the {scale.kind} scale "
                f"{item.scale!r}.",
                "Give the question a scale of the rule's kind in survey.yaml.",
            )
    return tuple(code for code in wanted if code not in declared)


def survey_estimates(
    coded: CodedAnswers, survey: Survey, *, by_agency: bool = True
) -> tuple[pd.DataFrame, JointErrors]:
    """Estimate all criteria of a survey from coded answers whose weights are final.

    Returns:
        Estimates on the coded scale, as `estimate_jointly` gives them: grain agency x criterion, or criterion alone;
        and what their errors share.
    """
    rows = coded.rows
    variables = {}
    for code in survey.criteria:
        if code in rows:
            item, _ = item_of(survey, code)
            below = rows[code + DENOMINATOR].to_numpy(dtype=float) if item.denominator else None
            variables[code] = Variable(rows[code].to_numpy(dtype=float), item.statistic, below)
    return estimate_jointly(build_design(rows), variables, rows["agency"] if by_agency else None)


def _measure_survey(
    answers: pd.DataFrame, framework: Framework, survey: Survey, where: Round, agency_of: Callable[[str], str]
) -> tuple[pd.DataFrame, pd.DataFrame, SurveySummary]:
    account = SurveySummary(survey.survey, submissions=len(answers))
    coded = code_answers(answers, survey, agency_of)
    population = load_population(framework.folder, survey.survey)
    margins = load_margins(framework.folder, survey, population)
    account.unmapped, account.unused = coded.unmapped, coded.unused
    if len(coded.rows):
        _place_in_population(coded, survey, population)
        _flag(coded, survey, account)
    account.refused = dict(sorted(coded.refused.items()))
    account.used = len(coded.rows)
    answering = set(coded.rows["agency"]) if len(coded.rows) else set()
    account.no_respondent = tuple(one for one in dict.fromkeys(population["agency"]) if one not in answering)
    if coded.rows.empty:
        return MEASUREMENT.empty(), ERROR_FACTOR.empty(), account
    account.form_versions = {str(k): int(v) for k, v in coded.rows["form_version"].value_counts().sort_index().items()}
    coded.rows["weight"], account.weights = fit_weights(coded.rows, survey, population, margins)
    design = build_design(coded.rows)
    account.lone_strata, account.oversampled = design.lone, design.oversampled
    found, joint = survey_estimates(coded, survey)
    few = (found["n"] < survey.minimum_cell) | (found["clusters"] < survey.minimum_clusters)
    account.suppressed = tuple(f"{row.domain}: {row.variable}" for row in found[few].itertuples())
    kept = found[~few]
    rows = to_measurements(kept, framework, survey, where, account.form_versions)
    freedom = kept["degrees_of_freedom"].to_numpy(dtype=float)
    return rows, shared_errors(rows, freedom, joint, framework, survey), account


def _place_in_population(coded: CodedAnswers, survey: Survey, population: pd.DataFrame) -> None:
    """Give each answer the size of its stratum; refuse answers of a stratum that the population does not have."""
    rows = coded.rows
    if len(population):
        keys = pd.MultiIndex.from_frame(rows[["agency", "stratum"]])
        sizes = population.set_index(["agency", "stratum"]).reindex(keys)
        clustered = any(form.fields.cluster for form in survey.forms)
        rows["population"] = sizes["clusters" if clustered else "units"].to_numpy(dtype=float)
        outside = rows["population"].isna()
        if outside.any():
            coded.refused["stratum not in the population"] += int(outside.sum())
            coded.rows = rows = rows[~outside].reset_index(drop=True)
    if not survey.finite_population:
        rows["population"] = np.nan


def _flag(coded: CodedAnswers, survey: Survey, account: SurveySummary) -> None:
    flags = flag_answers(coded.rows, survey)
    account.flagged = {name: int(flags[name].sum()) for name in FLAGS if flags[name].any()}
    out = excluded(flags, survey.quality)
    account.excluded = {
        name: account.flagged[name] for name in sorted(survey.quality.exclude) if name in account.flagged
    }
    coded.rows = coded.rows[~out].reset_index(drop=True)


def _registry(framework: Framework, period: str) -> Callable[[str], str]:
    registry, at, kinds = Registry.bundled(), period_end(period), framework.description.population or None

    def agency_of(text: str) -> str:
        try:
            agency = registry.find(text, at, kinds) if text else None
        except AgencyError:
            return ""
        return agency.agency_id if agency else ""

    return agency_of
