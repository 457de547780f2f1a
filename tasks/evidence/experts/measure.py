"""From ratings to measurements: coding, estimates, suppression, agreement, values in the unit of the criterion."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.experts.alpha import krippendorff
from tasks.evidence.experts.coding import CELL, CodedRatings, code_ratings
from tasks.evidence.experts.estimates import cells_of, estimate_jointly, feedback
from tasks.evidence.experts.joint import shared_errors
from tasks.evidence.experts.movement import movement
from tasks.evidence.experts.places import Places
from tasks.evidence.experts.summary import ExpertsSummary
from tasks.evidence.experts.values import to_measurements
from tasks.evidence.surveys.values import Round
from warehouse.errors import FrameworkError
from warehouse.frameworks.experts import ExpertDeclaration
from warehouse.frameworks.model import Framework

ALL = "all"


def measure(
    ratings: pd.DataFrame,
    framework: Framework,
    declaration: ExpertDeclaration,
    where: Round,
    agency_of: Callable[[str], str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, ExpertsSummary]:
    """Measure the criteria that experts judge.

    Args:
        ratings: One row a rating, pseudonymous, as text: the columns of `pseudonyms.KEPT_COLUMNS`. Of several
            ratings of one expert, cell and round the last row counts; otherwise their order makes no difference.
        framework: The framework that the criteria belong to.
        declaration: Its panel.
        where: The round.
        agency_of: Spelling of an agency to its id, empty where unknown or ambiguous; left out: the registry at the
            period, among the kinds of agencies that the framework ranks.

    Returns:
        MEASUREMENT rows as `to_measurements` gives them, grain agency x criterion; ERROR_FACTOR rows of what their
        errors share; and the account of what became of the ratings. Cells with fewer experts than the minimum have no
        row: the missing-value policy applies to them.

    Raises:
        FrameworkError: The declaration names a criterion that the framework does not measure by experts.
    """
    criteria = judged_criteria(framework, declaration)
    coded = code_ratings(
        ratings, framework, declaration, criteria, agency_of or Places.of(framework, where.period).agency_of
    )
    found, panel = estimate_jointly(coded.rows, declaration)
    few = found["n"] < declaration.minimum_experts
    account = _account(coded, len(ratings))
    account.suppressed = tuple(f"{one.agency}: {one.criterion}" for one in found[few].itertuples())
    kept = found[~few]
    account.cells, account.used = len(kept), int(kept["n"].sum())
    if len(kept):
        account.consensus = round(float((kept["iqr"] <= declaration.consensus.iqr).mean()), 4)
        _describe_agreement(account, coded.rows, kept, framework, declaration)
    rows = to_measurements(kept, framework, declaration, where, coded.own_agency)
    freedom = kept["degrees_of_freedom"].to_numpy(dtype=float)
    return rows, shared_errors(rows, panel.of(~few.to_numpy(dtype=bool)), freedom), account


def judged_criteria(framework: Framework, declaration: ExpertDeclaration) -> tuple[str, ...]:
    """Return the codes of the criteria that the panel judges.

    Raises:
        FrameworkError: A declared criterion is no leaf with evidence `expert`.
    """
    known = tuple(node.code for node in framework.leaves if node.evidence == "expert")
    for code in declaration.criteria:
        if code not in known:
            raise FrameworkError(
                f"experts.yaml names the criterion {code}, which {framework.name} does not measure by experts.",
                "Mend the code, or the column `evidence` in nodes.csv.",
            )
    return declaration.criteria or known


def _account(coded: CodedRatings, ratings: int) -> ExpertsSummary:
    return ExpertsSummary(
        ratings=ratings,
        experts=int(coded.rows["expert"].nunique()),
        rounds=int(coded.rows["round"].nunique()),
        refused=dict(sorted(coded.refused.items())),
        duplicates=coded.duplicates,
        own_agency=int(coded.own_agency.sum()),
        employer_unknown=coded.employer_unknown,
        confidence_unknown=coded.confidence_unknown,
    )


def _describe_agreement(
    account: ExpertsSummary,
    rows: pd.DataFrame,
    kept: pd.DataFrame,
    framework: Framework,
    declaration: ExpertDeclaration,
) -> None:
    """Say how far experts agree and how they moved, over the published cells."""
    published = rows.merge(kept[CELL], on=CELL)
    account.movement = movement(published, declaration.minimum_experts)
    if account.movement:
        account.feedback = round(feedback(list(cells_of(rows)[0].values())), 4)
    counted = published[published["last_round"]]
    account.alpha = {ALL: _alpha(counted, declaration)}
    for group, codes in _groups(framework, set(counted["criterion"])).items():
        account.alpha[group] = _alpha(counted[counted["criterion"].isin(codes)], declaration)


def _groups(framework: Framework, criteria: set[str]) -> dict[str, list[str]]:
    """Main branch of the tree to those of the criteria that belong to it, in the order of the tree."""
    found: dict[str, list[str]] = {}
    for leaf in framework.leaves:
        node = leaf
        while node.parent and framework.by_code[node.parent].parent:
            node = framework.by_code[node.parent]
        if leaf.code in criteria:
            found.setdefault(node.code, []).append(leaf.code)
    return found


def _alpha(counted: pd.DataFrame, declaration: ExpertDeclaration) -> dict[str, Any]:
    table = counted.pivot(index="expert", columns=CELL, values="rating").sort_index(axis=1)
    found = krippendorff(
        table.to_numpy(dtype=np.float64),
        declaration.alpha,
        replicates=declaration.bootstrap.replicates,
        seed=declaration.bootstrap.seed,
    )
    ends = {name: None if value is None else round(value, 4) for name, value in asdict(found).items()}
    return {"metric": declaration.alpha} | ends
