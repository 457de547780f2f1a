"""Proving the ranking groups of a framework: groups within groups, their members, and the regions of the UN's M49."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.frameworks.declaration import Description
from warehouse.frameworks.description import Lines
from warehouse.frameworks.faults import Report, nearest, one_of
from warehouse.frameworks.rules import STATUSES
from warehouse.frameworks.table import read_table
from warehouse.reference.countries import Country, code_of, load_countries

FILE = "groups.csv"
M49 = "warehouse/reference/m49.csv"


@dataclass(frozen=True)
class Members:
    """What groups.csv says.

    Attributes:
        groups: Unit as written to its ranking group.
        lines: Line of each unit.
    """

    groups: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def prove_nesting(description: Description, lines: Lines, report: Report) -> None:
    """Prove that every group that another one is within exists, and that no group is within itself.

    Args:
        description: What framework.yaml says.
        lines: Lines of framework.yaml.
        report: Takes the faults of framework.yaml.
    """
    outer = {group.group: group.within for group in description.groups}
    for position, group in enumerate(description.groups):
        if not group.within:
            continue
        line = lines.line("groups", position, "within")
        if group.within not in outer:
            report.add(line, f"{group.group} is within {group.within!r}; {one_of(group.within, list(outer))}.")
        elif group.group in (way := list(_outwards(group.group, outer))):
            circle = " within ".join([group.group, *way[: way.index(group.group) + 1]])
            report.add(line, f"the groups go in a circle: {circle}; take one `within` out.")


def _outwards(group: str, outer: Mapping[str, str]) -> Iterator[str]:
    """The groups around a group, the nearest first; in a circle each once."""
    seen: set[str] = set()
    while (group := outer.get(group, "")) and group not in seen:
        seen.add(group)
        yield group


def read_members(file: Path, known: Sequence[str] | None, report: Report) -> Members:
    """Read groups.csv if it is there.

    Args:
        file: The table.
        known: The groups of framework.yaml, None if that could not be read.
        report: Takes the faults.
    """
    found = Members()
    if not file.exists():
        return found
    for row in read_table(file, ("agency", "group", "status", "source"), ("agency", "group"), report):
        agency, group = row["agency"], row["group"]
        if not agency or not group:
            report.add(row.line, "the row lacks an agency or a group; fill in both.")
            continue
        if known is not None and group not in known:
            remedy = one_of(group, known) if known else "list the groups there first"
            report.add(row.line, f"the group {group!r} does not stand in framework.yaml; {remedy}.")
        if agency in found.groups:
            first = found.lines[agency]
            report.add(row.line, f"{agency} stands already on line {first}; an agency is in one group only.")
        if row["status"] and row["status"] not in STATUSES:
            report.add(row.line, f"the status {row['status']!r} is not known; {one_of(row['status'], STATUSES)}.")
        found.groups.setdefault(agency, group)
        found.lines.setdefault(agency, row.line)
    return found


def prove_regions(
    description: Description, members: Members, lines: Lines, yaml_report: Report, groups_report: Report
) -> None:
    """Hold the groups of a framework of countries (`units: m49`) to the regions of the UN's M49.

    Args:
        description: What framework.yaml says; nothing is proved where its units are others.
        members: What groups.csv says.
        lines: Lines of framework.yaml.
        yaml_report: Takes the faults of framework.yaml.
        groups_report: Takes the faults of groups.csv; each names the country.
    """
    if not description.units:
        return
    if description.population:
        yaml_report.add(lines.line("population"), "population names agencies, but units says countries; keep one.")
    countries = {country.name: country for country in load_countries()}
    declared = {group.group for group in description.groups}
    regions = {code_of(country.sub_region): code_of(country.region) for country in countries.values()}
    for position, group in enumerate(description.groups):
        region = regions.get(group.group)
        if region in declared and region != group.within:
            said = f"within {group.within}" if group.within else "within no group"
            line = lines.line("groups", position, "within")
            yaml_report.add(line, f"{group.group} is {said}, but M49 has it within {region} ({M49}).")
    for name, code in members.groups.items():
        country = countries.get(name)
        if country is None:
            near = nearest(name, countries)
            remedy = f"did you mean {near}?" if near else "use its name there."
            groups_report.add(members.lines[name], f"{name} is not a country of {M49}; {remedy}")
        elif code != (right := _group_of(country, declared)):
            right = right or country.sub_region
            groups_report.add(members.lines[name], f"{name} is in {code} here, but M49 has it in {right} ({M49}).")
    for name, country in countries.items():
        if members.groups and name not in members.groups and _group_of(country, declared):
            groups_report.add(1, f"{name} is missing; M49 has it in {_group_of(country, declared)} ({M49}).")


def _group_of(country: Country, declared: set[str]) -> str:
    """The finest declared group of a country; empty where its region is none of the groups."""
    return next((code for code in (code_of(country.sub_region), code_of(country.region)) if code in declared), "")
