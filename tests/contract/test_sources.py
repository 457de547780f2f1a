"""What every source keeps to. A new source needs one file here: tests/contract/sources/<name>.<whatever it reads>."""

import subprocess
import sys
from pathlib import Path

import pytest

from tasks.sources.registry import sources
from tasks.sources.rounds import Entry
from warehouse.errors import BatchRefused, SourceUnavailable
from warehouse.frames import READING
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.rules import PARTS, STAGES

FIXTURES = Path(__file__).parent / "sources"
NAMES = sorted(sources())
WATCHED_IMPORT = """
import sys
watched = ("socket.connect", "socket.getaddrinfo")
sys.addaudithook(lambda event, args: print(event) if event in watched else None)
from tasks.sources.registry import sources
sources()
heavy = ("requests", "urllib3", "openpyxl", "python_calamine", "prefect", "great_expectations")
print(*(name for name in heavy if name in sys.modules))
"""
every_source = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def framework():
    return load_framework("province_2020")


@pytest.fixture
def example(name):
    (file,) = FIXTURES.glob(f"{name}.*")
    return file


def test_sources__are_found_by_their_modules():
    assert {"agency_report", "appraisal", "published"} <= set(NAMES)


@every_source
def test_source__says_what_it_is(name):
    source = sources()[name]
    assert source.name == name
    assert source.title_vi
    assert source.title_en
    assert isinstance(source.evidence_needed, bool)


@every_source
def test_gather__gives_the_bytes_of_the_example(name, example):
    (receipt,) = sources()[name].gather(Entry(source=name, path=example.name), FIXTURES)
    assert (receipt.content, receipt.origin) == (example.read_bytes(), example.name)
    assert receipt.fetched_at.tzinfo is not None


@every_source
def test_gather__of_nothing_is_an_unavailable_source(name, tmp_path):
    with pytest.raises(SourceUnavailable):
        list(sources()[name].gather(Entry(source=name, path="none"), tmp_path))


@every_source
def test_read__gives_the_declared_frame_with_one_row_per_place(name, example, framework):
    found = sources()[name].read(example.read_bytes(), framework)
    assert {column: str(dtype) for column, dtype in found.dtypes.items()} == READING.columns
    assert len(found) > 0
    assert found["locator"].is_unique
    assert set(found["part"]) <= set(PARTS)
    assert set(found["stage"]) <= set(STAGES)
    assert (found[["agency_text", "item_text", "value_text", "locator"]] != "").all(axis=None)


@every_source
def test_read__the_same_bytes_read_the_same(name, example, framework):
    source = sources()[name]
    assert source.read(example.read_bytes(), framework).equals(source.read(example.read_bytes(), framework))


@every_source
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"<html><body>Not found", b"PK\x03\x04", bytes(range(256)), b"x"]
)
def test_read__what_cannot_be_read_is_refused_in_a_sentence(name, content, framework):
    with pytest.raises(BatchRefused) as error:
        sources()[name].read(content, framework)
    assert error.value.message.endswith((".", ")."))
    assert error.value.hint


def test_import__touches_neither_the_network_nor_the_heavy_libraries():
    done = subprocess.run([sys.executable, "-c", WATCHED_IMPORT], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
