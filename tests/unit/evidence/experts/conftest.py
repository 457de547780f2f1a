import pandas as pd
import pytest

from tasks.evidence.experts.measure import measure
from tasks.evidence.experts.pseudonyms import KEPT_COLUMNS
from tasks.evidence.surveys.values import Round
from warehouse.frameworks.experts import ExpertDeclaration
from warehouse.frameworks.loader import load_framework

YAML = """\
framework: tiny
levels:
  - {level: index}
  - {level: criterion}
"""
NODES = """\
code,parent,level,name_en,max_points,evidence,rule,parameters,unit
X,,index,Index,15,,,,
X.1,X,criterion,Commitment,5,expert,likert,low=1; high=10,1-10
X.2,X,criterion,Maturity,5,expert,likert,low=1; high=5,1-5
X.3,X,criterion,Procedures,5,report,linear,target=20,
"""


@pytest.fixture
def tiny(tmp_path):
    (tmp_path / "framework.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "nodes.csv").write_text(NODES, encoding="utf-8")
    return load_framework(tmp_path)


@pytest.fixture
def declare():
    def make(**changes):
        plain = {
            "framework": "tiny",
            "scale": {"low": 1, "high": 10},
            "minimum_experts": 4,
            "bootstrap": {"replicates": 400, "seed": 1},
            "consensus": {"iqr": 2},
        }
        return ExpertDeclaration.model_validate(plain | changes)

    return make


@pytest.fixture
def make_ratings():
    """Pseudonymous ratings: one row a dictionary of what differs from a plain one."""

    def make(*rows):
        plain = {
            "employed": "unknown",
            "agency": "Hà Giang",
            "criterion": "X.1",
            "round": "1",
            "rating": "7",
            "confidence": "4",
        }
        numbered = [{"expert": f"e{number}"} | plain | row for number, row in enumerate(rows)]
        return pd.DataFrame(numbered, columns=list(KEPT_COLUMNS)).astype("str")

    return make


@pytest.fixture
def measure_all(tiny, declare, make_ratings):
    """Measurements, factors and account of ratings."""

    def run(*rows, **changes):
        known = {"Hà Giang": "hg", "Cao Bằng": "cb"}
        return measure(
            make_ratings(*rows),
            tiny,
            declare(**changes),
            Round("r", "2020", "expert", {"": ("ab",)}),
            lambda text: known.get(text, ""),
        )

    return run
