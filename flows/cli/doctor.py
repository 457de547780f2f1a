"""`dti doctor`: what is installed, reachable and migrated, and what to do about what is not."""

import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from cyclopts import App

from flows.cli.output import Format, show
from warehouse.errors import DtiError
from warehouse.settings import get_settings

app = App(name="doctor", help="Check this machine: packages, state folder, warehouse, frameworks, snapshots, Prefect.")
PACKAGES = ("prefect", "fastapi", "pandas", "great-expectations", "sqlalchemy", "underthesea", "requests")
ENOUGH_BYTES = 2 * 1024**3


@app.default
def doctor(*, format: Format = "table") -> None:
    """Check this machine and say what to do about what is wrong.

    Args:
        format: table, csv or json.
    """
    rows = [_checked(name, check) for name, check in CHECKS.items()]
    show(rows, format)
    broken = [row["what"] for row in rows if row["state"] == "wrong"]
    if broken:
        raise DtiError(f"Not in order: {', '.join(broken)}.", "The last column says what to do.")


def _checked(name: str, check: Callable[[], str]) -> dict[str, str]:
    try:
        return {"what": name, "state": "fine", "found": check(), "to do": ""}
    except DtiError as error:
        return {"what": name, "state": "wrong", "found": error.message, "to do": error.hint}


def _python() -> str:
    return sys.version.split()[0]


def _packages() -> str:
    try:
        return ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    except PackageNotFoundError as error:
        raise DtiError(f"The package {error.name} is not installed.", "Run `make install`.") from error


def _home() -> str:
    home = get_settings().home
    probe = home / ".doctor"
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise DtiError(
            f"The state folder {home} cannot be written to: {error.strerror}.",
            "Set DTI_HOME to a folder you may write to.",
        ) from error
    free = shutil.disk_usage(home).free
    if free < ENOUGH_BYTES:
        raise DtiError(
            f"Only {free / 1024**3:.1f} GiB are free under {home}.", "Free some space: a round needs up to 2 GiB."
        )
    return f"{home.resolve()}, {free / 1024**3:.0f} GiB free"


def _warehouse() -> str:
    from warehouse.engine import connect, status

    return status(connect(get_settings().url))


def _frameworks() -> str:
    from warehouse.frameworks.loader import framework_names, load_framework

    return ", ".join(f"{name} ({len(load_framework(name).leaves)} criteria)" for name in framework_names())


def _agencies() -> str:
    from tasks.harmonise.agencies import Registry

    return f"{len(Registry.bundled().agencies)} agency versions"


def _snapshots() -> str:
    from tasks.snapshots.store import SnapshotStore

    return f"{SnapshotStore(get_settings().snapshots).verify()} snapshots, every sha256 verified"


def _prefect() -> str:
    from flows.server import running_server

    url = running_server(get_settings().prefect_home)
    return f"server at {url}" if url else "no server is running; `dti serve` starts one, `dti run` brings its own"


CHECKS: dict[str, Callable[[], str]] = {
    "Python": _python,
    "packages": _packages,
    "state folder": _home,
    "warehouse": _warehouse,
    "frameworks": _frameworks,
    "agencies": _agencies,
    "snapshots": _snapshots,
    "Prefect": _prefect,
}
