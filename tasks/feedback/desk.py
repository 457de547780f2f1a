"""Everything that came in a round and was refused, sorted by the agency that it goes back to."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from tasks.feedback.choice import Bytes, agency_finder, in_force, refused_files, returns_of, sender
from tasks.feedback.workbook import Refusal, Subject, feedback_workbook, refusal_workbook
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from warehouse.errors import SnapshotError
from warehouse.frames import records
from warehouse.frameworks.model import Framework


@dataclass(frozen=True)
class Desk:
    """What came in a round, and what was refused of it.

    Attributes:
        framework: The framework.
        period: The period.
        batches: BATCH rows of the round.
        refused: QUARANTINE rows of the round.
        read: Gives the bytes of a snapshot; raises SnapshotError where they are lost or altered.
    """

    framework: Framework
    period: str
    batches: pd.DataFrame
    refused: pd.DataFrame
    read: Bytes

    @cached_property
    def round_name(self) -> str:
        """Name of the round; empty where nothing came."""
        return str(self.batches["round"].iloc[0]) if len(self.batches) else ""

    def agencies(self) -> list[str]:
        """Ids of all agencies that have something to mend, ordered."""
        ours = {agency for agency in self._returns["agency"].unique() if agency and self._has_to_mend(agency)}
        return sorted(ours | (set(self._refused_files) - {""}))

    def has_return(self, agency: str) -> bool:
        """Whether a return of the agency could be read."""
        return bool((self._returns["agency"] == agency).any())

    def of_nobody(self) -> int:
        """Number of files with refused rows, or refused as a whole, whose agency is not known."""
        marked = self._returns["snapshot_sha256"].isin(self.refused["snapshot_sha256"])
        return int((marked & (self._returns["agency"] == "")).sum()) + len(self._refused_files.get("", []))

    def workbooks(self, agency: str) -> Iterator[bytes]:
        """Yield the workbooks for an agency: one for each return in force with refused rows.

        Files that were refused as a whole are named on its list; without such a return they make a list of their own.

        Args:
            agency: Id of the agency.

        Raises:
            SnapshotError: The bytes of the return are lost or altered.
            BatchRefused: The return can no longer be read.
        """
        files = self._refused_files.get(agency, [])
        to_mend = records(self._to_mend(agency))
        for row in to_mend:
            sha256, origin = row["snapshot_sha256"], row["origin"]
            rows = self.refused[self.refused["snapshot_sha256"] == sha256]
            yield feedback_workbook(self.read(sha256), rows, self.framework, self._about(agency, origin), files)
        if files and not to_mend:
            yield refusal_workbook(self._about(agency), files)

    def name(self, agency: str) -> str:
        """Return the agency as people know it."""
        if not self.framework.description.population:
            return agency
        return Registry.bundled().by_id(agency, period_end(self.period)).full_name_vi

    @cached_property
    def _returns(self) -> pd.DataFrame:
        return returns_of(self.batches, self.refused)

    @cached_property
    def _refused_files(self) -> dict[str, list[Refusal]]:
        """Refused files by the agency that sent them; those of nobody known under empty text."""
        find = agency_finder(self.framework, self.period)
        kinds = self.framework.description.population
        ids = [one.agency_id for one in Registry.bundled().valid_at(period_end(self.period), kinds)] if kinds else []
        found: dict[str, list[Refusal]] = {}
        for row in records(refused_files(self.batches)):
            who = sender(self._bytes(row["snapshot_sha256"]), row["origin"], find, ids)
            found.setdefault(who, []).append(Refusal(row["origin"], row["message"]))
        return found

    def _has_to_mend(self, agency: str) -> bool:
        try:
            return not self._to_mend(agency).empty
        except SnapshotError:
            return True  # what is lost is told when the workbook is to be made

    def _to_mend(self, agency: str) -> pd.DataFrame:
        """The returns of an agency that are in force and have refused rows."""
        sent = self._returns[self._returns["agency"] == agency]
        marked = set(self.refused["snapshot_sha256"])
        if not marked.intersection(sent["snapshot_sha256"]):
            return sent.iloc[:0]
        valid = in_force(sent, self.read, self.framework, self.period)
        return valid[valid["snapshot_sha256"].isin(marked)]

    def _about(self, agency: str, origin: str = "") -> Subject:
        return Subject(self.name(agency), self.period, self.round_name, origin)

    def _bytes(self, sha256: str) -> bytes:
        try:
            return self.read(sha256)
        except SnapshotError:
            return b""
