import pandas as pd

from tasks.workspace import Workspace
from warehouse.frames import ERROR_FACTOR


def test_read__what_an_earlier_version_wrote__has_the_columns_of_this_one(tmp_path):
    work = Workspace(tmp_path)
    factors = ERROR_FACTOR.conform(pd.DataFrame({"agency": ["A"], "loading": [0.1], "degrees_of_freedom": [6.0]}))
    file = work.write(ERROR_FACTOR, factors)
    factors.drop(columns=["block", "degrees_of_freedom"]).to_parquet(file)
    found = work.read(ERROR_FACTOR)
    assert list(found.columns) == list(ERROR_FACTOR.columns)
    assert found["degrees_of_freedom"].isna().all()
    assert found["loading"].tolist() == [0.1]
