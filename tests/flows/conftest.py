"""A real Prefect server for the flow tests, and a clean state folder for each test."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import main
from tasks.demo.round import make_round
from warehouse.frameworks.loader import load_framework
from warehouse.settings import get_settings


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory):
    """Where the server of these tests keeps its database, results and logs."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect_api(prefect_home):
    from flows.server import prefect_server

    os.environ["PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW"] = "ignore"
    with prefect_server(prefect_home) as url:
        yield url


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DTI_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("DTI_WAREHOUSE_URL", raising=False)
    get_settings.cache_clear()
    yield tmp_path / "var"
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def small_round(tmp_path_factory) -> Path:
    """A synthetic round of a few provinces, with all kinds of dirt that fit into it."""
    folder = tmp_path_factory.mktemp("rounds") / "small"
    make_round(folder, seed=7, frameworks=[load_framework("province_2020")], limit=6)
    return folder


@dataclass
class Said:
    """What a command of this process said and how it ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def dti(home, prefect_api, capsys):
    """Run the command line in this process, against the test's server and state folder."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        out, err = capsys.readouterr()
        return Said(int(end.value.code or 0), out, err)

    return run


@pytest.fixture(scope="session")
def _rounds_run() -> dict[tuple[str, ...], tuple[Said, Path]]:
    return {}


@pytest.fixture
def once(dti, home, _rounds_run, tmp_path_factory):
    """`dti(...)` in a state folder that is still empty; who asks for the same again gets a copy of what came of it."""

    def run(*arguments: str) -> Said:
        assert not home.exists()
        if arguments not in _rounds_run:
            kept = tmp_path_factory.mktemp("done") / "var"
            _rounds_run[arguments] = dti(*arguments), kept
            shutil.copytree(home, kept)
        else:
            shutil.copytree(_rounds_run[arguments][1], home)
        return _rounds_run[arguments][0]

    return run
