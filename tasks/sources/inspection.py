"""The portals of the agencies, looked at online: what they send, and a record of everything that is no response."""

import csv
import hashlib
import io
import ssl
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.evidence.inspection.page import absolute
from tasks.evidence.inspection.record import Inspected, bodies_of, inspected, is_record, read_record
from tasks.harmonise.agencies import Registry
from tasks.sources.base import Page, Receipt
from tasks.sources.delimited import decode
from tasks.sources.files import gather_path
from tasks.sources.messages import shown
from tasks.sources.rounds import Entry
from warehouse.errors import BatchRefused, PartlyUnavailable, SourceUnavailable
from warehouse.reference.portals import portals_at
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from tasks.sources.probe.manners import Manners, Target

_COLUMNS = ("agency", "url")
_MEND = "The columns are agency, url and, where known, services_url and http_url; docs/inspection.md shows an example."


class Inspection:
    """Online inspection of portals."""

    name = "inspection"
    title_vi = "Kiểm tra trực tuyến cổng thông tin điện tử"
    title_en = "Online inspection of portals"
    evidence = "inspection"

    def gather(
        self,
        entry: Entry,
        folder: Path,
        agencies: Collection[str],
        at: date,
        earlier: Sequence[Page] = (),
        manners: "Manners | None" = None,
    ) -> Iterator[Receipt]:
        """Yield what the portals send; see `tasks.sources.base.InspectionSource.gather`.

        Portals are asked several at a time, each host by one call after another; what they sent is yielded agency by
        agency, in the order of the list. A portal that does not answer is a finding and no failure.

        Raises:
            SourceUnavailable: There is no list of portals, or it cannot be read.
            PartlyUnavailable: After all others were inspected, naming agencies whose portal is not known.
        """
        # Loading the HTTP library costs a tenth of a second, which commands that fetch nothing do not pay.
        from tasks.sources.probe.portal import inspect_portal

        manners = manners or _manners()
        targets, unknown = _targets(entry, folder, agencies, at)
        done = {(found["agency"], found["url"]) for _, found in _records(earlier)}
        waiting = [target for target in targets if (target.agency, target.url) not in done]
        pool = ThreadPoolExecutor(max_workers=manners.workers, thread_name_prefix="inspection")
        try:
            for receipts in pool.map(lambda target: inspect_portal(target, manners), waiting):
                yield from receipts
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        if unknown:
            names = ", ".join(unknown[:10]) + (f" and {len(unknown) - 10} more" if len(unknown) > 10 else "")
            raise PartlyUnavailable(
                f"No portal is known of: {names}.", "Add its address to the list of portals, or mend the name there."
            )

    def settled(self, earlier: Sequence[Page]) -> set[str]:
        """Return the digests of finished inspections; see `tasks.sources.base.InspectionSource.settled`."""
        records = _records(earlier)
        bodies = {sha256 for _, found in records for sha256 in bodies_of(found)}
        return bodies | {hashlib.sha256(content).hexdigest() for content, _ in records}

    def read_portals(self, pages: Sequence[Page]) -> list[Inspected]:
        """Read the snapshots of one entry; see `tasks.sources.base.InspectionSource.read_portals`."""
        return inspected((page.origin, page.content) for page in pages)


SOURCE = Inspection()


def _records(pages: Sequence[Page]) -> list[tuple[bytes, dict[str, Any]]]:
    """The records among some snapshots; one of another version is none, so that its portal is asked anew."""
    found = []
    for page in pages:
        if is_record(page.origin):
            with suppress(BatchRefused):
                found.append((page.content, read_record(page.content)))
    return found


def _manners() -> "Manners":
    from tasks.sources.probe.manners import Manners

    settings = get_settings()
    bundle = Path(settings.ca_bundle) if settings.ca_bundle else None
    try:
        ssl.create_default_context(cafile=bundle)
    except OSError:
        raise SourceUnavailable(
            f"The file of trusted authorities, {bundle}, cannot be read.",
            "Set DTI_CA_BUNDLE to a PEM file, or leave it out to trust those that browsers trust.",
        ) from None
    return Manners(ca_bundle=bundle, allow_private=settings.allow_private_addresses, contact=settings.contact)


def _targets(entry: Entry, folder: Path, agencies: Collection[str], at: date) -> tuple[list["Target"], list[str]]:
    """The portals to ask, and the agencies or names of which none is known."""
    from tasks.sources.probe.manners import Target

    if entry.path is None:
        known = portals_at(at)
        targets = [
            Target(agency, known[agency].url, known[agency].services_url) for agency in agencies if agency in known
        ]
        return targets, [agency for agency in agencies if agency not in known]
    listed, unknown = _listed(entry.path, folder, at)
    return [target for target in listed if target.agency in agencies], unknown


def _listed(path: str, folder: Path, at: date) -> tuple[list["Target"], list[str]]:
    """The portals that a CSV of the round lists, and the rows that cannot be understood."""
    from tasks.sources.probe.manners import Target

    targets: dict[str, Target] = {}
    unknown = []
    for number, row in _rows(path, folder):
        agency = Registry.bundled().find(row["agency"], at)
        urls = {name: absolute("", row.get(name)) for name in ("url", "services_url", "http_url")}
        wrong = any(bool((row.get(name) or "").strip()) != bool(url) for name, url in urls.items())
        if agency is None or wrong or not urls["url"] or agency.agency_id in targets:
            unknown.append(f"line {number} of {path} ({shown(row['agency'])})")
        else:
            targets[agency.agency_id] = Target(agency.agency_id, **urls)
    return list(targets.values()), unknown


def _rows(path: str, folder: Path) -> list[tuple[int, dict[str, str]]]:
    (receipt, *more) = gather_path(path, folder)
    if more:
        raise SourceUnavailable(f"{path} is a folder, not a list of portals.", _MEND)
    try:
        reader = csv.DictReader(io.StringIO(decode(receipt.content), newline=""), restval="")
        rows = [(reader.line_num, {str(key): str(value) for key, value in row.items()}) for row in reader]
    except (BatchRefused, csv.Error) as error:
        raise SourceUnavailable(f"{path} cannot be read: {error}", _MEND) from None
    if missing := [name for name in _COLUMNS if name not in (reader.fieldnames or ())]:
        raise SourceUnavailable(f"{path} has no column {' and no column '.join(missing)}.", _MEND)
    return rows
