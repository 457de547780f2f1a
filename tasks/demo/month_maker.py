"""Writing the returns and the records of synthetic months, one month after another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.demo.agencies import spelling
from tasks.demo.counts import Latent, draw_counts, draw_latent
from tasks.demo.latent import seeded
from tasks.demo.month_figures import Told, tell
from tasks.demo.month_files import FORMATS, MonthReturn, json_lines, monitoring_records
from tasks.demo.month_plan import AFTER_WRONG_UNIT, FROZEN, LATE, MISSING, WRONG_UNIT, Plan, plan_month
from tasks.demo.records import MonthDirt, MonthTruth
from tasks.demo.returns import draw_habits
from tasks.demo.servers.monitoring import FOLDER as MONITORING
from tasks.demo.servers.monitoring import RETURNS as RETURNS_OVER_HTTP
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.returns.layout import reported_leaves
from tasks.returns.recipients import ranked_agencies
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency

RETURNS = "returns"
_OVER_HTTP = 5  # agencies whose returns stand on a server


@dataclass
class DemoMonths:
    """What was made.

    Attributes:
        folder: The round's folder.
        round: Name of the round.
        periods: Its months.
        files: Number of returns written.
        truth: The true counts.
        dirt: Everything that is wrong on purpose.
    """

    folder: Path
    round: str
    periods: tuple[str, ...]
    files: int = 0
    truth: list[MonthTruth] = field(default_factory=list)
    dirt: list[MonthDirt] = field(default_factory=list)


class MonthMaker:
    """Makes one month after another.

    Args:
        made: What was made so far; it grows.
        seed: Seed of every draw.
        monitored: Whether there is a monitoring system, and a server of returns.
        limit: Number of agencies; None for all.
        edition: Gives the framework of a month.

    Attributes:
        over_http: Ids of the agencies whose returns stand on a server.
    """

    def __init__(
        self, made: DemoMonths, seed: int, monitored: bool, limit: int | None, edition: Callable[[str], Framework]
    ) -> None:
        self._made, self._seed, self._limit, self._edition = made, seed, limit, edition
        self._monitored = monitored
        self._latent: dict[str, Latent] = {}
        self._spelled: dict[Agency, str] = {}
        self._jumped: set[str] = set()  # agencies that gave ten times their figure the month before
        self.over_http = self._choose_over_http() if monitored else ()

    def make(self, period: str) -> None:
        """Write the returns and the records of a month."""
        framework = self._edition(period)
        agencies = self._agencies(framework, period)
        is_first = period == self._made.periods[0]
        plan = plan_month(
            agencies,
            period,
            self._seed,
            punctual=self.over_http,
            recovering=self._jumped,
            monitored=self._monitored,
            is_first=is_first,
        )
        counted = draw_counts(self._latent_of(agencies[0]), period)
        codes = [leaf.code for leaf in reported_leaves(framework) if leaf.code in counted]
        records: list[dict[str, Any]] = []
        for agency in agencies:
            said = tell(self._latent_of(agency), codes, plan)
            file = self._write(framework, agency, said, period) if said.returned else ""
            records += monitoring_records(agency, said, period)
            self._note(agency.agency_id, said, plan, file)
        if self._monitored:
            _put(self._made.folder / MONITORING / f"{period}.jsonl", json_lines(records))

    def _agencies(self, framework: Framework, period: str) -> list[Agency]:
        return ranked_agencies(framework, period)[: self._limit]

    def _choose_over_http(self) -> tuple[str, ...]:
        """Agencies that send JSON and exist in every month."""
        first, last = ({one.agency_id for one in self._agencies(self._edition(at), at)} for at in self._ends())
        return tuple(one for one in sorted(first & last) if self._format(one) == "json")[:_OVER_HTTP]

    def _ends(self) -> tuple[str, str]:
        return self._made.periods[0], self._made.periods[-1]

    def _format(self, agency_id: str) -> str:
        return seeded(self._seed, "format", agency_id).choice(FORMATS)

    def _latent_of(self, agency: Agency) -> Latent:
        if agency.agency_id not in self._latent:
            self._latent[agency.agency_id] = draw_latent(agency, self._seed)
        return self._latent[agency.agency_id]

    def _spelling(self, agency: Agency, period: str) -> str:
        if agency not in self._spelled:
            rng = seeded(self._seed, "spelling", agency.agency_id)
            self._spelled[agency] = spelling(agency, Registry.bundled(), period_end(period), rng)
        return self._spelled[agency]

    def _write(self, framework: Framework, agency: Agency, said: Told, period: str) -> str:
        """Write the return; its path below the folder."""
        one = agency.agency_id
        kind = self._format(one)
        sent = MonthReturn(
            framework=framework,
            agency_text=self._spelling(agency, period),
            period=period,
            submitted=said.submitted,
            counts=said.returned,
            habits=draw_habits(seeded(self._seed, "habits", one)),
            rng=seeded(self._seed, "documents", one, period),
        )
        file = f"{RETURNS_OVER_HTTP if one in self.over_http else RETURNS}/{period}/{one}.{kind}"
        _put(self._made.folder / file, sent.content(kind))
        self._made.files += 1
        return file

    def _note(self, one: str, said: Told, plan: Plan, file: str) -> None:
        made, period = self._made, plan.period
        made.truth += [MonthTruth(period, one, code, count, said.outcome(code)) for code, count in said.true.items()]
        trouble = FROZEN if one == plan.frozen else plan.troubles.get(one, "")
        if trouble in (LATE, MISSING):
            source = "agency_report" if file else ""
            outcome = "late" if trouble == LATE else "missing"
            made.dirt.append(MonthDirt(period, one, trouble, source, file, "", "", outcome))
        for fault in said.faults:
            of_return = file if fault.source == "agency_report" else ""
            made.dirt.append(
                MonthDirt(period, one, trouble, fault.source, of_return, fault.node, str(fault.written), fault.outcome)
            )
        if one in self._jumped:
            self._jumped.remove(one)
            written = str(said.returned["C.HS"])
            made.dirt.append(
                MonthDirt(period, one, AFTER_WRONG_UNIT, "agency_report", file, "C.HS", written, "warning")
            )
        if trouble == WRONG_UNIT:
            self._jumped.add(one)


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
