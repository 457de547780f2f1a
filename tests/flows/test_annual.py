"""The annual flow against a real Prefect server: what it publishes, what it says, what it survives."""

import http.server
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from datetime import date

import pandas as pd
import pytest

from tasks.evidence.appraisal import settle
from tasks.evidence.experts import measure as experts
from tasks.evidence.experts.places import Places
from tasks.evidence.experts.pseudonyms import pseudonymise_ratings
from tasks.evidence.reports import measure
from tasks.evidence.surveys.pseudonyms import Pseudonyms
from tasks.evidence.surveys.values import Round
from tasks.harmonise.agencies import Registry
from tasks.harmonise.items import ItemIndex
from tasks.scoring.engine import score
from tasks.snapshots.store import SnapshotStore
from tasks.sources import expert_panel
from tasks.sources.base import Page
from tasks.sources.rounds import bundled_round
from tests.flows.conftest import artifacts
from warehouse.engine import connect
from warehouse.frameworks.experts import load_experts
from warehouse.frameworks.loader import load_framework
from warehouse.locks import round_lock
from warehouse.queries import choose_vintage, measurements, observations_by_id, score_tree
from warehouse.settings import get_settings

FIGURES = "  - {source: published, path: figures.csv}"
RANKS = {"Đà Nẵng": "0.4874", "Thừa Thiên Huế": "0.4097", "Bắc Ninh": "0.4096", "Quảng Ninh": "0.3897"}


def write_round(folder, sources, **extra):
    folder.mkdir(parents=True, exist_ok=True)
    published = bundled_round().folder / "dti_2020_province.csv"
    (folder / "figures.csv").write_bytes(published.read_bytes())
    lines = ["round: test", "kind: press", 'period: "2020"', "sources:", *sources]
    (folder / "round.yaml").write_text("\n".join(lines + [f"{k}: {v}" for k, v in extra.items()]), encoding="utf-8")
    return folder


class Web(http.server.BaseHTTPRequestHandler):
    """A portal that has the published figures and nothing else."""

    def do_GET(self):
        found = self.path == "/figures.csv"
        body = (bundled_round().folder / "dti_2020_province.csv").read_bytes() if found else b"gone"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def portal(monkeypatch, home):
    monkeypatch.setenv("DTI_ALLOW_PRIVATE_ADDRESSES", "true")
    get_settings.cache_clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_published_round__totals_and_ranks_equal_the_printed_ones(dti, once):
    done = once("run", "annual")
    assert done.returncode == 0, done.stderr
    table = dti("rank", "--framework", "province_2020", "--period", "2020").stdout
    for rank, (name, share) in enumerate(RANKS.items(), start=1):
        assert re.search(rf"^ *{rank} +.*{name}.* {share} ", table, re.MULTILINE), (name, table)


def test_published_round__figures_share_no_error(once, shared_errors):
    once("run", "annual")
    factors, _, variances = shared_errors("published")
    assert len(variances) > 0
    assert factors.empty


def test_explain__reaches_the_printed_figure_and_its_bytes(dti, once):
    once("run", "annual")
    done = dti("explain", "--framework", "province_2020", "--period", "2020", "--agency", "thua thien hue")
    assert done.returncode == 0, done.stderr
    assert "0.522" in done.stdout
    assert re.search(r"sha256 [0-9a-f]{64} verified", done.stdout)
    assert "dti_2020_province.csv" in done.stdout


def test_dead_source__round_ends_completed_and_says_what_is_missing(dti, tmp_path, portal):
    dead = f"  - {{source: published, url: '{portal}/moved.csv'}}"
    folder = write_round(tmp_path / "r", [FIGURES, dead])
    done = dti("run", "annual", "--round", str(folder))
    assert done.returncode == 0, done.stderr
    assert "unavailable" in done.stdout
    assert "9 agencies ranked" in done.stdout


def test_dead_source__critical__fails_with_one_sentence(home, prefect_api, tmp_path):
    folder = write_round(tmp_path / "r", [FIGURES, "  - {source: published, path: nothing.csv, critical: true}"])
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "run", "annual", "--round", str(folder)],
        env={**os.environ, "DTI_HOME": str(home), "PREFECT_API_URL": prefect_api},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "critical source published is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_synthetic_round__is_labelled_and_shows_what_was_refused(dti, once, small_round):
    done = once("run", "annual", "--round", str(small_round))
    assert done.returncode == 0, done.stderr
    assert "SYNTHETIC" in done.stdout
    assert "rows in quarantine" in done.stdout
    ranked = dti("rank", "--framework", "province_2020", "--period", "2020")
    assert "SYNTHETIC" in ranked.stdout
    listed = dti("quarantine", "list", "--format", "csv").stdout.splitlines()
    assert len(listed) > 1


def test_synthetic_round__beside_the_published_one__never_mixes(dti, once, small_round):
    once("run", "annual")
    before = dti("rank", "--framework", "province_2020", "--period", "2020", "--format", "csv").stdout
    dti("run", "annual", "--round", str(small_round))
    assert dti("rank", "--framework", "province_2020", "--period", "2020", "--format", "csv").stdout == before


def test_refused_parameters__one_sentence_and_status_1(dti):
    done = dti("run", "annual", "--framework", "province_2020", "--period", "2021")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_unknown_option__status_2(dti):
    assert dti("rank", "--nonsense").returncode == 2


def test_artifacts__are_there_for_a_person_to_read(once, prefect_api, small_round, home):
    once("run", "annual", "--round", str(small_round))
    keys = set(artifacts(prefect_api, home))
    names = {"summary", "validation", "quarantine", "coverage", "experts", "league-table", "load", "round-progress"}
    assert names | {"appraisal-by-agency", "appraisal-by-criterion", "appraisal-decisions"} <= keys


def test_changed_figure__after_publication__makes_a_new_vintage_and_keeps_the_old(dti, tmp_path):
    folder = write_round(tmp_path / "r", [FIGURES])
    first = dti("run", "annual", "--round", str(folder))
    assert "Vintage 1 is published" in first.stdout, first.stderr
    file = folder / "figures.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("0.5346", "0.6346"), encoding="utf-8")
    second = dti("run", "annual", "--round", str(folder))
    assert "Vintage 2 is published" in second.stdout, second.stderr


def test_source_over_http__is_gathered_and_explained_to_its_address(dti, tmp_path, portal):
    folder = write_round(tmp_path / "r", [f"  - {{source: published, url: '{portal}/figures.csv'}}"])
    done = dti("run", "annual", "--round", str(folder))
    assert "9 agencies ranked" in done.stdout, done.stderr
    explained = dti("explain", "--framework", "province_2020", "--period", "2020", "--agency", "48")
    assert f"{portal}/figures.csv" in explained.stdout


def test_import_of_dti_score__leaves_prefect_and_great_expectations_alone():
    code = "import sys, flows.cli, flows.cli.score, tasks.scoring.engine, tasks.scoring.files;"
    code += "print([name for name in ('prefect', 'great_expectations', 'sqlalchemy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_second_run_at_once__is_refused_by_name(dti, once):
    assert once("run", "annual").returncode == 0
    with round_lock(connect(get_settings().url), "province_2020", "press-2020", "2020"):
        done = dti("run", "annual")
    assert done.returncode == 1
    assert "already being run" in done.stderr


def test_warehouse_of_a_newer_schema__is_refused(dti, once, home):
    assert once("run", "annual").returncode == 0
    with sqlite3.connect(home / "warehouse.db") as connection:
        connection.execute("UPDATE dti_schema_version SET version_num = '9999'")
    done = dti("run", "annual")
    assert done.returncode == 1
    assert "newer" in done.stderr


def test_correction_that_no_longer_fits__keeps_the_vintage_provisional(dti, tmp_path):
    folder = write_round(tmp_path / "r", [FIGURES], corrections="corrections.yaml")
    (folder / "corrections.yaml").write_text(
        "corrections:\n  - {id: stale, source: published, agency: Đà Nẵng, item: CQS, period: '2020', action: replace,"
        " expect: 0.1111, value: 0.2, reason: test, status: open, by: test, date: 2021-01-01}\n",
        encoding="utf-8",
    )
    done = dti("run", "annual", "--round", str(folder))
    assert "provisional" in done.stdout
    assert "stale" in done.stdout


def test_declared_correction__changes_the_score_and_is_shown(dti, tmp_path):
    folder = write_round(tmp_path / "r", [FIGURES], corrections="corrections.yaml")
    (folder / "corrections.yaml").write_text(
        "corrections:\n  - {id: mended, source: published, agency: Đà Nẵng, item: CQS, period: '2020', action: replace,"
        " expect: 0.5346, value: 0.6346, reason: test, status: open, by: test, date: 2021-01-01}\n",
        encoding="utf-8",
    )
    assert "Declared corrections mended 1 figure" in dti("run", "annual", "--round", str(folder)).stdout
    explained = dti("explain", "--framework", "province_2020", "--period", "2020", "--agency", "Đà Nẵng").stdout
    assert "declared correction mended" in explained


def judged_again(framework, snapshots):
    """What the experts judged, from the bytes behind it, whatever key their pseudonyms have."""
    store = SnapshotStore(get_settings().snapshots)
    ratings = expert_panel.SOURCE.read_answers([Page("", store.get(sha256)) for sha256 in sorted(snapshots)])
    places = Places.of(framework, "2020")
    kept = pseudonymise_ratings(ratings, Pseudonyms("k" * 32), places, ItemIndex(framework))
    found, _, _ = experts.measure(kept, framework, load_experts(framework.folder), Round("again", "2020"))
    assert len(found)
    return found


def test_scores__recomputed_from_the_observations__equal_to_the_last_digit(once, small_round):
    """Promise 2: what the warehouse holds can be computed again from what it says it came from."""
    once("run", "annual", "--round", str(small_round))
    engine, framework = connect(get_settings().url), load_framework("province_2020")
    chosen = choose_vintage(engine, "province_2020", "2020")
    held = measurements(engine, chosen, all_stages=True)
    observed = observations_by_id(engine, [i for ids in held["observation_ids"] for i in json.loads(ids)])
    judged = judged_again(framework, {sha256 for each in held["snapshots"] for sha256 in json.loads(each or "[]")})
    again = pd.concat([settle(measure(observed, framework), observed, framework), judged], ignore_index=True)
    key = ["agency", "node", "stage"]
    assert repr(again.sort_values(key)[[*key, "value", "points"]].to_numpy().tolist()) == (
        repr(held.sort_values(key)[[*key, "value", "points"]].to_numpy().tolist())
    )
    scores = score(framework, again)
    for agency in sorted(set(scores["agency"])):
        stored = score_tree(engine, chosen, agency).set_index("node")["points"]
        computed = scores[scores["agency"] == agency].set_index("node")["points"]
        assert repr(stored.sort_index().tolist()) == repr(computed.sort_index().tolist())


def test_clean_cells_of_a_synthetic_round__reach_the_warehouse_as_they_are_true(once, small_round):
    once("run", "annual", "--round", str(small_round))
    engine = connect(get_settings().url)
    held = measurements(engine, choose_vintage(engine, "province_2020", "2020"), all_stages=True)
    held = held[held["stage"] == "self_reported"].set_index(["agency", "node"])["value"]
    truth = pd.read_csv(small_round / "truth.csv", comment="#").set_index(["agency", "node"])["value"]
    shared = held.index.intersection(truth.index)
    exact = (held[shared] - truth[shared]).abs() <= 1e-9 * truth[shared].abs().clip(lower=1)
    assert len(shared) > 500
    assert exact.mean() > 0.97


def test_appraisal__all_three_stages_and_the_reason_are_shown(dti, once, small_round):
    once("run", "annual", "--round", str(small_round))
    decided = pd.read_csv(small_round / "decisions.csv").query("decision == 'Không công nhận'").iloc[0]
    where = ["--framework", "province_2020", "--period", "2020"]
    said = dti("explain", *where, "--agency", decided["agency"], "--node", decided["node"]).stdout
    assert "self_reported: " in said
    assert "appraised: 0 points by appraisal:rejected; reason: Không có tài liệu minh chứng" in said
    assert "measurement 0 points by appraisal:rejected, final" in said
    assert "rejected by the appraisal council: no points" in said


def test_appraisal__how_far_self_report_exceeds_it(dti, once, small_round):
    once("run", "annual", "--round", str(small_round))
    where = ["--framework", "province_2020", "--period", "2020", "--format", "json"]
    agencies = json.loads(dti("appraisal", *where).stdout)
    criteria = json.loads(dti("appraisal", *where, "--by", "criterion").stdout)
    excess = [sum(row["excess"] for row in rows) for rows in (agencies, criteria)]
    assert excess[0] == pytest.approx(excess[1])
    assert excess[0] > 0
    assert agencies == sorted(agencies, key=lambda row: -row["excess"])


def test_agency_of_another_time__is_quarantined_by_name(dti, tmp_path):
    folder = write_round(tmp_path / "r", [FIGURES])
    file = folder / "figures.csv"
    text = file.read_text(encoding="utf-8")
    last = text.strip().splitlines()[-1]
    file.write_text(text + last.replace(last.split(",")[0], "Tỉnh Hà Tây") + "\n", encoding="utf-8")
    done = dti("run", "annual", "--round", str(folder))
    assert "agency_is_known" in done.stdout, done.stderr
    assert Registry.bundled().find("Tỉnh Hà Tây", date(2020, 12, 31)) is None


def test_annual_round__on_postgresql__publishes_the_same_ranking(dti, once, monkeypatch, postgres_url):
    once("run", "annual")
    on_sqlite = dti("rank", "--framework", "province_2020", "--period", "2020", "--format", "csv").stdout
    monkeypatch.setenv("DTI_WAREHOUSE_URL", postgres_url)
    get_settings.cache_clear()
    for _ in range(2):
        done = dti("run", "annual")
        assert done.returncode == 0, done.stderr
    assert "it is unchanged" in done.stdout
    assert dti("rank", "--framework", "province_2020", "--period", "2020", "--format", "csv").stdout == on_sqlite


def test_round_of_another_kind__under_a_known_name__is_refused_before_anything_is_written(dti, home, tmp_path):
    folder = write_round(tmp_path / "r", [FIGURES])
    dti("run", "annual", "--round", str(folder))
    file = folder / "round.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("kind: press", "kind: official"), encoding="utf-8")
    (folder / "figures.csv").write_text(
        "agency,node,value,citation,url\nHà Nội,CQS,0.5,x,https://x\n", encoding="utf-8"
    )
    done = dti("run", "annual", "--round", str(folder))
    assert done.returncode == 1
    assert "holds press figures" in done.stderr
    with sqlite3.connect(home / "warehouse.db") as connection:
        assert connection.execute("SELECT count(*) FROM observation").fetchone() == (27,)


def test_quarantine_export__cells_that_a_spreadsheet_would_compute__are_text(dti, tmp_path):
    folder = write_round(tmp_path / "r", [FIGURES])
    with (folder / "figures.csv").open("a", encoding="utf-8") as file:
        file.write("Hà Nội,CQS,=cmd|' /C calc'!A0,x,https://x\n")
    dti("run", "annual", "--round", str(folder))
    out = tmp_path / "out.csv"
    assert dti("quarantine", "export", str(out)).returncode == 0
    rows = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert rows["value_text"].tolist() == ["'=cmd|' /C calc'!A0"]


def test_prefect_server_gone__one_sentence(dti, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    done = dti("run", "annual")
    assert done.returncode == 1
    assert "No Prefect server answers at http://127.0.0.1:1/api" in done.stderr
