"""The annual flow against a real Prefect server: what it publishes, what it says, what it survives."""

import http.server
import re
import socket
import subprocess
import sys
import threading

import pytest

from tasks.sources.rounds import bundled_round

pytestmark = pytest.mark.xdist_group("prefect")

RANKS = {"Đà Nẵng": "0.4874", "Thừa Thiên Huế": "0.4097", "Bắc Ninh": "0.4096", "Quảng Ninh": "0.3897"}


def write_round(folder, sources, **extra):
    folder.mkdir(parents=True, exist_ok=True)
    published = bundled_round().folder / "dti_2020_province.csv"
    (folder / "figures.csv").write_bytes(published.read_bytes())
    lines = ["round: test", "kind: press", 'period: "2020"', "sources:", *sources]
    (folder / "round.yaml").write_text("\n".join(lines + [f"{k}: {v}" for k, v in extra.items()]), encoding="utf-8")
    return folder


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_published_round__totals_and_ranks_equal_the_printed_ones(dti):
    done = dti("run", "annual", "--framework", "province_2020", "--period", "2020")
    assert done.returncode == 0, done.stderr
    table = dti("rank", "--framework", "province_2020", "--period", "2020").stdout
    for rank, (name, share) in enumerate(RANKS.items(), start=1):
        assert re.search(rf"^ *{rank} +.*{name}.* {share} ", table, re.MULTILINE), (name, table)


def test_explain__reaches_the_printed_figure_and_its_bytes(dti):
    dti("run", "annual")
    done = dti("explain", "--framework", "province_2020", "--period", "2020", "--agency", "thua thien hue")
    assert done.returncode == 0, done.stderr
    assert "0.522" in done.stdout
    assert re.search(r"sha256 [0-9a-f]{64} verified", done.stdout)
    assert "dti_2020_province.csv" in done.stdout


def test_dead_source__round_ends_completed_and_says_what_is_missing(dti, tmp_path):
    dead = f"  - {{source: published, url: 'http://127.0.0.1:{closed_port()}/x.csv'}}"
    folder = write_round(tmp_path / "r", ["  - {source: published, path: figures.csv}", dead])
    done = dti("run", "annual", "--round", str(folder), DTI_ALLOW_PRIVATE_ADDRESSES="true")
    assert done.returncode == 0, done.stderr
    assert "unavailable" in done.stdout
    assert "9 agencies ranked" in done.stdout


def test_dead_source__critical__fails_with_one_sentence(dti, tmp_path):
    dead = f"  - {{source: published, url: 'http://127.0.0.1:{closed_port()}/x.csv', critical: true}}"
    folder = write_round(tmp_path / "r", ["  - {source: published, path: figures.csv}", dead])
    done = dti("run", "annual", "--round", str(folder), DTI_ALLOW_PRIVATE_ADDRESSES="true")
    assert done.returncode == 1
    assert "critical source published is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_synthetic_round__is_labelled_and_shows_what_was_refused(dti, small_round):
    done = dti("run", "annual", "--round", str(small_round))
    assert done.returncode == 0, done.stderr
    assert "SYNTHETIC" in done.stdout
    assert "rows in quarantine" in done.stdout
    ranked = dti("rank", "--framework", "province_2020", "--period", "2020")
    assert "SYNTHETIC" in ranked.stdout
    listed = dti("quarantine", "list", "--format", "csv").stdout.splitlines()
    assert len(listed) > 1


def test_synthetic_round__beside_the_published_one__never_mixes(dti, small_round):
    dti("run", "annual")
    before = dti("rank", "--framework", "province_2020", "--period", "2020", "--format", "csv").stdout
    dti("run", "annual", "--round", str(small_round))
    assert dti("rank", "--framework", "province_2020", "--period", "2020", "--format", "csv").stdout == before


def test_refused_parameters__one_sentence_and_status_1(dti):
    done = dti("run", "annual", "--framework", "province_2020", "--period", "2021")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_unknown_option__status_2(dti):
    assert dti("rank", "--nonsense").returncode == 2


def test_artifacts__are_there_for_a_person_to_read(dti, prefect_api, small_round):
    import httpx

    dti("run", "annual", "--round", str(small_round))
    found = httpx.post(f"{prefect_api}/artifacts/filter", json={"limit": 200}).json()
    keys = {artifact["key"] for artifact in found}
    assert {"summary", "validation", "quarantine", "coverage", "league-table", "load", "round-progress"} <= keys


def test_changed_figure__after_publication__makes_a_new_vintage_and_keeps_the_old(dti, tmp_path):
    folder = write_round(tmp_path / "r", ["  - {source: published, path: figures.csv}"])
    first = dti("run", "annual", "--round", str(folder))
    assert "Vintage 1 is published" in first.stdout, first.stderr
    file = folder / "figures.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("0.5346", "0.6346"), encoding="utf-8")
    second = dti("run", "annual", "--round", str(folder))
    assert "Vintage 2 is published" in second.stdout, second.stderr


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (bundled_round().folder / "dti_2020_province.csv").read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def test_source_over_http__is_gathered_and_explained_to_its_address(dti, tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/figures.csv"
    folder = write_round(tmp_path / "r", [f"  - {{source: published, url: '{url}'}}"])
    done = dti("run", "annual", "--round", str(folder), DTI_ALLOW_PRIVATE_ADDRESSES="true")
    server.shutdown()
    assert "9 agencies ranked" in done.stdout, done.stderr
    explained = dti("explain", "--framework", "province_2020", "--period", "2020", "--agency", "48")
    assert url in explained.stdout


def test_import_of_dti_score__leaves_prefect_and_great_expectations_alone():
    code = "import sys, flows.cli, flows.cli.score, tasks.scoring.engine, tasks.scoring.files, warehouse.frameworks.loader;"
    code += "print([name for name in ('prefect', 'great_expectations', 'sqlalchemy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
