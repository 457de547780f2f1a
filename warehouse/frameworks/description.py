"""Reading and proving framework.yaml."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from warehouse.frameworks.declaration import Band, Citation, Description, Group, Level
from warehouse.frameworks.faults import Report, nearest, one_of
from warehouse.frameworks.table import read_text
from warehouse.periods import PERIOD, period_days

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PARTS: dict[str, type[BaseModel]] = {"levels": Level, "groups": Group, "bands": Band, "citations": Citation}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Place = tuple[str | int, ...]


class Lines:
    """Physical line of every key and entry of a YAML document, by its path.

    Args:
        root: The composed document.
    """

    def __init__(self, root: yaml.Node) -> None:
        self.of: dict[Place, int] = {}
        self.doubled: list[tuple[str, int]] = []
        self._walk(root, ())

    def line(self, *place: str | int) -> int:
        """Line of a path, or of the nearest part above it that is written."""
        for length in range(len(place), 0, -1):
            # A key such as 1 or 1.1, written without quotation marks, is a number to YAML but text here.
            for known in (place[:length], (*place[: length - 1], str(place[length - 1]))):
                if known in self.of:
                    return self.of[known]
        return 1

    def _walk(self, node: yaml.Node, place: Place) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = (*place, str(key.value))
                if inner in self.of:
                    self.doubled.append((str(key.value), key.start_mark.line + 1))
                self.of[inner] = key.start_mark.line + 1
                self._walk(value, inner)
        elif isinstance(node, yaml.SequenceNode):
            for position, value in enumerate(node.value):
                self.of[(*place, position)] = value.start_mark.line + 1
                self._walk(value, (*place, position))


def read_description(file: Path, report: Report) -> tuple[Description | None, Lines | None]:
    """Read framework.yaml.

    Args:
        file: The file.
        report: Takes the faults.

    Returns:
        What it says, as far as it can be understood (with faults reported it only serves to find more of them), and the
        lines of its keys.
    """
    loaded = read_keys(file, report, "framework: name")
    if loaded is None:
        return None, None
    data, lines = loaded
    description = _validate(data, lines, report)
    if description is not None:
        _prove(description, lines, report)
    return description, lines


def read_keys(file: Path, report: Report, first: str) -> tuple[dict[str, Any], Lines] | None:
    """Read a YAML file of keys and values in UTF-8 and NFC, each key once.

    Args:
        file: The file.
        report: Takes the faults.
        first: How such a file may begin.

    Returns:
        What it says, and the lines of its keys; None where it cannot be read.
    """
    text = read_text(file, report)
    if text is None:
        return None
    for number, written in enumerate(text.split("\n"), start=1):
        if not unicodedata.is_normalized("NFC", written):
            report.add(number, "the text is not in Unicode form NFC; type it again or convert the file to NFC.")
    loaded = load_marked(text, report, first)
    for key, line in loaded[1].doubled if loaded else ():
        report.add(line, f"the key {key!r} stands twice in one place; keep one.")
    return loaded


def load_marked(text: str, report: Report, first: str) -> tuple[dict[str, Any], Lines] | None:
    """Read a YAML document of keys and values with the lines they stand on.

    Args:
        text: The document.
        report: Takes the fault if it is none.
        first: How such a document may begin.

    Returns:
        What it says, and the lines of its keys; None where it cannot be read.
    """
    loader = _LOADER(text)
    try:
        root = loader.get_single_node()
        data = loader.construct_document(root) if root is not None else None
        lines = Lines(root) if isinstance(data, dict) else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        report.add(mark.line + 1 if mark else 1, f"this is not YAML: {error.problem or error.context}.")
        return None
    except RecursionError:
        report.add(1, "this cannot be read: it is nested too deep, or an alias (`*name`) stands inside what it names.")
        return None
    except (yaml.YAMLError, ValueError) as error:
        report.add(1, f"this is not YAML: {' '.join(str(error).split())}.")
        return None
    if not isinstance(data, dict) or lines is None:
        report.add(1, f"the file must hold keys and values, beginning with `{first}`.")
        return None
    return data, lines


def _validate(data: dict[str, Any], lines: Lines, report: Report) -> Description | None:
    try:
        return Description.model_validate(data)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    for problem in problems:
        report.add(lines.line(*problem["loc"]), _say(problem))
    for problem in sorted(problems, key=lambda problem: [str(part).zfill(9) for part in problem["loc"]], reverse=True):
        _mend(data, problem)
    try:
        return Description.model_validate(data)
    except ValidationError:
        return None


def _say(problem: Any) -> str:
    place = [part for part in problem["loc"] if part != "[key]"]
    kind, found = problem["type"], problem["input"]
    path = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in place)
    if kind == "missing":
        return f"the key {place[-1]!r} is missing{' in ' + path.rpartition('.')[0] if len(place) > 1 else ''}; add it."
    if kind == "extra_forbidden":
        model = _PARTS.get(str(place[0]), Description) if len(place) > 1 else Description
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"the key {str(place[-1])!r} is not known here; {one_of(str(place[-1]), known)}."
    if kind == "literal_error":
        expected = str(problem["ctx"]["expected"])
        near = nearest(str(found), re.findall(r"'([^']*)'", expected))
        return f"{path} is {found!r}; write one of {expected}{f' (did you mean {near}?)' if near else ''}."
    if kind == "string_type":
        return f"{path} is {found!r}, which is not text; put it in quotation marks."
    if kind in ("model_type", "dict_type"):
        return f"{path} is {found!r}; write keys with their values, like `{{level: index, aggregation: sum}}`."
    if kind in ("tuple_type", "list_type"):
        return f"{path} is {found!r}; write a list, like `[a, b]`."
    return f"{path} is {found!r}: {str(problem['msg'])[:1].lower()}{str(problem['msg'])[1:]}."


def _mend(data: dict[str, Any], problem: Any) -> None:
    """Take out what was not understood, so that the rest, and with it nodes.csv, can be checked in the same go."""
    place = [part for part in problem["loc"] if part != "[key]"]
    if problem["type"] == "missing":
        if place == ["framework"]:
            data["framework"] = "unnamed"
        place = place[:-1]
    holder: Any = data
    for part in place[:-1]:
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            return
    if place and place[-1] == "aggregation":
        # The one aggregation under which no point or weight of a child can be at fault.
        holder["aggregation"] = "weighted_mean"
    elif place and isinstance(holder, dict):
        holder.pop(place[-1], None)
    elif place and isinstance(holder, list) and isinstance(place[-1], int) and place[-1] < len(holder):
        del holder[place[-1]]


def _prove(description: Description, lines: Lines, report: Report) -> None:
    if not _NAME.fullmatch(description.framework):
        report.add(
            lines.line("framework"),
            f"the name {description.framework!r} serves as a folder name too; "
            "use letters without marks, digits, `.`, `_` and `-`.",
        )
    if not description.levels:
        report.add(lines.line("levels"), "there is no level; list the levels from the root down.")
    total = description.total
    if total is not None and (not math.isfinite(total) or total < 0):
        report.add(lines.line("total"), f"the total is {total:g}; write the points of the root, 0 or more.")
    for kind, names in _names(description):
        for name, times in Counter(names).items():
            if times > 1:
                last = max(position for position, other in enumerate(names) if other == name)
                report.add(lines.line(kind, last), f"{name!r} stands {times} times in {kind}; keep one.")
    for position, level in enumerate(description.levels):
        if level.count is not None and level.count < 0:
            report.add(lines.line("levels", position, "count"), "a level cannot have fewer than 0 nodes.")
    _prove_bands(description, lines, report)
    _prove_periods(description, lines, report)
    _prove_kinds(description, lines, report)


def _names(description: Description) -> Iterator[tuple[str, list[str]]]:
    yield "levels", [level.level for level in description.levels]
    yield "groups", [group.group for group in description.groups]
    yield "bands", [str(band.band) for band in description.bands]
    yield "citations", [citation.id for citation in description.citations]
    yield "periods", list(description.periods)
    yield "precedence", list(description.precedence)


def _prove_bands(description: Description, lines: Lines, report: Report) -> None:
    limits: list[float] = []
    for position, band in enumerate(description.bands):
        if band.above is not None and band.from_ is not None:
            report.add(lines.line("bands", position), f"band {band.band} has `above` and `from`; keep one.")
        limit = band.above if band.above is not None else band.from_
        if limit is not None and not math.isfinite(limit):
            report.add(lines.line("bands", position), f"the limit of band {band.band} is not a number.")
        if limit is None and position < len(description.bands) - 1:
            report.add(
                lines.line("bands", position),
                f"band {band.band} has no limit, so no later band is ever reached; give it `above` or `from`.",
            )
        limits.append(-math.inf if limit is None else limit)
    for position in _not_descending(limits):
        report.add(lines.line("bands", position), "the bands do not stand best first; order them by falling limits.")


def _not_descending(limits: Iterable[float]) -> Iterator[int]:
    before = math.inf
    for position, limit in enumerate(limits):
        if limit >= before and limit != -math.inf:
            yield position
        before = limit


def _prove_periods(description: Description, lines: Lines, report: Report) -> None:
    ends = {name: getattr(description, name) for name in ("first_period", "last_period")}
    written = {name: period for name, period in ends.items() if period}
    for name, period in written.items():
        if not PERIOD.fullmatch(period):
            report.add(lines.line(name), f"{name} is {period!r}; write a month, 2020-08, or a year.")
            return
    if written and description.periods:
        report.add(lines.line("periods"), f"{' and '.join(written)} say the periods already; leave periods out.")
    if len(written) == 2 and period_days(ends["first_period"])[0] > period_days(ends["last_period"])[0]:
        report.add(lines.line("last_period"), "last_period is before first_period; exchange them.")


def _prove_kinds(description: Description, lines: Lines, report: Report) -> None:
    seen: dict[str, str] = {}
    for position, group in enumerate(description.groups):
        for kind in group.kinds:
            line = lines.line("groups", position)
            if kind not in description.population:
                report.add(line, f"{kind!r} of the group {group.group} is not in population; add it there.")
            elif kind in seen:
                report.add(line, f"{kind} is in the groups {seen[kind]} and {group.group}; keep it in one.")
            seen.setdefault(kind, group.group)
