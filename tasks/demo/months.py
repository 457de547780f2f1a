"""Making synthetic months: a standing round of returns and of a monitoring system, with its truth beside it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tasks.demo.counts import month_number, months_from
from tasks.demo.folder import prepare, write_yaml
from tasks.demo.month_figures import DUE_DAY
from tasks.demo.month_maker import RETURNS, DemoMonths, MonthMaker
from tasks.demo.records import MonthDirt, MonthTruth, write_records
from tasks.demo.servers.monitoring import FIGURES_PATH, RETURNS_PATH
from tasks.demo.servers.monitoring import FOLDER as MONITORING
from tasks.demo.servers.monitoring import RETURNS as RETURNS_OVER_HTTP
from tasks.demo.sheet import SYNTHETIC
from tasks.sources.rounds import FILE
from warehouse.errors import InputError
from warehouse.frameworks.editions import framework_of
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework
from warehouse.periods import PERIOD

TRUTH, DIRT = "truth.csv", "dirt.csv"
_FIRST = "2019-01"
KIND = "online_services"
_MOST_MONTHS = 240


def edition_of(period: str) -> Framework:
    """Return the edition of a month of online services."""
    return load_framework(framework_of(KIND, period))


def months_between(first: str, last: str) -> tuple[str, ...]:
    """Return the months from one to another.

    Raises:
        InputError: One is no month, or there are none or too many between them.

    >>> months_between("2020-11", "2021-01")
    ('2020-11', '2020-12', '2021-01')
    """
    for text in (first, last):
        if not (PERIOD.fullmatch(text) and "-" in text and text >= _FIRST):
            raise InputError(f"{text!r} is not a month from {_FIRST} on.", "A month is written 2020-08.")
    start, end = month_number(first), month_number(last)
    if not 0 <= end - start < _MOST_MONTHS:
        raise InputError(f"There are no months from {first} to {last}, or too many.", "Give at most 20 years.")
    return months_from(first, end - start + 1)


def make_months(
    folder: Path,
    *,
    seed: int,
    first: str,
    last: str,
    server_url: str = "",
    limit: int | None = None,
    edition: Callable[[str], Framework] = edition_of,
    told: Callable[[str], None] = lambda _: None,
) -> DemoMonths:
    """Write a standing round of synthetic months: `returns/2020-08/`, round.yaml, truth.csv and dirt.csv.

    The same arguments give the same bytes.

    Args:
        folder: Where to write; empty, new, or an earlier synthetic round, which is replaced.
        seed: Seed of every draw.
        first: First month.
        last: Last month.
        server_url: Address at which `dti demo serve` serves the monitoring system and the returns of some agencies;
            left out: all returns are files, and there is no monitoring system.
        limit: Number of agencies; None for all.
        edition: Gives the framework of a month.
        told: Called with each month that is done.

    Returns:
        What was made, with the truth.

    Raises:
        InputError: The folder holds something else, or the months are none.
    """
    periods = months_between(first, last)
    prepare(folder, (RETURNS, MONITORING, RETURNS_OVER_HTTP))
    made = DemoMonths(folder, f"synthetic-months-seed{seed}", periods)
    maker = MonthMaker(made, seed, bool(server_url), limit, edition)
    for period in periods:
        maker.make(period)
        told(period)
    write_records(folder / TRUTH, MonthTruth, made.truth)
    write_records(folder / DIRT, MonthDirt, made.dirt)
    write_yaml(folder / FILE, _round_yaml(made.round, seed, server_url, maker.over_http))
    return made


def _round_yaml(name: str, seed: int, server_url: str, over_http: Sequence[str]) -> dict[str, Any]:
    base = server_url.rstrip("/")
    sources: list[dict[str, Any]] = [{"source": "agency_report", "path": f"{RETURNS}/{{period}}"}]
    if over_http:
        urls = [f"{base}{RETURNS_PATH}/{{period}}/{one}.json" for one in over_http]
        sources.append({"source": "agency_report", "urls": urls})
    if server_url:
        url = f"{base}{FIGURES_PATH}?month={{period}}"
        sources.append({"source": "monitoring", "url": url, "credential": "synthetic"})
    return {
        "round": name,
        "kind": "synthetic",
        "title_vi": f"Số liệu mô phỏng hằng tháng: {SYNTHETIC}",
        "title_en": "SYNTHETIC months: made up figures for trying things out, not real ones",
        "due": DUE_DAY,
        "seed": seed,
        "sources": sources,
    }
