"""A round through the whole path, from the bytes to a published vintage, in warehouses of both kinds."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.correct import correct_candidates
from tasks.gather import gather_source
from tasks.job import Job, parts_of, refuse_period_of
from tasks.load import load_round_facts, locked
from tasks.measure import measure_round
from tasks.publish import write_and_publish
from tasks.ranks import Draws
from tasks.score import score_measurements
from tasks.simulate import simulate_ranks
from tasks.standardise import standardise_source
from tasks.validate import validate_candidates
from warehouse.settings import get_settings


def _run(framework: str, period: str, folder: Path) -> Job:
    job = Job(framework=framework, period=period, round_folder=str(folder))
    refuse_period_of(job)
    parts = parts_of(job)
    with locked(job):
        for part, number in parts.items():
            gather_source.fn(job, number, part)
            standardise_source.fn(job, part)
        correct_candidates.fn(job, list(parts))
        assert not validate_candidates.fn(job, list(parts)).crashed
        load_round_facts.fn(job, list(parts))
        measure_round.fn(job, list(parts))
        score_measurements.fn(job)
        simulate_ranks.fn(job, Draws())
        write_and_publish.fn(job, True)
    return job


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
