"""The annual round with its survey over real HTTP: what is fed, what stays hidden, what is asked again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tasks.demo.round import make_round
from tasks.demo.servers.forms import read_forms
from tasks.demo.servers.survey import FOLDER, Tools, serve_surveys, serve_tools
from tasks.evidence.surveys.measure import measure
from tasks.evidence.surveys.pseudonyms import load_pseudonyms, pseudonymise
from tasks.evidence.surveys.values import Round
from tasks.snapshots.store import SnapshotStore
from tasks.sources.base import Page
from tasks.sources.registry import micro_sources
from tasks.sources.rounds import load_round
from tests.flows.conftest import Server
from warehouse.engine import connect
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.survey import load_surveys
from warehouse.queries import choose_vintage, measurements
from warehouse.settings import get_settings

SCOPE = ("--framework", "province_2020", "--period", "2020")
SEED = 7
ROOT = Path(__file__).parents[2]
# What `tasks.demo.survey` plants: names and telephone numbers that nobody has, and how JSON may write them.
PLANTED = re.compile(r"00000\d{8}|Người Mô Phỏng \d{8}|DTV mô phỏng [\w-]+ \d")
ESCAPED = re.compile(r"(?:\\u[0-9a-f]{4})", re.IGNORECASE)


def planted_in(text):
    """Whatever looks planted, written out or escaped."""
    return set(PLANTED.findall(ESCAPED.sub(lambda found: chr(int(found[0][2:], 16)), text)))


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory):
    """A round of six provinces with a survey, and the tools that serve it."""
    folder, tools = tmp_path_factory.mktemp("rounds") / "surveyed", Tools([])
    with serve_tools(tools) as url:
        make_round(folder, seed=SEED, frameworks=[load_framework("province_2020")], limit=6, survey_url=url)
        tools.forms = read_forms(sorted((folder / FOLDER).rglob("*.jsonl")))
        for submission in tools.by_tool["odk"]["dti_tinh_doanh_nghiep_2020"].submissions[:50]:
            submission["cau_moi"] = "1"  # a question that the field team added and nobody mapped
        yield folder, tools


@pytest.fixture
def access(home, monkeypatch, surveyed):
    """The credentials of the tools in the environment, and tools in which nothing is wrong."""
    monkeypatch.setenv("DTI_ALLOW_PRIVATE_ADDRESSES", "true")
    for part in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.setenv(f"DTI_SYNTHETIC_{part}", "synthetic")
    get_settings.cache_clear()
    surveyed[1].faults.clear()
    surveyed[1].asked.clear()


@pytest.fixture
def done(once, access, surveyed):
    """The round, run once."""
    return once("run", "annual", *SCOPE, "--round", str(surveyed[0]))


def chosen(engine):
    return choose_vintage(engine, "province_2020", "2020", f"synthetic-province_2020-2020-seed{SEED}")


def survey_figures():
    """What was measured by survey, to the last digit."""
    engine = connect(get_settings().url)
    found = measurements(engine, chosen(engine))
    columns = ["agency", "node", "value", "standard_error", "n"]
    return found.loc[found["source"] == "survey", columns].sort_values(["agency", "node"]).to_numpy().tolist()


def test_survey__every_criterion_is_fed_for_every_agency_that_was_asked(done, surveyed):
    assert done.returncode == 0, done.stderr
    engine = connect(get_settings().url)
    found = measurements(engine, chosen(engine))
    found = found[found["source"] == "survey"]
    truth = pd.read_csv(surveyed[0] / "truth_of_survey.csv")
    measurable = truth[truth["outcome"] == "measured"]
    wanted = {leaf.code for leaf in load_framework("province_2020").leaves if leaf.evidence == "survey"}
    assert set(found["node"]) == wanted == set(measurable["node"])
    assert set(zip(found["agency"], found["node"], strict=True)) == set(
        zip(measurable["agency"], measurable["node"], strict=True)
    )
    assert (found["n"] >= 10).all()


def test_report__counts_the_submissions_and_names_what_nobody_mapped(done):
    assert re.search(r"Survey people: \d+ of \d+ submissions count", done.stdout)
    assert re.search(r"dti_tinh_doanh_nghiep_2020 v\d: nobody mapped phieu/cau_moi\.", done.stdout)
    assert re.search(r"cannot be used: .*\d+ form version not mapped: \S+ v\S+", done.stdout)


def test_explain__reaches_the_estimate_and_never_a_respondent(dti, done, surveyed):
    of = ("--round", f"synthetic-province_2020-2020-seed{SEED}")
    said = dti("explain", *SCOPE, *of, "--agency", "Hà Nội", "--node", "CQS.1.4.2")
    assert said.returncode == 0, said.stderr
    assert re.search(r"by survey:likert, final, standard error [\d.]+, n \d+", said.stdout)
    assert "design effect" in said.stdout
    assert len(re.findall(r"sha256 [0-9a-f]{64} verified", said.stdout)) == 1, "only the page of this survey"
    assert not planted_in(said.stdout)


def test_estimates__computed_again_from_the_verified_bytes__equal_to_the_last_digit(done, surveyed):
    engine = connect(get_settings().url)
    found = measurements(engine, chosen(engine))
    found = found[found["source"] == "survey"].sort_values(["agency", "node"])
    framework, store = load_framework("province_2020"), SnapshotStore(get_settings().snapshots)
    declaration, answers = load_surveys(framework.folder), []
    for entry in load_round(surveyed[0]).sources:
        if (source := micro_sources().get(entry.source)) and source.evidence == "survey":
            (file,) = get_settings().lake.glob(f"rounds/*/*/*/snapshot.*-{source.name}.parquet")
            cards = pd.read_parquet(file)
            pages = [Page(card["origin"], store.get(card["sha256"])) for card in cards.to_dict("records")]
            answers.append(source.read_answers(pages))
    kept = pseudonymise(pd.concat(answers, ignore_index=True).fillna(""), declaration, load_pseudonyms(get_settings()))
    again, _, _ = measure(kept, framework, declaration, Round(f"synthetic-province_2020-2020-seed{SEED}", "2020"))
    again = again.sort_values(["agency", "node"])
    for column in ("agency", "node", "value", "standard_error", "n"):
        assert found[column].tolist() == again[column].tolist()


def test_estimates__errors_that_they_share_sum_to_their_standard_errors(done, shared_errors):
    factors, squares, variances = shared_errors("survey")
    assert squares.to_dict() == pytest.approx(variances[variances > 0].to_dict(), rel=1e-9)
    by_factor = factors.groupby("factor")
    assert (by_factor["agency"].nunique() == 1).all()
    assert by_factor["node"].nunique().max() > 5
    assert factors["factor"].str.fullmatch(r"survey:province-[\w-]+:(people|officials|enterprises):\d+").all()


def texts_in(*places):
    """Every file as text; Parquet as its cells."""
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.suffix == ".parquet":
                yield file, pd.read_parquet(file).astype(str).to_csv()
            elif file.is_file():
                yield file, file.read_bytes().decode("utf-8", errors="replace")


def test_respondents__names_and_numbers__are_nowhere_but_in_the_bytes_as_received(done, surveyed, home, prefect_home):
    planted = set().union(*(planted_in(text) for _, text in texts_in(surveyed[0] / FOLDER)))
    raw = set().union(*(planted_in(text) for _, text in texts_in(home / "snapshots")))
    assert len(raw & planted) > 1000, "the bytes as received hold what was planted: the search finds it"
    elsewhere = [place for place in home.iterdir() if place.name != "snapshots"]
    assert {place.name for place in elsewhere} >= {"warehouse.db", "lake", "data_docs"}
    for file, text in texts_in(*elsewhere, prefect_home):
        assert not planted_in(text) & planted, file
    assert not planted_in(done.stdout + done.stderr) & planted


def test_credentials__are_in_no_file_and_no_word(done, home, prefect_home):
    # "synthetic" is a word of other things too: what may not appear is the header and the login.
    shown = re.compile(r"(Token|Bearer) synthetic|\"password\": *\"synthetic\"|\"params\": *\[\"synthetic\"")
    for file, text in texts_in(home, prefect_home):
        assert not shown.search(text), file
    assert not shown.search(done.stdout + done.stderr)


def round_of(folder, surveyed, *sources):
    """A round of a few of the sources of the synthetic one."""
    written = yaml.safe_load((surveyed[0] / "round.yaml").read_text(encoding="utf-8"))
    entries = [entry for entry in written["sources"] if entry["source"] in sources]
    folder.mkdir()
    said = {"round": "apart", "kind": "synthetic", "period": "2020", "sources": entries}
    (folder / "round.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    for entry in entries:
        if "path" in entry:
            shutil.copytree(surveyed[0] / entry["path"], folder / entry["path"])
    return folder


@pytest.mark.parametrize(("sources", "evidence"), [(("kobo", "limesurvey"), "survey"), (("expert_panel",), "expert")])
def test_round__of_answers_only__is_measured(dti, access, surveyed, tmp_path, sources, evidence):
    said = dti("run", "annual", *SCOPE, "--round", str(round_of(tmp_path / "apart", surveyed, *sources)))
    assert said.returncode == 0, said.stderr
    engine = connect(get_settings().url)
    found = measurements(engine, choose_vintage(engine, "province_2020", "2020", "apart"))
    assert set(found["source"]) == {evidence}


def test_round__of_a_survey_that_does_not_answer__fails_with_the_reason(dti, access, surveyed, tmp_path, monkeypatch):
    monkeypatch.delenv("DTI_SYNTHETIC_TOKEN")
    said = dti("run", "annual", *SCOPE, "--round", str(round_of(tmp_path / "apart", surveyed, "kobo")))
    assert said.returncode == 1
    assert "There is no token for the credential 'synthetic'" in said.stderr


def test_same_submissions__through_a_server_and_its_export__count_once(dti, access, surveyed, tmp_path):
    folder = round_of(tmp_path / "apart", surveyed, "kobo")
    alone = dti("run", "annual", *SCOPE, "--round", str(folder))
    rows = surveyed[1].by_tool["kobo"]["dti_tinh_nguoi_dan_2020"].submissions
    export = pd.DataFrame(rows).rename(columns={"version": "form_version"}).drop(columns="_uuid")
    export.to_csv(folder / "export.csv", index=False)
    text = (folder / "round.yaml").read_text(encoding="utf-8")
    entry = "- {source: survey_export, framework: province_2020, path: export.csv}\n"
    (folder / "round.yaml").write_text(text.replace("sources:\n", f"sources:\n{entry}"), encoding="utf-8")
    both = dti("run", "annual", *SCOPE, "--round", str(folder))
    counts = [re.search(r"Survey people: \d+ of \d+ submissions", said.stdout)[0] for said in (alone, both)]
    assert counts[0] == counts[1]


def test_second_run__asks_for_what_is_new_and_changes_nothing(dti, done, surveyed):
    surveyed[1].asked.clear()
    again = dti("run", "annual", *SCOPE, "--round", str(surveyed[0]))
    assert again.returncode == 0, again.stderr
    assert "unchanged" in again.stdout
    assert surveyed[1].asked


def test_survey_server__goes_away_in_the_middle__the_next_run_goes_on(dti, home, access, surveyed):
    folder, tools = surveyed
    tools.faults.extend(["", "403", "", "403"])  # of the first calls for data
    cut = dti("run", "annual", *SCOPE, "--round", str(folder))
    assert cut.returncode == 0, cut.stderr
    assert "status 403" in cut.stdout
    tools.faults.clear()
    whole = dti("run", "annual", *SCOPE, "--round", str(folder))
    assert whole.returncode == 0, whole.stderr
    assert "status 403" not in whole.stdout
    assert len({node for _, node, *_ in survey_figures()}) == 32


def test_run__killed_between_two_pages__the_next_run_asks_for_the_rest_only(dti, done, home, surveyed, prefect_api):
    folder, tools = surveyed
    undisturbed = survey_figures()
    shutil.rmtree(home)
    tools.faults.extend(["", "", "hang"])
    environment = {**os.environ, "PREFECT_API_URL": prefect_api}
    command = [sys.executable, "-m", "flows.cli", "run", "annual", *SCOPE, "--round", str(folder)]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        for _ in range(600):
            if not tools.faults:  # it waits for the third answer
                break
            time.sleep(0.1)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    whole = dti("run", "annual", *SCOPE, "--round", str(folder))
    assert whole.returncode == 0, whole.stderr
    assert survey_figures() == undisturbed


def test_expired_token__round_completes_and_says_what_to_renew(dti, home, access, surveyed, monkeypatch):
    monkeypatch.setenv("DTI_SYNTHETIC_TOKEN", "s3cret-and-old")
    said = dti("run", "annual", *SCOPE, "--round", str(surveyed[0]))
    assert said.returncode == 0, said.stderr
    assert "status 401" in said.stdout
    assert "renew" in said.stdout
    assert "s3cret" not in said.stdout + said.stderr
    for file, text in texts_in(home):
        assert "s3cret" not in text, file


def test_secret_block__stands_in_for_the_environment(dti, home, access, surveyed, monkeypatch, prefect_api):
    from prefect.blocks.system import Secret
    from prefect.settings import PREFECT_API_URL, temporary_settings

    parts = ("token", "user", "password")
    for part in parts:
        monkeypatch.delenv(f"DTI_SYNTHETIC_{part.upper()}")
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        for part in parts:
            Secret(value="synthetic").save(f"dti-synthetic-{part}", overwrite=True)
        said = dti("run", "annual", *SCOPE, "--round", str(surveyed[0]))
        for part in parts:
            Secret.delete(f"dti-synthetic-{part}")
    assert said.returncode == 0, said.stderr
    assert "There is no" not in said.stdout
    engine = connect(get_settings().url)
    assert (measurements(engine, chosen(engine))["source"] == "survey").any()


def test_accounts__are_shown_as_artifacts_without_a_respondent(done, prefect_api):
    found = Server(prefect_api).newest("surveys")
    said = " ".join(one["data"] for one in found)
    assert all(survey in said for survey in ("officials", "enterprises", "people"))
    assert not planted_in(said)


@contextmanager
def serving(folder, port):
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "demo", "serve", str(folder), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def test_demo_serve__says_where_the_tools_are_and_stops_with_ctrl_c(surveyed):
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serving(surveyed[0], port) as process:
        line = process.stdout.readline()
        assert f"http://127.0.0.1:{port}/kobo" in line
        time.sleep(0.1)
    assert process.returncode in (0, 130)


def test_demo_serve__what_is_no_round__one_sentence(dti, tmp_path):
    said = dti("demo", "serve", str(tmp_path / "missing"))
    assert said.returncode == 1
    assert "holds no synthetic survey" in said.stderr
    assert dti("demo", "serve", str(tmp_path), "--port", "99999").returncode == 2


def test_demo_serve__port_in_use__one_sentence(surveyed):
    from warehouse.errors import InputError

    with serve_surveys(surveyed[0]) as url:
        again = serve_surveys(surveyed[0], int(url.rpartition(":")[2]))
        with pytest.raises(InputError, match="cannot be used"), again:
            pass
