"""What every source is: a way to gather bytes and a way to read them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pandas as pd

from tasks.sources.rounds import Entry
from warehouse.frameworks.model import Framework


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
        origin: Url or path, as on the receipt.
        content: The bytes.
    """

    origin: str
    content: bytes


class MicroSource(Protocol):
    """A source of answers of persons. Its rows never become observations: only estimates from them are published.

    Attributes:
        name: Name in round.yaml and in the `source` columns.
        title_vi: Vietnamese title.
        title_en: English title.
        evidence: Kind of evidence: `survey` or `expert`.
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


class Source(Protocol):
    """One kind of input. A module of this package that defines `SOURCE` adds one.

    Attributes:
        name: Name in round.yaml and in the `source` columns.
        title_vi: Vietnamese title.
        title_en: English title.
        evidence_needed: Whether each figure must name the document that proves it.
        later_replaces: Whether each file is the whole return of one agency, so that a later one replaces an earlier.
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
