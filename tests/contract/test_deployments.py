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
from prefect.exceptions import ParameterTypeError
from prefect.flows import load_flow_from_entrypoint
from prefect.settings import Settings as PrefectSettings
from prefect.settings.legacy import _get_settings_fields
from prefect.utilities.schema_tools.validation import validate
from pydantic import BaseModel

from flows.blocks import MAIL, SLACK, WEBHOOK
from flows.cli.app import app
from flows.notify import HOOKS
from flows.parameters import Step
from flows.worker import POOL
from warehouse.frameworks.uncertainty import PERTURBATIONS
from warehouse.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deployments"
DEPLOYMENTS = yaml.safe_load((FOLDER / "prefect.yaml").read_text())["deployments"]
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
BY_NAME = {deployment["name"]: deployment for deployment in DEPLOYMENTS}
EACH = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
ENTRYPOINT = FOLDER / "entrypoint.sh"
VARIABLE = re.compile(r"^#?([A-Z_]+)=", re.MULTILINE)


def flow_of(deployment):
    return load_flow_from_entrypoint(str(ROOT / deployment["entrypoint"]), use_placeholder_flow=False)


def form_of(flow):
    """The fields of the form in the Prefect UI, by name."""
    schema = flow.parameters.model_dump(by_alias=True)
    (parameter,) = schema["properties"].values()
    return schema["definitions"][parameter["$ref"].rpartition("/")[2]]["properties"]


def documented():
    return set(VARIABLE.findall((FOLDER / "env.example").read_text()))


def used_by_compose():
    environments = [service.get("environment", {}) for service in COMPOSE["services"].values()]
    return {name for environment in environments for name in environment}


def test_prefect_yaml__parsed_by_prefect__every_deployment_kept():
    parsed = PrefectYamlModel.model_validate(yaml.safe_load((FOLDER / "prefect.yaml").read_text()))
    assert [deployment.name for deployment in parsed.deployments] == [deployment["name"] for deployment in DEPLOYMENTS]
    names = [deployment.name for deployment in parsed.deployments]
    assert names == ["annual", "monthly", "backfill", "ingest", "maintenance"]


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


def test_modules__beside_an_entry_point__hide_none_of_the_standard_library():
    # Prefect puts the folder of the entry point first on the path: of the run, and of every process it spawns.
    folders = {(ROOT / deployment["entrypoint"].partition(":")[0]).parent for deployment in DEPLOYMENTS}
    names = {path.stem for folder in folders for path in folder.iterdir()}
    assert names & sys.stdlib_module_names == set()


@EACH
def test_parameters__of_the_deployment__fit_the_flow(deployment):
    flow = flow_of(deployment)
    validated = flow.validate_parameters(deployment["parameters"])
    assert all(isinstance(value, BaseModel) for value in validated.values())
    inspect.signature(flow.fn).bind(**validated)


@EACH
def test_schedules__each__names_the_time_zone_of_viet_nam(deployment):
    for schedule in deployment["schedules"]:
        assert len(schedule["cron"].split()) == 5
        assert ZoneInfo(schedule["timezone"]) == ZoneInfo("Asia/Ho_Chi_Minh")


@EACH
def test_schedules__each__has_a_slug_of_its_own_and_parameters_that_fit(deployment):
    slugs = [schedule["slug"] for schedule in deployment["schedules"]]
    assert len(set(slugs)) == len(slugs)
    flow = flow_of(deployment)
    for schedule in deployment["schedules"]:
        flow.validate_parameters(schedule.get("parameters", deployment["parameters"]))


def test_schedules__annual_calendar__has_every_step_of_both_indices_in_order():
    schedules = BY_NAME["annual"]["schedules"]
    for kind in ("province", "ministry"):
        of_kind = [schedule for schedule in schedules if schedule["slug"].startswith(kind)]
        assert [one["parameters"]["parameters"]["step"] for one in of_kind] == [step.value for step in Step]
        assert {one["parameters"]["parameters"]["framework"] for one in of_kind} == {f"{kind}_2020"}
        days = [one["cron"].split() for one in of_kind]
        assert days == sorted(days, key=lambda cron: (int(cron[3]), int(cron[2].split(",")[0])))
    assert not any(schedule["active"] for schedule in schedules)  # a new year needs its edition first


def test_schedules__monthly__on_day_5_at_6_of_the_month_before():
    (schedule,) = BY_NAME["monthly"]["schedules"]
    assert (schedule["cron"], schedule["active"]) == ("0 6 5 * *", True)
    validated = flow_of(BY_NAME["monthly"]).validate_parameters(BY_NAME["monthly"]["parameters"])
    assert validated["parameters"].period == ""


def test_annual__the_form__asks_how_often_what_and_with_which_seed_is_drawn():
    shown = form_of(flow_of(BY_NAME["annual"]))
    draws, seed, perturb = (shown[name] for name in ("draws", "seed", "perturb"))
    assert (draws["type"], draws["default"], draws["minimum"], draws["maximum"]) == ("integer", 10_000, 0, 200_000)
    assert (seed["type"], seed["default"], seed["minimum"]) == ("integer", 1, 0)
    assert (perturb["type"], perturb["default"]) == ("array", [])
    assert perturb["items"] == {"type": "string", "enum": list(PERTURBATIONS)}
    places = [field["position"] for field in shown.values()]
    assert places == sorted(set(places))
    assert all(field["title"] and len(field["description"]) > 40 for field in (draws, seed, perturb))


@pytest.mark.parametrize("wrong", [{"draws": -1}, {"draws": 1_000_001}, {"seed": -1}, {"perturb": ["weather"]}])
def test_annual__the_form__refuses_what_cannot_be_drawn(wrong):
    flow, parameters = flow_of(BY_NAME["annual"]), BY_NAME["annual"]["parameters"]["parameters"]
    with pytest.raises(ParameterTypeError, match=next(iter(wrong))):
        flow.validate_parameters({"parameters": parameters | wrong})
    # The server refuses it already, before a run is made.
    schema = flow.parameters.model_dump(by_alias=True)
    assert validate({"parameters": parameters}, schema, raise_on_error=False) == []
    assert validate({"parameters": parameters | wrong}, schema, raise_on_error=False) != []


def test_schedules__of_the_annual_round__draw_where_ranks_are_published():
    flow = flow_of(BY_NAME["annual"])
    for schedule in BY_NAME["annual"]["schedules"]:
        validated = flow.validate_parameters(schedule["parameters"])["parameters"]
        assert validated.draws == 10_000
        assert validated.perturb == []


def test_maintenance__as_scheduled__deletes_nothing():
    assert BY_NAME["maintenance"]["parameters"]["parameters"]["delete"] is False


@EACH
def test_deployment__each__says_what_it_does_and_has_tags(deployment):
    assert len(deployment["description"]) > 80
    assert deployment["tags"][0] == "dti"
    assert deployment["enforce_parameter_schema"] is True


@EACH
def test_flow__each__tells_people_when_it_stops(deployment):
    flow = flow_of(deployment)
    assert (flow.on_failure_hooks, flow.on_crashed_hooks) == (HOOKS["on_failure"], HOOKS["on_crashed"])
    assert not flow.on_cancellation_hooks


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
            is_secret = "PASSWORD" in name or "AUTH" in name
            assert not is_secret or (name.endswith("_FILE") and value.startswith("/run/secrets/"))
            if is_secret:
                assert Path(value).name in service["secrets"]
    assert all("DTI_SECRETS" in secret["file"] for secret in COMPOSE["secrets"].values())


def test_compose__the_specification__accepts_it():
    compose_spec = pytest.importorskip("compose_spec")
    filled = re.sub(r"\$\{\w+(?::-([^}]*)|:\?[^}]*)?\}", lambda found: found[1] or "/srv/dti", yaml.safe_dump(COMPOSE))
    compose_spec.PyCompose.from_yaml(filled)
    with pytest.raises(ValueError, match="helth"):
        compose_spec.PyCompose.from_yaml(filled.replace("healthcheck:", "helthcheck:"))


def test_compose__server__asks_for_its_password_and_every_client_has_it():
    services = COMPOSE["services"]
    assert "PREFECT_SERVER_API_AUTH_STRING_FILE" in services["server"]["environment"]
    clients = [name for name, one in services.items() if "PREFECT_API_URL" in one.get("environment", {})]
    assert set(clients) == {"migrations", "deploy", "worker"}
    for name in clients:
        assert services[name]["environment"]["PREFECT_API_AUTH_STRING_FILE"] == "/run/secrets/prefect_auth"


def test_compose__runs__are_no_owner_of_the_tables():
    services = COMPOSE["services"]
    assert "//dti_worker@" in services["worker"]["environment"]["DTI_WAREHOUSE_URL"]
    assert "//dti@" in services["migrations"]["environment"]["DTI_WAREHOUSE_URL"]
    assert "dti_password" not in services["worker"]["secrets"]


def test_compose__every_process_of_ours__is_told_to_tell_nobody():
    ours = [one["environment"] for one in COMPOSE["services"].values() if one.get("image") == "dti-warehouse"]
    assert len(ours) == 4
    assert all(one["DO_NOT_TRACK"] == "1" for one in ours)
    assert all(one["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false" for one in ours)


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
    hosts = {"DTI_SECRETS", "DTI_OWNER_URL"}
    messages = {SLACK, WEBHOOK, MAIL}
    example = {f"DTI_FIELD_{part}" for part in ("TOKEN", "USER", "PASSWORD")}  # of a credential, by any name
    assert {name for name in documented() if name.startswith("DTI_")} == settings | hosts | example | messages
    assert settings <= set(COMPOSE["services"]["worker"]["environment"])


@pytest.mark.parametrize("name", ["PGPASSWORD", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"])
def test_entry_point_of_the_image__a_secret_file__becomes_the_variable(tmp_path, name):
    secret = tmp_path / "password"
    secret.write_text("p w$'\"\\x\n")
    done = subprocess.run(
        [ENTRYPOINT, "sh", "-c", f'printf "%s|%s" "${name}" "${{{name}_FILE-unset}}"'],
        env={"PATH": os.environ["PATH"], f"{name}_FILE": str(secret)},
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
