"""The annual round with an inspection of portals over real HTTP: what scores, what is claimed, what is asked again."""

import csv
import json

import pytest

from tasks.demo.round import make_round
from tasks.demo.servers.agency_portals import read_specs
from tasks.demo.servers.survey import Tools, serve_tools
from tasks.snapshots.store import SnapshotStore
from warehouse.engine import connect
from warehouse.frameworks.inspection import load_inspection
from warehouse.frameworks.loader import load_framework
from warehouse.queries import choose_vintage, measurements
from warehouse.settings import get_settings

SCOPE = ("--framework", "province_2020", "--period", "2020")


@pytest.fixture(scope="module")
def portals(tmp_path_factory):
    """A round of six provinces with their portals, and the server of these."""
    folder, tools = tmp_path_factory.mktemp("rounds") / "inspected", Tools([])
    with serve_tools(tools) as url:
        make_round(folder, seed=7, frameworks=[load_framework("province_2020")], limit=6, portals_url=url)
        text = (folder / "round.yaml").read_text(encoding="utf-8")
        head, _, rest = text.partition("sources:\n")
        entries = [entry for entry in rest.partition("corrections:")[0].split("- ") if entry.strip()]
        kept = [f"- {entry}" for entry in entries if any(name in entry for name in ("agency_report", "inspection"))]
        (folder / "round.yaml").write_text(f"{head}sources:\n{''.join(kept)}corrections: corrections.yaml\n", "utf-8")
        tools.agencies = read_specs(folder)
        yield folder, tools


@pytest.fixture
def run(dti, home, monkeypatch, portals):
    monkeypatch.setenv("DTI_ALLOW_PRIVATE_ADDRESSES", "true")
    get_settings.cache_clear()
    folder, tools = portals
    tools.asked.clear()
    return lambda: dti("run", "annual", *SCOPE, "--round", str(folder))


def tables(*names):
    with connect(get_settings().url).connect() as connection:
        return {name: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {name}"))) for name in names}


def checks_of():
    columns = 'agency, "check", outcome, snapshot_sha256, locator, extract'
    with connect(get_settings().url).connect() as connection:
        return connection.exec_driver_sql(f"SELECT {columns} FROM inspection_check").fetchall()


def workspace(home):
    (folder,) = (home / "lake" / "rounds" / "province_2020" / "2020").iterdir()
    return folder


def test_annual__with_portals__measures_the_inspected_criteria_and_finds_the_truth(run, home, portals):
    said = run()
    assert said.returncode == 0, said.stderr
    assert "Inspection: 6 portals, 1 not reachable" in said.stdout

    with (portals[0] / "truth_of_inspection.csv").open(encoding="utf-8") as handle:
        truth = {(row["agency"], row["check"]): row["outcome"] for row in csv.DictReader(handle)}
    found = checks_of()
    assert {(row.agency, row.check): row.outcome for row in found} == truth

    store = SnapshotStore(get_settings().snapshots)
    assert all(store.get(row.snapshot_sha256) is not None for row in found)

    engine = connect(get_settings().url)
    chosen = choose_vintage(engine, "province_2020", "2020")
    declared = load_inspection(load_framework("province_2020").folder)
    living = next(row.agency for row in found if row.check == "reachable" and row.outcome == "pass")
    rows = measurements(engine, chosen, living)
    inspected = rows[rows["source"] == "inspection"].set_index("node")
    assert set(inspected.index) == set(declared.criteria) - {"CQS.3.4.2"}  # an address without a name has no IPv6
    assert set(inspected["stage"]) == {"final"}
    detail = json.loads(inspected.loc["XHS.5.6.1", "detail"])
    assert (detail["lower_bound"], detail["items_unchecked"]) == (True, [1])
    assert set(json.loads(inspected.loc["XHS.5.6.1", "snapshots"])) <= {row.snapshot_sha256 for row in found}

    claims = json.loads((workspace(home) / "inspection_claims.json").read_text(encoding="utf-8"))
    assert all(claim["claimed"] > claim["seen"] and claim["snapshot_sha256"] for claim in claims)


def test_annual__again__asks_no_portal_again_and_leaves_the_same_warehouse(run, portals):
    names = ("inspection_check", "measurement", "score", "snapshot", "vintage")
    assert run().returncode == 0
    before, asked = tables(*names), len(portals[1].asked)
    assert run().returncode == 0
    assert tables(*names) == before
    assert len(portals[1].asked) == asked


def test_explain__leads_from_an_inspected_criterion_to_its_snapshots(run, dti):
    assert run().returncode == 0
    living = next(row.agency for row in checks_of() if row.check == "reachable" and row.outcome == "pass")
    said = dti("explain", *SCOPE, "--agency", living, "--node", "CQS.4.5.1")
    assert said.returncode == 0, said.stderr
    assert "inspection:ratio" in said.stdout
    assert "verified" in said.stdout
