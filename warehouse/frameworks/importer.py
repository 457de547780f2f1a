"""Replacing a reconstructed tree by the ministry's annex."""

import csv
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from warehouse.errors import FrameworkError
from warehouse.frameworks.annex import AnnexRow, folded, read_annex
from warehouse.frameworks.check import parse_folder
from warehouse.frameworks.faults import Fault, Report
from warehouse.frameworks.model import Description, Framework
from warehouse.frameworks.nodes import COLUMNS
from warehouse.frameworks.table import Row, read_table

# What the base says of a node, where the annex is silent.
_KEPT = tuple(name for name in COLUMNS if name not in ("code", "parent", "level", "max_points", "status", "source"))

_LINE = re.compile(r"on line (\d+)")

# Words of an annex for what nodes.csv calls otherwise, folded.
_WORDS = {
    "rule": {
        "ty le": "ratio",
        "ti le": "ratio",
        "bac": "tier",
        "bac thang": "tier",
        "danh muc": "checklist",
        "co khong": "binary",
        "tuyen tinh": "linear",
        "diem": "points",
    },
    "evidence": {
        "bao cao": "report",
        "dieu tra": "survey",
        "dieu tra xa hoi hoc": "survey",
        "khao sat": "survey",
        "chuyen gia": "expert",
        "phong van chuyen gia": "expert",
        "sac thai": "tone",
        "sac thai tren khong gian mang": "tone",
        "kiem tra": "inspection",
        "kiem tra truc tuyen": "inspection",
    },
}


def import_annex(file: Path, base: Framework, out: Path) -> Path:
    """Write a framework folder with the tree of an annex.

    framework.yaml and groups.csv are those of the base; the tree must fit the facts they state. Every row of the annex
    becomes `official` with the file's name as its source. Where the annex says nothing of a criterion but its name and
    points, what the base says of the node with the same code and the same name is kept; otherwise its rule is `points`.

    Args:
        file: The annex, XLSX or CSV, with at least a code, a name and the maximum points of every node.
        base: The framework whose tree is replaced.
        out: Folder to write; a framework that is there already is replaced in one step, once the new one is proved.

    Returns:
        `out`.

    Raises:
        FrameworkError: The annex cannot be read or the tree has faults; then `out` is not written or changed. Where
            there are several faults all of them stand in `OUT.faults.txt` beside it, one a line.
    """
    rows = read_annex(file)
    if out.exists() and not (out / "framework.yaml").is_file():
        raise FrameworkError(f"{out} exists and is not a framework folder.", "Give a folder that does not exist yet.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _refuse(_repeated(rows, file.name), out)
        nodes, places = _nodes(rows, base, file.name)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
            fresh = Path(scratch) / "framework"
            _write(fresh, nodes, base)
            _, faults = parse_folder(fresh)
            _refuse([_say(fault, file.name, places) for fault in faults], out)
            _swap(fresh, out, Path(scratch))
        _list_of_faults(out).unlink(missing_ok=True)
    except OSError as error:
        raise FrameworkError(
            f"The framework cannot be written to {out}: {error.strerror}.", "Give a folder that can be written."
        ) from error
    return out


def _nodes(rows: Sequence[AnnexRow], base: Framework, source: str) -> tuple[list[dict[str, str]], list[str]]:
    """Rows of nodes.csv and, for each, where it comes from."""
    known = {row["code"]: row for row in read_table(base.folder / "nodes.csv", COLUMNS, ("code",), Report("nodes.csv"))}
    top = _top(rows, base)
    codes = {row["code"] for row in rows}
    parents = {row["code"]: _parent(row, codes, top) for row in rows}
    nodes, places = [], []
    if all(row["code"] != top for row in rows):
        nodes.append({column: known[top][column] for column in COLUMNS})
        places.append(f"root of {base.name}")
    for row in rows:
        is_leaf = row["code"] not in parents.values()
        cells = _cells(row, known.get(row["code"]), is_leaf, base)
        level = _level(row, parents, base.description)
        cells.update(parent=parents[row["code"]], level=level, status="official", source=source)
        nodes.append(cells)
        places.append(row.place)
    return nodes, places


def _top(rows: Sequence[AnnexRow], base: Framework) -> str:
    """Code of the root: a row with the code or the level of the base's root, otherwise the base's root itself."""
    first = base.description.levels[0]
    names = {folded(name) for name in (first.level, first.name_vi, first.name_en) if name}
    at_top = [row["code"] for row in rows if row["code"] == base.root.code or folded(row["level"]) in names]
    return at_top[0] if len(at_top) == 1 else base.root.code


def _repeated(rows: Sequence[AnnexRow], source: str) -> list[str]:
    """Say which rows give a code that another row has: a tree cannot be made of them."""
    places: dict[str, str] = {}
    faults = []
    for row in rows:
        first = places.setdefault(row["code"], row.place)
        if row["code"] and first != row.place:
            faults.append(
                f"{source}, {row.place}: the code {row['code']!r} stands already in {first}; give every row its own "
                "code (in a workbook, codes such as 1.10 must be text)"
            )
    return faults


def _parent(row: AnnexRow, codes: set[str], top: str) -> str:
    """The parent named, otherwise the longest dotted prefix that is a code, otherwise the root."""
    if row["parent"] or row["code"] == top:
        return row["parent"]
    prefix = row["code"]
    while "." in prefix:
        prefix = prefix.rpartition(".")[0]
        if prefix in codes:
            return prefix
    return top


def _level(row: AnnexRow, parents: dict[str, str], description: Description) -> str:
    """The level named by its name or number, otherwise the one at the node's depth."""
    levels = description.levels
    for position, level in enumerate(levels, start=1):
        names = (level.level, level.name_vi, level.name_en, str(position))
        if row["level"] and folded(row["level"]) in {folded(name) for name in names if name}:
            return level.level
    if row["level"]:
        return row["level"]
    seen = {row["code"]}
    code = parents[row["code"]]
    while code in parents and code not in seen:
        seen.add(code)
        code = parents[code]
    depth = len(seen) if code else len(seen) - 1
    return levels[min(depth, len(levels) - 1)].level


def _cells(row: AnnexRow, known: Row | None, is_leaf: bool, base: Framework) -> dict[str, str]:
    """What the annex says, completed by what the base says of the same node."""
    cells = {column: row[column] for column in COLUMNS}
    for column, words in _WORDS.items():
        cells[column] = words.get(folded(cells[column]), cells[column])
    if known is not None and _is_same(row, known) and is_leaf == (not base.children[known["code"]]):
        keeps_rule = cells["rule"] in ("", known["rule"])
        for column in _KEPT:
            if not cells[column] and (keeps_rule or column not in ("parameters", "items_vi")):
                cells[column] = known[column]
    if is_leaf and not cells["rule"]:
        # A node of 0 points is shown but does not score, and points of nothing are no share.
        cells["rule"] = "published" if cells["max_points"] in ("0", "0.0") else "points"
    return cells


def _is_same(row: AnnexRow, known: Row) -> bool:
    """Whether annex and base name the same criterion: a code alone may have been given to another one."""
    return any(row[name] and folded(row[name]) == folded(known[name]) for name in ("name_vi", "name_en"))


def _write(folder: Path, nodes: Sequence[dict[str, str]], base: Framework) -> None:
    folder.mkdir()
    for name in ("framework.yaml", "groups.csv", "unranked.csv"):
        if (base.folder / name).is_file():
            shutil.copyfile(base.folder / name, folder / name)
    with (folder / "nodes.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(nodes)


def _refuse(faults: Sequence[str], out: Path) -> None:
    """Raise the first of the faults, if any; write all of them beside `out` where there are several."""
    if not faults:
        return
    listed = _list_of_faults(out)
    if len(faults) == 1:
        listed.unlink(missing_ok=True)
        raise FrameworkError(f"{faults[0]}.", "Nothing was imported; correct the annex.")
    listed.write_text("".join(f"{fault}.\n" for fault in faults), encoding="utf-8")
    raise FrameworkError(
        f"{faults[0]} (the first of {len(faults)} faults).",
        f"Nothing was imported; {listed} lists every fault, correct the annex.",
    )


def _list_of_faults(out: Path) -> Path:
    return out.with_name(f"{out.name}.faults.txt")


def _say(fault: Fault, source: str, places: Sequence[str]) -> str:
    """Name the annex and its row instead of the line of the file that was made of it."""
    if fault.of_tree:
        return f"{source}: the annex {fault.of_tree}"
    if fault.file != "nodes.csv" or not 2 <= fault.line <= len(places) + 1:
        return f"{source}: {fault}".rstrip(".")
    message = _LINE.sub(lambda line: f"in {places[int(line[1]) - 2]}", fault.message)
    return f"{source}, {places[fault.line - 2]}: {message}".rstrip(".")


def _swap(fresh: Path, out: Path, scratch: Path) -> None:
    """Put the fresh folder in the place of `out`; what stood there goes with the scratch folder."""
    if not out.exists():
        fresh.rename(out)
        return
    old = scratch / "old"
    out.rename(old)
    try:
        fresh.rename(out)
    except OSError:
        old.rename(out)
        raise
