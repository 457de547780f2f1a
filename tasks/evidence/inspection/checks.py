"""All checks of all portals: from what was received to rows of the frame CHECK."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from tasks.evidence.inspection import accessibility, catalogue, freshness, search, sections, transport
from tasks.evidence.inspection.finding import UNCHECKED, Finding
from tasks.evidence.inspection.record import Inspected
from warehouse.frames import CHECK
from warehouse.reference.checks import Check, load_checks

Look = Callable[[Inspected, Check], Finding]
LOOKS: dict[str, Look] = {
    look.__name__: look
    for look in (
        transport.reachable,
        transport.https_valid,
        transport.https_days_left,
        transport.http_redirect,
        transport.response_time,
        transport.header,
        transport.ipv6,
        sections.link,
        sections.link_host,
        sections.search_form,
        sections.words,
        sections.element,
        sections.suffix,
        sections.opened,
        freshness.fresh,
        freshness.feed,
        freshness.sitemap,
        search.search,
        catalogue.catalogue,
        accessibility.lang,
        accessibility.title,
        accessibility.alt,
        accessibility.headings,
        accessibility.contrast,
        accessibility.viewport,
        accessibility.accessible,
    )
}


def look_at(portal: Inspected) -> dict[str, Finding]:
    """Run every check on one portal.

    Args:
        portal: The portal as it was found.

    Returns:
        Finding by code of the check, in the order of checks.csv.
    """
    return {code: LOOKS[check.kind](portal, check) for code, check in load_checks().items()}


def check_rows(portals: Iterable[Inspected], scope: Mapping[str, str]) -> pd.DataFrame:
    """Run every check on every portal.

    Args:
        portals: The portals as they were found.
        scope: `framework`, `round` and `period` of the rows.

    Returns:
        CHECK rows, grain agency x check.
    """
    checks = load_checks()
    rows = [
        {
            **scope,
            "agency": portal.agency,
            "check": code,
            "family": checks[code].family,
            "outcome": found.outcome,
            "reason": found.reason,
            "value": found.value,
            "unit": checks[code].unit if found.value is not None else "",
            "url": portal.response(checks[code].page).url or portal.url,
            "snapshot_sha256": found.sha256 or portal.sha256,
            "locator": found.locator,
            "extract": found.extract,
            "inspected_at": portal.inspected_at,
        }
        for portal in portals
        for code, found in look_at(portal).items()
    ]
    return CHECK.conform(pd.DataFrame(rows)) if rows else CHECK.empty()


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Count passed, failed and unchecked checks of each agency; the worst first.

    Args:
        rows: CHECK rows.

    Returns:
        Columns agency, pass, fail, unchecked, failed (codes), grain agency.
    """
    found = []
    for agency, one in rows.groupby("agency", sort=True):
        counts = one["outcome"].value_counts()
        failed = ", ".join(one.loc[one["outcome"] == "fail", "check"])
        totals = {name: int(counts.get(name, 0)) for name in ("pass", "fail", UNCHECKED)}
        found.append({"agency": agency, **totals, "failed": failed})
    columns = ["agency", "pass", "fail", UNCHECKED, "failed"]
    return pd.DataFrame(found, columns=columns).sort_values(["pass", "agency"], ignore_index=True)
