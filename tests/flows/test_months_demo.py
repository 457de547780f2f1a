"""`dti demo make-months` and `dti demo serve`: months that another process can serve and a source can read."""

import csv
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tasks.sources.limits import FetchLimits
from tasks.sources.registry import sources
from tasks.sources.rounds import Entry
from warehouse.settings import get_settings

FRAMEWORK = """\
framework: online_services_2019
population: [province, ministry, ministerial_body, government_agency]
levels:
  - {level: dashboard, aggregation: sum}
  - {level: indicator}
"""
CODES = ("C.TTHC", "C.DK", "C.M3", "C.M4", "C.DVC_HS", "C.HS", "C.HS_ON")


@pytest.fixture
def editions(home):
    """A small edition in the state folder, where it goes before a bundled one of the same name."""
    folder = home / "frameworks" / "online_services_2019"
    folder.mkdir(parents=True)
    rows = [f"{code},DVC,indicator,Số {code},1,report,linear,target=1000,dịch vụ" for code in CODES]
    header = "code,parent,level,name_vi,max_points,evidence,rule,parameters,unit"
    nodes = "\n".join([header, "DVC,,dashboard,Bảng,,,,,", *rows])
    (folder / "framework.yaml").write_text(FRAMEWORK, encoding="utf-8")
    (folder / "nodes.csv").write_text(nodes, encoding="utf-8")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def months(dti, editions, tmp_path):
    port, folder = free_port(), tmp_path / "months"
    url = f"http://127.0.0.1:{port}"
    options = ("--from", "2020-01", "--to", "2020-02", "--limit", "8", "--monitoring-url", url)
    return folder, port, dti("demo", "make-months", str(folder), *options)


def test_make_months__says_what_it_made_and_how_to_serve_it(months):
    folder, _, said = months
    assert said.returncode == 0, said.stderr
    assert "14 returns of 2 months" in said.stdout
    assert f"dti demo serve {folder}" in said.stdout
    assert "DTI_SYNTHETIC_TOKEN=synthetic" in said.stdout
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        assert {row["period"] for row in csv.DictReader(file)} == {"2020-01", "2020-02"}


def test_demo_serve__of_months__is_what_the_source_asks(months, monkeypatch):
    folder, port, _ = months
    monkeypatch.setenv("DTI_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("DTI_SYNTHETIC_TOKEN", "synthetic")
    get_settings.cache_clear()
    command = [sys.executable, "-m", "flows.cli", "demo", "serve", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as server:
        try:
            assert f"http://127.0.0.1:{port}/monitoring/api/figures" in server.stdout.readline()
            url = f"http://127.0.0.1:{port}/monitoring/api/figures?month=2020-02"
            entry = Entry(source="monitoring", url=url, credential="synthetic")
            (receipt,) = sources()["monitoring"].gather(entry, Path(), FetchLimits(attempts=2))
            assert b"SYNTHETIC" in receipt.content
            for path in ("/returns/2020-02/nobody.json", "/returns/..%2F..%2Fround.yaml", "/returns/2020-02/../x.json"):
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
