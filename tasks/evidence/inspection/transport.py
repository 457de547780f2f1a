"""Checks of the connection: HTTPS, its certificate, the way from HTTP, speed, headers, IPv6."""

from datetime import datetime
from statistics import median

from tasks.evidence.inspection.finding import FAIL, PASS, UNCHECKED, Finding, decided, of_record, without_page
from tasks.evidence.inspection.page import is_within
from tasks.evidence.inspection.record import Inspected
from warehouse.reference.checks import Check


def reachable(portal: Inspected, check: Check) -> Finding:
    """A page came; a portal that does not answer is a finding, not a fault of the inspection."""
    response = portal.response(check.page)
    if response.kind == "unseen":
        return of_record(UNCHECKED, portal, f"/pages/{check.page}", reason=response.error)
    outcome = FAIL if response.error else PASS
    return of_record(outcome, portal, f"/pages/{check.page}", reason=response.error, text=response.final_url)


def https_valid(portal: Inspected, check: Check) -> Finding:  # noqa: ARG001 - every check takes both
    """The chain leads to a known root and the name fits; the value is the days left."""
    tls = portal.facts["tls"]
    if tls["outcome"] == UNCHECKED:
        return of_record(UNCHECKED, portal, "/tls", reason=tls["reason"])
    return of_record(
        tls["outcome"], portal, "/tls", reason=tls["reason"], value=_days_left(portal), text=tls.get("issuer", "")
    )


def https_days_left(portal: Inspected, check: Check) -> Finding:
    """The certificate holds for some days more."""
    days = _days_left(portal)
    if days is None:
        return of_record(UNCHECKED, portal, "/tls", reason=portal.facts["tls"]["reason"] or "no certificate was seen")
    outcome = PASS if days >= check.limit else FAIL
    return of_record(outcome, portal, "/tls/not_after", reason=f"{days} days are left", value=float(days))


def http_redirect(portal: Inspected, check: Check) -> Finding:  # noqa: ARG001 - every check takes both
    """Whoever asks over HTTP is led to HTTPS of the same site."""
    found = portal.facts["redirect"]
    if found["kind"] == "unseen":
        return of_record(UNCHECKED, portal, "/redirect", reason=found["error"])
    leads = found["location"]
    good = leads.startswith("https://") and is_within(leads, portal.url)
    why = found["error"] or (f"it leads to {leads}" if leads else "it answers over HTTP")
    return of_record(PASS if good else FAIL, portal, "/redirect", reason=why, text=leads)


def response_time(portal: Inspected, check: Check) -> Finding:
    """The median of several tries, in milliseconds."""
    times = portal.facts["times_ms"]
    if not times:
        return without_page(portal, portal.response(check.page))
    value = float(median(times))
    outcome = PASS if value <= check.limit else FAIL
    tries = ", ".join(str(one) for one in times)
    return of_record(outcome, portal, "/times_ms", reason=f"median {value:g} ms", value=value, text=tries)


def header(portal: Inspected, check: Check) -> Finding:
    """A response header that protects the reader."""
    response = portal.response(check.page)
    if response.error:
        return without_page(portal, response)
    name = check.argument
    said = response.headers.get(name, "")
    good, reason = bool(said.strip()), f"no header {name}"
    if name == "x-frame-options" and not good:
        said = response.headers.get("content-security-policy", "")
        good = "frame-ancestors" in said.lower()
    elif name == "x-content-type-options" and good:
        good, reason = said.strip().lower() == "nosniff", "it does not say nosniff"
    elif name == "strict-transport-security" and good:
        secure = response.final_url.startswith("https://")
        good, reason = secure and _max_age(said) > 0, "it has no effect: over HTTP, or without a max-age above 0"
    return decided(good, response, reason=reason, locator=f"header {name}", text=said)


def ipv6(portal: Inspected, check: Check) -> Finding:
    """The name has an IPv6 address; the value is the number of them."""
    dns, pointer = portal.facts["dns"].get(check.argument), f"/dns/{check.argument}"
    if not dns:
        return without_page(portal, portal.response(check.page))
    if dns["error"]:
        return of_record(UNCHECKED, portal, pointer, reason=dns["error"])
    found = dns["ipv6"]
    return of_record(
        PASS if found else FAIL, portal, pointer, reason="no AAAA record", value=float(len(found)), text=" ".join(found)
    )


def _days_left(portal: Inspected) -> int | None:
    until = portal.facts["tls"].get("not_after")
    return (datetime.fromisoformat(until) - portal.inspected_at).days if until else None


def _max_age(said: str) -> int:
    for part in said.lower().split(";"):
        name, _, value = part.strip().partition("=")
        digits = value.strip().strip('"')
        if name == "max-age" and digits.isascii() and digits.isdigit():
            return int(digits[:12])
    return 0
