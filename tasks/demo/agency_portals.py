"""The portals behind a synthetic inspection: what each one really holds, and so what the inspection should find."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random
from typing import Any

from tasks.demo.latent import draw_figures, seeded
from tasks.demo.servers.agency_pages import PortalSpec
from tasks.demo.servers.agency_portals import DEAD, FOLDER, FORBIDDEN, ROOT, SLOW, write_specs
from tasks.returns.layout import branches_of
from tasks.sources.inspection import SOURCE
from warehouse.frameworks.inspection import has_inspection, load_inspection
from warehouse.frameworks.model import Framework
from warehouse.reference.agencies import Agency
from warehouse.reference.checks import load_checks

TRUTH_FILE = "truth_of_inspection.csv"
_ROLES = (DEAD, SLOW, FORBIDDEN)
_KEPT_FREE = 2  # portals that always answer
_SERVICES = 1_000
_SPREAD, _HARD = 0.25, 0.62
# A server of plain HTTP on an address without a name: what it cannot show.
_NEVER = {"https_valid": "fail", "https_days_left": "unchecked", "http_redirect": "fail", "header_hsts": "fail"}
_AGES = {True: (0, 6), False: (40, 90)}


@dataclass(frozen=True)
class CheckTruth:
    """What one check of one agency should find.

    Attributes:
        framework: Name of the framework.
        agency: Id of the agency.
        check: Code of the check.
        outcome: `pass`, `fail` or `unchecked`.
    """

    framework: str
    agency: str
    check: str
    outcome: str


def write_agency_portals(
    folder: Path, framework: Framework, agencies: Sequence[Agency], seed: int, url: str
) -> tuple[list[CheckTruth], list[dict[str, Any]]]:
    """Draw the portals of a framework's agencies and write what the server needs and the list of their addresses.

    Args:
        folder: The round's folder.
        framework: The framework; one without an inspection.yaml has no inspection.
        agencies: The agencies that are judged.
        seed: Seed of the round.
        url: Address of the server.

    Returns:
        The true outcomes, and the entries of round.yaml.
    """
    if not has_inspection(framework.folder):
        return [], []
    roles = _roles(agencies, seeded(seed, framework.name, "portals"))
    specs = [draw_portal(framework, agency, seed, roles.get(agency.agency_id, "")) for agency in agencies]
    write_specs(folder, framework.name, specs)
    place = f"{FOLDER}/{framework.name}/portals.csv"
    with (folder / place).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["agency", "url", "services_url"])
        for agency in agencies:
            root = f"{url}/{ROOT}/{agency.agency_id}/"
            services = f"{root}dich-vu-cong" if _has_services(framework, agency) else ""
            writer.writerow([agency.full_name_vi, root, services])
    truth = [
        CheckTruth(framework.name, agency.agency_id, code, outcome)
        for agency, spec in zip(agencies, specs, strict=True)
        for code, outcome in outcomes(spec, _has_services(framework, agency)).items()
    ]
    return truth, [{"source": SOURCE.name, "framework": framework.name, "path": place}]


def write_truth(folder: Path, truth: Sequence[CheckTruth]) -> None:
    """Write the true outcomes beside the round."""
    with (folder / TRUTH_FILE).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        columns = [one.name for one in fields(CheckTruth)]
        writer.writerow(columns)
        writer.writerows([getattr(one, column) for column in columns] for one in truth)


def draw_portal(framework: Framework, agency: Agency, seed: int, role: str) -> PortalSpec:
    """Draw what a portal holds: an agency is better or worse as a whole."""
    rng = seeded(seed, framework.name, agency.agency_id, "portal")
    quality = min(0.97, max(0.15, rng.gauss(_HARD, _SPREAD)))
    shows = {code for code in load_checks() if rng.random() < quality}
    if role == SLOW:
        shows.discard("response_time")
    else:
        shows.add("response_time")
    pages = {check.page for check in load_checks().values() if check.kind == "fresh"}
    ages = {page: rng.randint(*_AGES[rng.random() < quality]) for page in sorted(pages)}
    if rng.random() < 0.5:
        ages["open_data"] += 400
    levels = _levels(framework, agency, seed, rng)
    return PortalSpec(agency.agency_id, agency.full_name_vi, role, frozenset(shows), ages, levels)


def outcomes(spec: PortalSpec, has_services: bool) -> dict[str, str]:
    """What an inspection of the portal should find, by code of the check."""
    checks = load_checks()
    linked = {check.follow: code for code, check in checks.items() if check.follow}
    found = {}
    for code, check in checks.items():
        of_services = check.page in ("services", "catalogue")
        unanswered = spec.role in (DEAD, FORBIDDEN) and check.kind == "header"
        unasked = spec.role == FORBIDDEN and check.kind == "http_redirect"
        if code in _NEVER and not (unanswered or unasked):
            found[code] = _NEVER[code]
        elif check.kind == "ipv6" or spec.role == FORBIDDEN or (of_services and not has_services):
            found[code] = "unchecked"
        elif check.kind == "reachable":
            found[code] = "fail" if spec.role == DEAD else "pass"
        elif spec.role == DEAD:
            found[code] = "unchecked"
        elif check.page in linked and linked[check.page] not in spec.shows:
            found[code] = "fail"
        elif check.kind == "search":
            found[code] = "pass" if {code, "section_search"} <= set(spec.shows) else "fail"
        elif check.kind == "catalogue":
            found[code] = _of_catalogue(spec, check.argument)
        elif check.kind == "fresh":
            found[code] = "pass" if spec.ages[check.page] <= check.limit else "fail"
        else:
            found[code] = "pass" if code in spec.shows else "fail"
    return found


def _of_catalogue(spec: PortalSpec, argument: str) -> str:
    if "catalogue_levels" not in spec.shows:
        return "fail" if argument == "total" else "unchecked"
    wanted = spec.levels.values() if argument == "total" else [spec.levels[one] for one in argument.split("|")]
    return "pass" if sum(wanted) else "fail"


def _levels(framework: Framework, agency: Agency, seed: int, rng: Random) -> dict[str, int]:
    """The catalogue: for most agencies what they report, for some less than that."""
    figures = draw_figures(framework, agency.agency_id, branches_of(framework), seed)
    reported = {claim.check: claim.criterion for claim in load_inspection(framework.folder).claims}
    shares = {check: figures[code].truth for check, code in reported.items() if code in figures}
    four = shares.get("catalogue_level_4_share", 20.0)
    both = max(four, shares.get("catalogue_level_34_share", 40.0))
    honest = 1.0 if rng.random() < 0.8 else rng.uniform(0.3, 0.7)
    level_4 = round(_SERVICES * four / 100 * honest)
    level_3 = round(_SERVICES * both / 100 * honest) - level_4
    return {"2": _SERVICES - level_3 - level_4, "3": level_3, "4": level_4}


def _roles(agencies: Sequence[Agency], rng: Random) -> dict[str, str]:
    shuffled = list(agencies)
    rng.shuffle(shuffled)
    chosen = shuffled[: max(0, len(shuffled) - _KEPT_FREE)]
    return {agency.agency_id: role for agency, role in zip(chosen, _ROLES, strict=False)}


def _has_services(framework: Framework, agency: Agency) -> bool:
    """Whether an agency takes dossiers: where the framework ranks those apart, only these."""
    return "without" not in framework.groups.get(agency.full_name_vi, "with")
