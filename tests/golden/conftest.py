"""A round through the whole path, from the bytes to a published vintage, in warehouses of both kinds."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.job import Job, refuse_period_of
from tests.whole_round import run_round
from warehouse.settings import get_settings


def _run(framework: str, period: str, folder: Path) -> Job:
    job = Job(framework=framework, period=period, round_folder=str(folder))
    refuse_period_of(job)
    return run_round(job)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def whole_path(request, tmp_path_factory) -> Iterator[Callable[[str, str, Path], Job]]:
    """`whole_path(framework, period, folder)` gathers, standardises, validates, loads, measures, scores and publishes.

    The warehouse is that of the settings, one of each kind for the tests of a module.
    """
    patch = pytest.MonkeyPatch()
    patch.setenv("DTI_HOME", str(tmp_path_factory.mktemp("var")))
    if request.param == "postgres":
        patch.setenv("DTI_WAREHOUSE_URL", request.getfixturevalue("module_postgres_url"))
    get_settings.cache_clear()
    yield _run
    patch.undo()
    get_settings.cache_clear()
