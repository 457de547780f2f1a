"""What deployments/ promises: names that exist, parameters that fit, schedules that know their time zone."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.flows import load_flow_from_entrypoint
from prefect.settings import Settings as PrefectSettings
from prefect.settings.legacy import _get_settings_fields
from pydantic import BaseModel

from flows.cli.app import app
from flows.cli.serve import POOL
from warehouse.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deployments"
DEPLOYMENTS = yaml.safe_load((FOLDER / "prefect.yaml").read_text())["deployments"]
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
EACH = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
ENTRYPOINT = FOLDER / "entrypoint.sh"
VARIABLE = re.compile(r"^#?([A-Z_]+)=", re.MULTILINE)


def flow_of(deployment):
    return load_flow_from_entrypoint(str(ROOT / deployment["entrypoint"]), use_placeholder_flow=False)


def documented():
    return set(VARIABLE.findall((FOLDER / "env.example").read_text()))


def used_by_compose():
    environments = [service.get("environment", {}) for service in COMPOSE["services"].values()]
    return {name for environment in environments for name in environment}


def test_prefect_yaml__parsed_by_prefect__every_deployment_kept():
    parsed = PrefectYamlModel.model_validate(yaml.safe_load((FOLDER / "prefect.yaml").read_text()))
    assert [deployment.name for deployment in parsed.deployments] == [deployment["name"] for deployment in DEPLOYMENTS]
    assert [deployment.name for deployment in parsed.deployments] == ["annual"]


@EACH
def test_entry_point__another_working_directory__loads(deployment, tmp_path):
    code = (
        "import sys; from prefect.flows import load_flow_from_entrypoint as load\n"
        "print(load(sys.argv[1], use_placeholder_flow=False).name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / deployment["entrypoint"])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == deployment["name"], done.stderr


@EACH
def test_parameters__of_the_deployment__fit_the_flow(deployment):
    flow = flow_of(deployment)
    validated = flow.validate_parameters(deployment["parameters"])
    assert all(isinstance(value, BaseModel) for value in validated.values())
    inspect.signature(flow.fn).bind(**validated)


@EACH
def test_schedules__each__names_the_time_zone_of_viet_nam(deployment):
    assert deployment["schedules"]
    for schedule in deployment["schedules"]:
        assert len(schedule["cron"].split()) == 5
        assert ZoneInfo(schedule["timezone"]) == ZoneInfo("Asia/Ho_Chi_Minh")


@EACH
def test_runs__two_at_once__the_second_waits(deployment):
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


@EACH
def test_work_pool__of_the_deployment__is_the_one_that_workers_poll(deployment):
    worker = COMPOSE["services"]["worker"]["command"]
    assert deployment["work_pool"]["name"] == POOL == worker[worker.index("--pool") + 1]


def test_compose__files_it_names__exist():
    mounted = [volume for service in COMPOSE["services"].values() for volume in service.get("volumes", [])]
    files = [volume.split(":")[0] for volume in mounted if volume.startswith("./")]
    dockerfiles = {
        build["context"] + "/" + build["dockerfile"]
        for build in (service["build"] for service in COMPOSE["services"].values() if "build" in service)
    }
    assert files
    assert dockerfiles == {"../deployments/Dockerfile"}
    assert [name for name in (*files, *dockerfiles) if not (FOLDER / name).is_file()] == []


def test_compose__ports__open_on_this_host_only():
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_compose__long_running_services__have_a_health_check():
    lasting = {name for name, service in COMPOSE["services"].items() if service.get("restart") == "unless-stopped"}
    assert lasting == {"postgres", "server", "worker"}
    assert [name for name in lasting if "healthcheck" not in COMPOSE["services"][name]] == []


def test_compose__secrets__are_declared_and_come_as_files():
    used = {secret for service in COMPOSE["services"].values() for secret in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or (name.endswith("_FILE") and value.startswith("/run/secrets/"))
    assert all("DTI_SECRETS" in secret["file"] for secret in COMPOSE["secrets"].values())


def test_compose__jobs__call_commands_that_exist():
    program, *words = COMPOSE["services"]["migrations"]["command"]
    assert program == "dti"
    command, _, unused = app.parse_commands(words)
    assert (command, unused) == (tuple(words), [])


def test_compose__prefect_settings__are_known_to_prefect():
    known = set(_get_settings_fields(PrefectSettings))
    ours = {name.removesuffix("_FILE") for name in used_by_compose() | documented() if name.startswith("PREFECT_")}
    assert ours - known == set()


def test_dockerfile__files_it_copies__exist_and_may_enter_the_image():
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", (FOLDER / "Dockerfile").read_text(), re.MULTILINE)
    sources = {name.rstrip("/") for line in copies for name in line.split()}
    allowed = re.findall(r"^!(\S+)$", (FOLDER / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert sources == set(allowed)
    assert [name for name in sources if not (ROOT / name).exists()] == []


def test_dockerfile__the_image__runs_as_an_ordinary_user_with_pinned_dependencies():
    text = (FOLDER / "Dockerfile").read_text()
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE) == ["dti"]
    assert "--require-hashes --requirement requirements.lock" in text
    assert f'ENTRYPOINT ["/app/deployments/{ENTRYPOINT.name}"]' in text
    assert os.access(ENTRYPOINT, os.X_OK)


def test_env_example__settings_of_the_warehouse__each_stands_there():
    settings = {f"DTI_{name.upper()}" for name in Settings.model_fields}
    hosts = {"DTI_ROUNDS", "DTI_SECRETS"}
    example = {f"DTI_FIELD_{part}" for part in ("TOKEN", "USER", "PASSWORD")}  # of a credential, by any name
    assert {name for name in documented() if name.startswith("DTI_")} == settings | hosts | example
    assert settings <= set(COMPOSE["services"]["worker"]["environment"])


def test_entry_point_of_the_image__a_secret_file__becomes_the_variable(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("p w$'\"\\x\n")
    done = subprocess.run(
        [ENTRYPOINT, "sh", "-c", 'printf "%s|%s" "$PGPASSWORD" "${PGPASSWORD_FILE-unset}"'],
        env={"PATH": os.environ["PATH"], "PGPASSWORD_FILE": str(secret)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "p w$'\"\\x|unset", done.stderr


def test_entry_point_of_the_image__a_missing_secret__ends_before_the_program(tmp_path):
    done = subprocess.run(
        [ENTRYPOINT, "echo", "started"],
        env={"PATH": os.environ["PATH"], "PGPASSWORD_FILE": str(tmp_path / "absent")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "absent" in done.stderr
