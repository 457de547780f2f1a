"""The estimates that R's `survey` prints for the Academic Performance Index samples, to the printed digits."""

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from tasks.evidence.surveys.coding import code_answers
from tasks.evidence.surveys.design import build_design
from tasks.evidence.surveys.estimates import Variable, estimate
from tasks.evidence.surveys.measure import survey_estimates
from tasks.evidence.surveys.replicates import jackknife_means
from warehouse.frameworks.survey import FILE, load_surveys

DATA = Path(__file__).parents[3] / "shared" / "data" / "survey_api"
ITEMS = {
    "mean": {"api00": "api00", "api99": "api99"},
    "proportion": {f"stype={kind}": "stype" for kind in "EHM"},
    "total": {"enroll": "enroll"} | {f"stype={kind}": "stype" for kind in "EHM"},
}
FIELDS = {
    "apistrat": {"stratum": "stype", "weight": "pw", "population": "fpc"},
    "apiclus1": {"cluster": "dnum", "weight": "pw", "population": "fpc"},
}

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not DATA.is_dir(), reason="the design folder is not here")]


def expected():
    if not DATA.is_dir():
        return []
    with (DATA / "expected.csv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def declaration(sample):
    scales = {"number": {"kind": "number"}}
    scales |= {f"stype={kind}": {"kind": "proportion", "yes_answers": [kind]} for kind in "EHM"}
    criteria = {}
    for statistic, items in ITEMS.items():
        for variable, question in items.items():
            scale = variable if variable in scales else "number"
            item = {"question": question, "scale": scale, "statistic": "total" if statistic == "total" else "mean"}
            criteria[f"{statistic} {variable}"] = item
    form = {"forms": [sample], "versions": ["*"], "fields": FIELDS[sample], "criteria": criteria}
    survey = {"survey": sample, "population": "people", "title_vi": "Mẫu API", "title_en": "API sample"}
    return {"framework": "api", "surveys": [survey | {"scales": scales, "forms": [form]}]}


def coded_file(sample, folder):
    """From the CSV file and a declaration beside it to coded answers, as a round would."""
    (folder / FILE).write_text(yaml.safe_dump(declaration(sample), allow_unicode=True), encoding="utf-8")
    survey = load_surveys(folder).survey(sample)
    answers = pd.read_csv(DATA / f"{sample}.csv", dtype=str, keep_default_na=False)
    answers = answers.assign(submission_id=answers["cds"], form=sample, form_version="2000", submitted_at="")
    return survey, code_answers(answers, survey, str)


def agrees(value, printed):
    return abs(Decimal(value) - Decimal(printed)) <= unit(printed) / 2


def unit(printed):
    # 3687178.0 and 114642.0 were printed in R as 3687178 and 114642: the decimal was added by the CSV.
    text = printed.removesuffix(".0")
    return Decimal(1).scaleb(Decimal(text).as_tuple().exponent)


@pytest.mark.parametrize("row", expected(), ids=lambda row: f"{row['data']}-{row['statistic']}-{row['variable']}")
def test_survey_estimates__reproduce_the_printed_digits(row, tmp_path):
    survey, coded = coded_file(row["data"], tmp_path)
    if "jackknife" in row["design"]:
        centre = "estimate" if "mse=TRUE" in row["design"] else "replicate_mean"
        values = coded.rows[["mean api00"]].to_numpy(dtype=float)
        means, causes = jackknife_means(build_design(coded.rows), values, centre=centre)
        value, error = float(means[0]), float(np.linalg.norm(causes))
    else:
        table = survey_estimates(coded, survey, by_agency=False)[0].set_index("variable")
        value, error = table.loc[f"{row['statistic']} {row['variable']}", ["estimate", "standard_error"]]
    assert agrees(value, row["estimate"])
    assert agrees(error, row["se"])


@pytest.mark.parametrize("sample", FIELDS)
def test_estimate__the_vectorised_formula_gives_what_svy_gives(sample, tmp_path):
    _, coded = coded_file(sample, tmp_path)
    design = build_design(coded.rows)
    variables = {"api00": Variable(coded.rows["mean api00"].to_numpy(dtype=float))}
    domains = coded.rows["mean api99"].gt(600).map({True: "high", False: "low"})
    ours = estimate(design, variables, domains, engine="linearised")
    pd.testing.assert_frame_equal(ours, estimate(design, variables, domains, engine="svy"), rtol=1e-12)
