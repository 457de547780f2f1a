"""Gathering from the web: one url or several, each within limits of time and size."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tasks.sources.base import Receipt
from tasks.sources.files import gather_path
from tasks.sources.limits import FetchLimits
from tasks.sources.messages import visible
from tasks.sources.rounds import Entry
from warehouse.errors import PartlyUnavailable, SourceUnavailable
from warehouse.settings import get_settings

_HEADERS_THAT_MATTER = ("content-type", "content-disposition", "etag", "last-modified")


def gather_entry(entry: Entry, folder: Path) -> Iterator[Receipt]:
    """Yield what an entry of round.yaml points at: a file, a folder of files, or urls.

    Raises:
        SourceUnavailable: After all that arrived was yielded, where anything did not.
    """
    return gather_path(entry.path, folder) if entry.path is not None else gather_urls(entry.addresses)


def gather_urls(urls: Sequence[str], limits: FetchLimits | None = None) -> Iterator[Receipt]:
    """Fetch urls one after another; a dead one does not keep the others from coming.

    Args:
        urls: Addresses, http or https.
        limits: Patience; the default is that of a nightly run.

    Yields:
        One receipt per answer with status 200; the origin is the url as given.

    Raises:
        SourceUnavailable: Nothing arrived; it names every url and why.
        PartlyUnavailable: After all others were yielded, naming every url that failed and why.
    """
    # Loading the HTTP library costs a tenth of a second, which commands that fetch nothing do not pay.
    from tasks.sources.transport.download import download
    from tasks.sources.transport.session import open_session

    limits = limits or FetchLimits()
    failures: list[SourceUnavailable] = []
    with open_session(limits, allow_private=get_settings().allow_private_addresses) as session:
        for url in urls:
            try:
                content, response = download(session, url, limits)
            except SourceUnavailable as failure:
                failures.append(failure)
                continue
            headers = {name: response.headers[name] for name in _HEADERS_THAT_MATTER if name in response.headers}
            said = headers.get("content-type", "").partition(";")[0].strip().lower()
            media_type = said or "application/octet-stream"
            yield Receipt(content, visible(url), media_type, datetime.now(UTC), response.status_code, headers)
    if failures:
        kind = PartlyUnavailable if len(failures) < len(urls) else SourceUnavailable
        raise kind(
            visible(" ".join(failure.message for failure in failures)),
            " ".join(dict.fromkeys(f.hint for f in failures)),
        )
