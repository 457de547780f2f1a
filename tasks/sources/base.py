"""What every source is: a way to gather bytes and a way to read them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from tasks.sources.rounds import Entry
from warehouse.frameworks.model import Framework

if TYPE_CHECKING:
    from tasks.evidence.inspection.record import Inspected


@dataclass(frozen=True)
class Receipt:
    """Bytes as they arrived from one origin.

    Attributes:
        content: The bytes, unchanged.
        origin: Url, or path relative to the round's folder.
        media_type: Media type as said by the server or by the file's name; not proved.
        fetched_at: When they arrived, in UTC.
        http_status: Status of the response, None for a file.
        headers: Response headers that matter: etag, last-modified, content-type, content-disposition.
    """

    content: bytes
    origin: str
    media_type: str
    fetched_at: datetime
    http_status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)  # the content says who answered: it is never printed
class Page:
    """One of the snapshots that a micro source gathered.

    Attributes:
        origin: Url or path, as on the receipt; what came again from there has `#again=N` behind it.
        content: The bytes.
        headers: Response headers that matter, as on the receipt.
        fetched_at: When the bytes first came from this origin, None where that is not known.
    """

    origin: str
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: datetime | None = None

    @classmethod
    def of_card(cls, card: Mapping[str, Any], content: bytes) -> "Page":
        """The page that a row of the SNAPSHOT frame tells of."""
        return cls(card["origin"], content, json.loads(card["headers"] or "{}"), card["fetched_at"])


class MicroSource(Protocol):
    """A source of answers of persons. Its rows never become observations: only estimates from them are published.

    Attributes:
        name: Name in round.yaml and in the `source` columns.
        title_vi: Vietnamese title.
        title_en: English title.
        evidence: Kind of evidence: `survey`, `expert` or `tone`.
    """

    name: str
    title_vi: str
    title_en: str
    evidence: str

    def gather(self, entry: Entry, folder: Path, earlier: Sequence[Page] = ()) -> Iterator[Receipt]:
        """Yield the pages of the answers; see `Source.gather`.

        Args:
            entry: The entry of round.yaml.
            folder: Folder of the round.
            earlier: Pages that earlier gatherings of the entry brought and that stay: a source that can ask for what is
                new gives that only.
        """
        ...

    def read_answers(self, pages: Sequence[Page]) -> pd.DataFrame:
        """Read all pages of one entry together.

        Args:
            pages: What was gathered, in the order in which it came.

        Returns:
            One row a submission (expert panel: a rating), every question a column, text as written. A submission that
            came more than once counts as it was edited last.

        Raises:
            BatchRefused: The pages are not what the tool sends.
        """
        ...


class InspectionSource(Protocol):
    """A source that looks at the portals of agencies. What it finds are checks, not figures.

    Attributes:
        name: Name in round.yaml and in the `source` columns.
        title_vi: Vietnamese title.
        title_en: English title.
        evidence: Kind of evidence: `inspection`.
    """

    name: str
    title_vi: str
    title_en: str
    evidence: str

    def gather(
        self, entry: Entry, folder: Path, agencies: Collection[str], at: date, earlier: Sequence[Page] = ()
    ) -> Iterator[Receipt]:
        """Yield what the portals send; see `Source.gather`.

        Args:
            entry: The entry of round.yaml.
            folder: Folder of the round.
            agencies: Ids of the agencies whose portals are looked at.
            at: Day whose addresses hold.
            earlier: What earlier gatherings of the entry brought and stays: such a portal is not asked again.
        """
        ...

    def settled(self, earlier: Sequence[Page]) -> set[str]:
        """Return the digests of the snapshots that belong to finished inspections; others are of a cut one.

        Args:
            earlier: What earlier gatherings brought.
        """
        ...

    def read_portals(self, pages: Sequence[Page]) -> "list[Inspected]":
        """Read all snapshots of one entry together.

        Raises:
            BatchRefused: A record of an inspection cannot be read.
        """
        ...


class PostSource(MicroSource, Protocol):
    """A micro source of posts: what persons wrote in public."""

    def read_counted(self, pages: Sequence[Page]) -> tuple[pd.DataFrame, dict[str, int]]:
        """Read all pages, and count what was left out.

        Args:
            pages: What was gathered, in the order in which it came.

        Returns:
            Rows of `tasks.sources.posts`, grain one a post, and reason to number of pages or posts not read.

        Raises:
            BatchRefused: The pages are not what the source gives.
        """
        ...


class Source(Protocol):
    """One kind of input. A module of this package that defines `SOURCE` adds one.

    Attributes:
        name: Name in round.yaml and in the `source` columns.
        title_vi: Vietnamese title.
        title_en: English title.
        evidence_needed: Whether each figure must name the document that proves it.
        later_replaces: Whether each file is the whole return of one agency, so that a later one replaces an earlier.
            Where single figures are revised, it is false and `revises_figures` is true; other sources leave that out.
    """

    name: str
    title_vi: str
    title_en: str
    evidence_needed: bool
    later_replaces: bool

    def gather(self, entry: Entry, folder: Path) -> Iterator[Receipt]:
        """Yield everything the entry of round.yaml points at, in a fixed order.

        Args:
            entry: The entry: a path below `folder`, or urls.
            folder: Folder of the round.

        Yields:
            What arrived, one receipt per file or response.

        Raises:
            SourceUnavailable: Nothing arrived.
            PartlyUnavailable: After all that arrived has been yielded, where anything did not; it names each of them.
        """
        ...

    def read(self, content: bytes, framework: Framework) -> pd.DataFrame:
        """Read one snapshot.

        Args:
            content: The bytes.
            framework: The framework whose nodes the figures are for.

        Returns:
            READING rows, grain one per cell with a figure, everything as written.

        Raises:
            BatchRefused: The file as a whole is unusable.
        """
        ...
