"""The truth that is drawn is what an inspection of the drawn portals finds."""

import threading
from collections import Counter
from contextlib import contextmanager
from datetime import date

import pytest

from tasks.demo.agency_portals import write_agency_portals
from tasks.demo.servers.agency_portals import DEAD, FORBIDDEN, read_specs, write_specs
from tasks.demo.servers.survey import Tools, serve_tools
from tasks.evidence.inspection.checks import look_at
from tasks.returns.recipients import ranked_agencies
from tasks.sources.base import Page
from tasks.sources.inspection import SOURCE
from tasks.sources.limits import FetchLimits
from tasks.sources.probe.manners import Manners
from tasks.sources.rounds import Entry
from warehouse.errors import InputError
from warehouse.frameworks.loader import load_framework
from warehouse.reference.checks import load_checks

LIMITS = FetchLimits(attempts=1, read_seconds=10, total_seconds=20)


@contextmanager
def inspected(folder, name, seed, limit):
    framework = load_framework(name)
    agencies = ranked_agencies(framework, "2020")[:limit]
    tools = Tools([])
    with serve_tools(tools) as url:
        truth, (entry,) = write_agency_portals(folder, framework, agencies, seed, url)
        tools.agencies = read_specs(folder)
        ids = [agency.agency_id for agency in agencies]
        manners = Manners(limits=LIMITS, allow_private=True)
        receipts = SOURCE.gather(Entry(**entry), folder, ids, date(2020, 12, 31), (), manners)
        portals = SOURCE.read_portals([Page(receipt.origin, receipt.content) for receipt in receipts])
    yield truth, {portal.agency: look_at(portal) for portal in portals}, tools.agencies


@pytest.mark.parametrize(("name", "seed", "limit"), [("province_2020", 1, 20), ("ministry_2020", 2, 25)])
def test_inspection__of_drawn_portals__finds_the_drawn_truth(tmp_path, name, seed, limit):
    with inspected(tmp_path, name, seed, limit) as (truth, found, specs):
        wrong = [
            (one, found[one.agency][one.check]) for one in truth if found[one.agency][one.check].outcome != one.outcome
        ]
    assert wrong == []
    assert len(truth) == limit * len(load_checks())
    assert {spec.role for spec in specs.values()} >= {DEAD, FORBIDDEN}
    counted = Counter(one.outcome for one in truth)
    assert min(counted[outcome] for outcome in ("pass", "fail", "unchecked")) > 100


def test_write_agency_portals__same_seed__same_bytes(tmp_path):
    framework = load_framework("province_2020")
    agencies = ranked_agencies(framework, "2020")[:5]
    for folder in ("one", "two"):
        write_agency_portals(tmp_path / folder, framework, agencies, 3, "http://127.0.0.1:1")
    for name in ("portals.csv", "portals.json"):
        place = f"inspection/province_2020/{name}"
        assert (tmp_path / "one" / place).read_bytes() == (tmp_path / "two" / place).read_bytes()


def test_read_specs__damaged_file__is_named(tmp_path):
    write_specs(tmp_path, "province_2020", [])
    (tmp_path / "inspection" / "province_2020" / "portals.json").write_text("[{")
    with pytest.raises(InputError, match="damaged"):
        read_specs(tmp_path)


def test_threads__of_the_inspection__end_with_it(tmp_path):
    with inspected(tmp_path, "province_2020", 4, 3):
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("inspection")]
