"""The annual round with posts: what is measured, what stays hidden, what is forgotten, and the same on a cluster."""

import hashlib
import json
import os
import random
import re
import signal
import sqlite3
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from openpyxl import load_workbook

from tasks.evidence.tone import path as path_of_posts
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.local import load
from tasks.lake import forget_texts
from tasks.snapshots.store import SnapshotStore
from warehouse.engine import connect
from warehouse.queries import choose_vintage, measurements
from warehouse.settings import get_settings

SCOPE = ("--framework", "province_2020", "--period", "2020")
NAMED = {"Hà Nội": "province-ha-noi", "Đà Nẵng": "province-da-nang", "Nghệ An": "province-nghe-an"}
AUTHOR, PHONE, MAIL = "người viết số", "0912 000 111", "khong.co.that@example.com"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def posted(tmp_path_factory):
    """A round whose one source is an export of comments on three provinces."""
    folder = tmp_path_factory.mktemp("posted")
    random_ = random.Random(3)
    texts = corpus("test")
    texts = texts[(texts["channel"] == "comment") & (texts["agencies"] == "") & (texts["aspect"] != "irrelevant")]
    lines = []
    for number in range(900):
        name = random_.choice(list(NAMED))
        text = f"{name}: {texts['text'].iloc[random_.randrange(len(texts))]}"
        lines.append({"id": number, "text": text, "author": f"{AUTHOR} {number % 400}", "date": "2020-05-04"})
        lines[-1]["url"] = f"https://mang.example.vn/{number}"
    lines += [
        {
            "id": 901,
            "text": f"{SCRIPT} Hà Nội gọi {PHONE} hoặc {MAIL} không ai nghe",
            "author": AUTHOR,
            "date": "2020-06-01",
        },
        {"id": 902, "text": "Hà Nội nộp hồ sơ online nhanh thật", "author": AUTHOR, "date": "2031-01-01"},
        {"id": 903, "text": "", "author": AUTHOR, "date": "2020-06-01"},
        {"id": 904, "text": "trạng thái bình thường mới của mọi nhà", "author": AUTHOR, "date": "2020-06-01"},
        {"id": 905, "text": "Hanoi portal works fine for foreigners I guess", "author": AUTHOR, "date": "2020-06-01"},
    ]
    exports = folder / "exports" / "comment"
    exports.mkdir(parents=True)
    written = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (exports / "posts.jsonl").write_text(written + "\n", encoding="utf-8")
    said = {
        "round": "posted-2020",
        "kind": "synthetic",
        "period": "2020",
        "sources": [{"source": "post_export", "path": "exports"}],
    }
    (folder / "round.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    return folder


@pytest.fixture
def done(once, posted):
    return once("run", "annual", *SCOPE, "--round", str(posted))


def spoken():
    """What was measured of tone, to the last digit."""
    engine = connect(get_settings().url)
    found = measurements(engine, choose_vintage(engine, "province_2020", "2020", "posted-2020"))
    found = found[found["source"] == "tone"]
    columns = ["agency", "node", "value", "standard_error", "n", "detail", "snapshots"]
    return found.sort_values(["agency", "node"])[columns].reset_index(drop=True)


def test_tone__is_measured_where_there_are_enough_posts(done):
    assert done.returncode == 0, done.stderr
    found = spoken()
    whole = found[found["node"] == "CQS.1.1.4"]
    assert set(whole["agency"]) == set(NAMED.values())
    assert found["value"].between(-1, 1).all()
    assert (found["standard_error"] > 0).all()
    assert all(len(sha256) == 64 for text in found["snapshots"] for sha256 in json.loads(text))
    for said in map(json.loads, found["detail"]):
        assert said["effective_n"] >= 30
        assert said["interval"][0] <= said["interval"][1]
        assert len(said["model"]["sha256"]) == len(said["model"]["training_sha256"]) == 64
        assert said["channels"]["comment"]["correction"] == "adjusted count"


def test_tone__errors_that_cells_share_sum_to_their_standard_errors(done, shared_errors):
    factors, squares, variances = shared_errors("tone")
    assert squares.to_dict() == pytest.approx(variances.to_dict(), rel=1e-9)
    assert {"tone:comment:1", "tone:province-ha-noi:comment:1"} <= set(factors["factor"])
    assert set(factors.loc[factors["factor"] == "tone:comment:1", "agency"]) == set(NAMED.values())


def test_report__says_what_was_left_out(done):
    assert re.search(r"Tone: \d+ mentions of agencies in 904 posts", done.stdout)
    assert "1 future" in done.stdout
    assert "1 foreign" in done.stdout


def test_explain__goes_to_counts_model_correction_and_bytes(dti, done):
    said = dti("explain", *SCOPE, "--agency", "Hà Nội", "--node", "CQS.1.1.4")
    assert said.returncode == 0, said.stderr
    assert re.search(r"by tone:local, final, standard error 0\.\d+, n \d+", said.stdout)
    assert re.search(r"model: name local, version \d+, sha256 [0-9a-f]{64}", said.stdout)
    assert re.search(r"channel comment: posts \d+, .*labelled negative [\d.]+.*corrected by \d+ posts", said.stdout)
    assert re.search(r"sha256 [0-9a-f]{64} verified", said.stdout)


def test_nobody__is_named_outside_the_bytes_as_received(done, prefect_home):
    folders = [get_settings().home, Path(prefect_home)]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    files = [file for file in files if "snapshots" not in file.parts]
    hits = [file for file in files for text in (AUTHOR, PHONE, MAIL) if text.encode() in file.read_bytes()]
    parquet = [file for file in files if file.suffix == ".parquet" and file not in hits]
    hits += [file for file in parquet if any(text in str(pq.read_table(file).to_pylist()) for text in (AUTHOR, PHONE))]
    assert hits == []


def test_artifacts__hold_no_markup_of_a_post(done, prefect_home):
    with sqlite3.connect(f"file:{Path(prefect_home) / 'prefect.db'}?mode=ro", uri=True) as database:
        (found,) = database.execute("select count(*) from artifact where data like '%<script>%'").fetchone()
        (tables,) = database.execute("select count(*) from artifact where key = 'tone'").fetchone()
    assert (found, tables > 0) == (0, True)


def test_run__again_measures_the_same_and_classifies_nothing(dti, done, posted):
    before, pieces = spoken(), sorted((get_settings().lake / "tone" / "pieces").rglob("*"))
    times = [piece.stat().st_mtime_ns for piece in pieces]
    assert dti("run", "annual", *SCOPE, "--round", str(posted)).returncode == 0
    assert spoken().equals(before)
    assert [piece.stat().st_mtime_ns for piece in pieces] == times


def test_model__that_was_altered_is_refused(dti, done, posted):
    (file,) = get_settings().models.glob("local-*.npz")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    load.cache_clear() if hasattr(load, "cache_clear") else None
    from tasks.evidence.tone.models import local_model

    local_model.cache_clear()
    said = dti("run", "annual", *SCOPE, "--round", str(posted))
    local_model.cache_clear()
    assert said.returncode == 1
    assert "is not the one that was recorded" in said.stdout + said.stderr


def test_model__that_is_not_there_is_never_replaced(dti, home, posted, monkeypatch, tmp_path):
    from warehouse.frameworks.loader import framework_folder

    folder = tmp_path / "official_2020"
    folder.mkdir()
    for file in framework_folder("province_2020").iterdir():
        text = file.read_text(encoding="utf-8").replace("model: local", "model: underthesea")
        (folder / file.name).write_text(text.replace("province_2020", "official_2020"), encoding="utf-8")
    monkeypatch.setenv("DTI_UNDERTHESEA_MODEL", str(tmp_path / "none.bin"))
    get_settings.cache_clear()
    said = dti("run", "annual", "--framework", str(folder), "--period", "2020", "--round", str(posted))
    assert said.returncode == 1
    assert "The model of underthesea is not at" in said.stdout + said.stderr
    assert "DTI_UNDERTHESEA_MODEL" in said.stdout + said.stderr


def test_texts__are_forgotten_when_their_time_is_over(done):
    (file,) = get_settings().lake.glob("answers/post_export/2020/*.parquet")
    assert any(pq.read_table(file).column("text").to_pylist())
    assert forget_texts(time.time()) == 0
    assert forget_texts(time.time() + get_settings().post_text_days * 86_400 + 1) > 0
    kept = pq.read_table(file)
    assert not any(kept.column("text").to_pylist())
    assert all(kept.column("post_id").to_pylist())
    assert not list((get_settings().lake / "tone" / "pieces").iterdir())


def test_audit__goes_out_and_comes_back_and_corrects(dti, done, posted, tmp_path):
    before = spoken()
    out = tmp_path / "audit.xlsx"
    said = dti("tone", "audit", "--sample", "240", "--round", str(posted), "--out", str(out))
    assert said.returncode == 0, said.stderr
    books = [tmp_path / "audit-1.xlsx", tmp_path / "audit-2.xlsx"]
    said = dti("tone", "audit", "--import", *map(str, books))
    assert (said.returncode, "No post of the sample is labelled" in said.stdout + said.stderr) == (1, True)
    truth = dict(zip(corpus("test")["text"], corpus("test")["polarity"], strict=True))
    words = {"negative": "tiêu cực", "neutral": "trung tính", "positive": "tích cực"}
    for number, book in enumerate(books):
        opened = load_workbook(book)
        sheet = opened.active
        assert "negative" not in str([[cell.value for cell in row] for row in sheet])
        for row in range(4, sheet.max_row + 1):
            label = truth.get(str(sheet.cell(row, 4).value).partition(": ")[2], "negative")
            wrong = number == 1 and row % 20 == 0  # the second annotator errs now and then
            sheet.cell(row, 5).value = words["neutral" if wrong else label]
        opened.save(book)
    said = dti("tone", "audit", "--import", str(books[0]), str(_at_odds(books[1], tmp_path / "odd.xlsx")))
    assert "so the labels are not used" in said.stdout
    assert not list((get_settings().lake / "tone" / "audits").glob("audited-*"))
    said = dti("tone", "audit", "--import", str(books[0]), str(books[1]))
    assert said.returncode == 0, said.stderr
    assert "240 posts are labelled" in said.stdout
    assert "The labels correct the next measurement." in said.stdout
    assert all(SnapshotStore(get_settings().snapshots).cards(sha256_of(book)) for book in books)
    assert float(re.search(r"audit-1, audit-2\s+240\s+([\d.]+)", said.stdout)[1]) > 0.9
    assert dti("run", "annual", *SCOPE, "--round", str(posted)).returncode == 0
    after = spoken()
    assert "posts of audit" in after["detail"].iloc[0]
    assert not after["value"].equals(before["value"])


def test_evaluate__a_file_of_ones_own__by_the_model_that_is_asked_for(dti, home, monkeypatch, tmp_path):
    file = tmp_path / "own.csv"
    corpus("test")[["text", "polarity"]].head(60).to_csv(file, index=False)
    said = dti("tone", "evaluate", "--data", str(file), "--label", "polarity")
    assert (said.returncode, "macro-F1" in said.stdout) == (0, True), said.stderr
    monkeypatch.setenv("DTI_UNDERTHESEA_MODEL", str(tmp_path / "none.bin"))
    get_settings.cache_clear()
    said = dti("tone", "evaluate", "--data", str(file), "--label", "polarity", "--model", "underthesea")
    assert (said.returncode, "The model of underthesea is not at" in said.stdout + said.stderr) == (1, True)


def _at_odds(book, other):
    """The workbook of an annotator who chose by the number of the row."""
    opened = load_workbook(book)
    for row in range(4, opened.active.max_row + 1):
        opened.active.cell(row, 5).value = ("tiêu cực", "trung tính", "tích cực")[row % 3]
    opened.save(other)
    return other


def sha256_of(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def cluster(home, monkeypatch):
    """A real Dask cluster of two worker processes on this machine."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as running:
        monkeypatch.setenv("DTI_DASK_ADDRESS", running.scheduler_address)
        get_settings.cache_clear()
        yield running


@pytest.mark.slow
def test_cluster__gives_the_same_and_a_worker_that_dies_changes_nothing(dti, cluster, posted, home, monkeypatch):
    assert dti("run", "annual", *SCOPE, "--round", str(posted)).returncode == 0
    on_cluster = spoken()
    counts = home / "lake" / "tone" / "counts"
    assert len(list(counts.rglob("*.parquet"))) == path_of_posts.BUCKETS
    monkeypatch.delenv("DTI_DASK_ADDRESS")
    monkeypatch.setenv("DTI_HOME", str(home.with_name("alone")))
    monkeypatch.setenv("DTI_PSEUDONYM_KEY", (home / "secrets" / "pseudonym.key").read_text().strip())
    get_settings.cache_clear()
    assert dti("run", "annual", *SCOPE, "--round", str(posted)).returncode == 0
    alone = spoken()
    figures = ["agency", "node", "value", "standard_error", "n"]
    assert on_cluster[figures].equals(alone[figures])

    from distributed import Client

    from flows.cluster import _on_cluster, _runner
    from tasks.job import Job

    monkeypatch.setenv("DTI_DASK_ADDRESS", cluster.scheduler_address)
    monkeypatch.setenv("DTI_HOME", str(home.with_name("killed")))
    get_settings.cache_clear()
    files = [str(file) for file in (home.with_name("alone") / "lake").glob("answers/*/*/*.parquet")]
    with Client(cluster.scheduler_address) as client:
        victim = next(iter(client.scheduler_info()["workers"].values()))["id"]
        pids = client.run(os.getpid)
        job = Job(framework="province_2020", period="2020", round_folder=str(posted))
        client.submit(_die_later, next(iter(pids.values())), pure=False)
        _on_cluster.with_options(task_runner=_runner())(job, files)
    assert victim is not None
    first, second = (
        pd.concat([pd.read_parquet(file) for file in sorted((root / "lake" / "tone" / "counts").rglob("*.parquet"))])
        for root in (home.with_name("alone"), home.with_name("killed"))
    )
    assert first.reset_index(drop=True).equals(second.reset_index(drop=True))


def _die_later(pid):
    """Kill a worker while it and the other one are at work."""
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
