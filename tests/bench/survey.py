"""A survey of 1,000,000 answers to 60 questions: coding, weights and all estimates of 63 provinces."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

RESPONDENTS, QUESTIONS, PROVINCES = 1_000_000, 60, 63
# A process of its own, so that its greatest memory is that of the survey alone.
_WORK = """
import json, resource, sys, time
from tests.bench.survey import answers, declared, framework
from tasks.evidence.surveys.coding import code_answers
from tasks.evidence.surveys.factors import shared_errors
from tasks.evidence.surveys.measure import survey_estimates
from tasks.evidence.surveys.quality import flag_answers
from tasks.evidence.surveys.values import Round, to_measurements
from tasks.evidence.surveys.weights import fit_weights
rows, (survey, population, margins) = answers(), declared()
start = time.perf_counter()
coded = code_answers(rows, survey, str)
flag_answers(coded.rows, survey)
coded.rows["weight"], _ = fit_weights(coded.rows, survey, population, margins)
found, joint = survey_estimates(coded, survey)
rows = to_measurements(found, framework(), survey, Round("r", "2020"), {})
shared = time.perf_counter()
factors = shared_errors(rows, found["degrees_of_freedom"].to_numpy(float), joint, framework(), survey)
end = time.perf_counter()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
told = {"seconds": end - start, "shared": end - shared, "factors": len(factors)}
print(json.dumps(told | {"memory": memory, "estimates": len(found)}))
"""


def answers():
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    province = rng.integers(0, PROVINCES, RESPONDENTS)
    stratum = rng.integers(0, 2, RESPONDENTS)
    columns = {
        "agency": province,
        "stratum": stratum,
        "cluster": rng.integers(0, 40, RESPONDENTS),
        "weight": rng.integers(80, 120, RESPONDENTS),
        "sex": rng.integers(0, 2, RESPONDENTS),
        "age": rng.integers(0, 3, RESPONDENTS),
    }
    columns |= {f"q{number}": rng.integers(1, 6, RESPONDENTS) for number in range(QUESTIONS)}
    frame = pd.DataFrame({name: pd.Series(values).astype("str").astype("str") for name, values in columns.items()})
    frame["submission_id"] = frame.index.astype("str")
    return frame.assign(form="f", form_version="1", submitted_at="", review_state="")


def declared():
    import pandas as pd

    from warehouse.frameworks.survey import Survey

    survey = Survey.model_validate(
        {
            "survey": "people",
            "population": "people",
            "title_vi": "Khảo sát",
            "title_en": "Survey",
            "rake": ["sex", "age"],
            "trimming": {"lower": 0.2, "upper": 5},
            "scales": {"rating": {"kind": "likert", "low": 1, "high": 5}},
            "forms": [
                {
                    "forms": ["f"],
                    "versions": ["1"],
                    "fields": {
                        "agency": "agency",
                        "stratum": "stratum",
                        "cluster": "cluster",
                        "weight": "weight",
                        "margins": {"sex": "sex", "age": "age"},
                    },
                    "criteria": {f"c{n}": {"question": f"q{n}", "scale": "rating"} for n in range(QUESTIONS)},
                }
            ],
        }
    )
    agencies = [str(number) for number in range(PROVINCES)]
    strata = [(one, str(part), 900_000.0, 1_000.0) for one in agencies for part in range(2)]
    population = pd.DataFrame(strata, columns=["agency", "stratum", "units", "clusters"])
    shares = {"sex": (0.49, 0.51), "age": (0.4, 0.36, 0.24)}
    margins = [
        (one, name, str(part), 1_800_000 * share)
        for one in agencies
        for name, parts in shares.items()
        for part, share in enumerate(parts)
    ]
    return survey, population, pd.DataFrame(margins, columns=["agency", "margin", "category", "units"])


def framework():
    from pathlib import Path

    from warehouse.frameworks.model import Description, Framework, Level, Node

    scale = {"low": 1.0, "high": 5.0}
    leaves = [
        Node(code=f"c{number}", parent="X", level="leaf", evidence="survey", rule="likert", parameters=scale)
        for number in range(QUESTIONS)
    ]
    levels = (Level(level="top"), Level(level="leaf"))
    nodes = (Node(code="X", parent="", level="top", aggregation="sum"), *leaves)
    return Framework(Description(framework="t", levels=levels), nodes, {}, Path(), "")


def bench():
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "work.py"
        script.write_text(_WORK)
        code = f"import runpy; runpy.run_path({str(script)!r})"
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    if found["estimates"] != PROVINCES * QUESTIONS:
        raise AssertionError(f"{found['estimates']} estimates")
    return [
        ("survey, 1,000,000 answers x 60 questions, 63 provinces", found["seconds"], 60, "s"),
        ("of these for what its estimates share", found["shared"], 1, "s"),
        ("rows that say so", found["factors"] / 1000, 500, "thousand"),
        ("its memory", found["memory"], 4, "GB"),
    ]
