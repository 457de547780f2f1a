"""Factors of the errors that the measurements of a survey share."""

import numpy as np
import pandas as pd

from tasks.evidence.shared import Block, Floats, directions, factor_rows, fitted
from tasks.evidence.surveys.joint import JointErrors
from tasks.evidence.surveys.values import item_of, unit_of
from warehouse.frameworks.model import Framework
from warehouse.frameworks.survey import Survey

_FEW = 0.5  # of the degrees of freedom that the sample of an agency gives another cell


def shared_errors(
    measurements: pd.DataFrame, freedom: Floats, joint: JointErrors, framework: Framework, survey: Survey
) -> pd.DataFrame:
    """Write what the measurements of a survey share as factors.

    Strata and clusters lie within agencies (`build_design`), so the factors of an agency are its own.

    Args:
        measurements: MEASUREMENT rows of the survey, grain agency x criterion; cells that were suppressed are not among
            them, and nothing of them is in the factors.
        freedom: Degrees of freedom of the standard error of each.
        joint: The errors of its estimates.
        framework: The framework.
        survey: The survey.

    Returns:
        ERROR_FACTOR rows; factors are `survey:AGENCY:SURVEY:1` and so on. The squared loadings of a cell sum to the
        square of its standard error, whatever gave that. One sample gave the sizes of all errors of an agency: they
        have the fewest degrees of freedom among its cells. A cell that few of its clusters answered (a question to
        some) would make all others as uncertain: it has a factor of its own, `survey:AGENCY:SURVEY:NODE`.
    """
    cells = pd.MultiIndex.from_frame(measurements[["agency", "node"]])
    agency, node = (measurements[name].tolist() for name in ("agency", "node"))
    errors = measurements["standard_error"].to_numpy(dtype=float)
    blocks = []
    for pairs, causes in joint.causes():
        columns = pairs.get_indexer(cells)
        own = np.flatnonzero(columns >= 0)
        if not len(own):
            continue
        few = freedom[own] < _FEW * freedom[own].max()
        blocks += [
            Block(f"survey:{agency[at]}:{survey.survey}:{node[at]}", np.array([at]), errors[[[at]]], True, freedom[at])
            for at in own[few]
        ]
        own = own[~few]
        # A unit that runs the other way than the scale turns the error round.
        turned = [np.sign(unit_of(framework.by_code[node[at]], *item_of(survey, node[at]))[1]) for at in own]
        ways = np.where(errors[own] > 0, causes[:, columns[own]], 0.0) * np.array(turned)
        agencies = "+".join(dict.fromkeys(agency[at] for at in own))
        name, loadings = f"survey:{agencies}:{survey.survey}", fitted(directions(ways), errors[own])
        blocks.append(Block(name, own, loadings, freedom=float(freedom[own].min())))
    return factor_rows(measurements, blocks)
