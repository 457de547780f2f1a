"""Making the returns of a synthetic round, each with the habits and faults of its agency."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from tasks.demo.agencies import ABSENT, AS_CSV, BROKEN, EMPTY, RESENT, assign_roles, spelling
from tasks.demo.errata import declare_error
from tasks.demo.latent import draw_figures, seeded
from tasks.demo.records import Dirt, Truth
from tasks.demo.returns import Return, as_csv, as_xlsx, draw_habits
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.returns.layout import branches_of
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency

RETURNS = "returns"
_KEPT_OF_A_BROKEN_FILE = 0.6


class ReturnMaker:
    """Makes the returns of one framework.

    Args:
        folder: Folder of the round.
        seed: Seed of every draw.
        framework: The framework.
        agencies: Who reports.
        period: Period of the round.
        with_losses: Whether whole returns get lost.

    Attributes:
        truth: The true values.
        dirt: What is wrong on purpose.
        corrections: Declared corrections.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        framework: Framework,
        agencies: Sequence[Agency],
        period: str,
        *,
        with_losses: bool,
    ) -> None:
        self.truth: list[Truth] = []
        self.dirt: list[Dirt] = []
        self.corrections: list[dict[str, Any]] = []
        self._folder = folder
        self._seed = seed
        self._framework = framework
        self._agencies = agencies
        self._period = period
        self._at = period_end(period)
        self._registry = Registry(agencies)
        self._branches = branches_of(framework)
        self._roles = assign_roles(agencies, seeded(seed, framework.name, "roles"), with_losses=with_losses)

    def make(self) -> None:
        """Write all returns."""
        for turn, agency in enumerate(self._agencies):
            rng = seeded(self._seed, self._framework.name, agency.agency_id, "return")
            sent = self._new_return(agency, rng)
            role = self._roles.get(agency.agency_id, "")
            if role == "":
                sent.soil(turn, rng)
                if not self.corrections:
                    self.corrections += declare_error(sent, agency)
            self._send(sent, role, rng)
            self.truth += sent.truth(arrives=role not in (BROKEN, EMPTY, ABSENT))

    def _new_return(self, agency: Agency, rng: Random) -> Return:
        sent = Return(
            framework=self._framework,
            agency_id=agency.agency_id,
            agency_text=spelling(agency, self._registry, self._at, rng),
            period=self._period,
            figures=draw_figures(self._framework, agency.agency_id, self._branches, self._seed),
            habits=draw_habits(rng),
            submitted=self._at + timedelta(days=rng.randint(5, 25)),
        )
        sent.fill_in(rng)
        return sent

    def _send(self, sent: Return, role: str, rng: Random) -> None:
        name = sent.agency_id
        if role == ABSENT:
            self._note("", sent, "no_return", "missing")
        elif role == AS_CSV:
            content, grids = as_csv(sent)
            self._write(f"{name}.csv", content, sent, grids)
            self._note(self._place(f"{name}.csv"), sent, "csv_return", "accepted")
        elif role == BROKEN:
            content, _ = as_xlsx(sent, self._branches)
            self._write(f"{name}.xlsx", content[: int(len(content) * _KEPT_OF_A_BROKEN_FILE)], sent, [])
            self._note(self._place(f"{name}.xlsx"), sent, "truncated_file", "refused")
        elif role == EMPTY:
            sent.blank_out()
            self._write(f"{name}.xlsx", *self._without_marks(sent))
            self._note(self._place(f"{name}.xlsx"), sent, "empty_return", "refused")
        elif role == RESENT:
            self._write(f"{name}.xlsx", *self._without_marks(sent.earlier(rng)))
            self._note(self._place(f"{name}.xlsx"), sent, "earlier_return", "superseded")
            sent.revision = 2
            self._write(f"{name}-lan-2.xlsx", *self._without_marks(sent))
            self._note(self._place(f"{name}-lan-2.xlsx"), sent, "later_return", "accepted")
        else:
            content, grids = as_xlsx(sent, self._branches)
            self._write(f"{name}.xlsx", content, sent, grids)
            for habit in sent.oddities:
                self._note(self._place(f"{name}.xlsx"), sent, habit, "accepted")

    def _without_marks(self, sent: Return) -> tuple[bytes, Return, list[Any]]:
        return as_xlsx(sent, self._branches)[0], sent, []

    def _write(self, name: str, content: bytes, sent: Return, grids: Sequence[Any]) -> None:
        file = self._folder / self._place(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if grids:
            self.dirt += sent.dirt(self._place(name), grids)

    def _place(self, name: str) -> str:
        return f"{RETURNS}/{self._framework.name}/{name}"

    def _note(self, file: str, sent: Return, kind: str, outcome: str) -> None:
        self.dirt.append(Dirt(self._framework.name, file, "", kind, sent.agency_id, "", outcome, ""))
