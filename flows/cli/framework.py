"""`dti framework`: list, prove and import frameworks."""

import sys
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from cyclopts import App

from flows.cli.output import Format, console, show
from flows.labels import counted
from warehouse.errors import FrameworkError
from warehouse.settings import get_settings

if TYPE_CHECKING:
    from warehouse.frameworks.crosswalks.coverage import Coverage

app = App(name="framework", help="The indices as data: list them, prove a folder, import the ministry's annex.")
_TITLE = 65  # letters of a title that leave the table readable in 120 columns
app.command("flows.cli.audit:app", name="audit", help="Correlations, influence, redundant and silent indicators.")


@app.command(name="list")
def list_frameworks(*, format: Format = "table") -> None:
    """List the frameworks at hand.

    Args:
        format: table, csv or json; long titles are cut, and the folders left out, in the table.
    """
    from warehouse.frameworks.loader import framework_names, load_framework

    rows: list[dict[str, Any]] = []
    for name in framework_names():
        loaded = load_framework(name)
        rows.append(
            {
                "framework": name,
                "nodes": len(loaded.nodes),
                "criteria": len(loaded.leaves),
                "reconstructed": sum(node.status == "reconstructed" for node in loaded.nodes),
                "title": loaded.description.title_vi or loaded.description.title_en,
                "folder": str(loaded.folder),
            }
        )
    if format == "table":
        rows = [row | {"title": shorten(str(row["title"]), _TITLE, placeholder=" …")} for row in rows]
        rows = [{name: value for name, value in row.items() if name != "folder"} for row in rows]
    show(rows, format)


@app.command
def check(framework: str) -> None:
    """Prove a framework: counts, points, codes, parents, rules and parameters; every fault with file and line.

    Args:
        framework: Name of a framework, or the path of a framework folder.
    """
    from warehouse.frameworks.check import parse_folder
    from warehouse.frameworks.loader import framework_folder

    folder = framework_folder(framework)
    parsed, faults = parse_folder(folder)
    for fault in faults:
        print(f"{folder}/{fault}", file=sys.stderr)
    if faults or parsed is None:
        raise FrameworkError(
            f"{folder} has {counted(len(faults), 'fault')}.", "docs/frameworks.md documents the format."
        )
    nodes = parsed.nodes
    reconstructed = sum(node.status == "reconstructed" for node in nodes)
    print(
        f"{folder}: {len(nodes)} nodes, {nodes[0].max_points:g} points, no faults; {reconstructed} reconstructed rows."
    )


@app.command
def crosswalk(earlier: str, later: str, *, format: Format = "table") -> None:
    """Show which nodes of an edition go on in another one, and which share of the points of both that covers.

    Args:
        earlier: Name of the earlier edition.
        later: Name of the later edition.
        format: table, csv or json; the shares stand below the table only.
    """
    from warehouse.frameworks.crosswalks.coverage import coverage
    from warehouse.frameworks.crosswalks.tables import crosswalk_file, read_crosswalk
    from warehouse.frameworks.loader import load_framework

    crossings = read_crosswalk(crosswalk_file(earlier, later))
    editions = load_framework(earlier), load_framework(later)
    show(
        [
            {
                "from": row.from_node,
                "to": row.to_node,
                "kind": row.kind,
                "points": " to ".join(
                    f"{sum(edition.by_code[code].max_points for code in codes):g}"
                    for edition, codes in zip(editions, (row.from_nodes, row.to_nodes), strict=True)
                ),
                "note": row.note,
            }
            for row in crossings
        ],
        format,
    )
    if format == "table":
        console().print()
        for covered in coverage(crossings, *editions):
            console().print(_covered(covered), markup=False)


def _covered(found: "Coverage") -> str:
    """How much of an edition a crosswalk covers, in a sentence."""
    rest = f"; not covered: {', '.join(found.uncovered)}" if found.uncovered else ""
    return (
        f"Of {found.framework} it covers {found.share:.1%} of the {found.unit} ({found.covered:g} of {found.total:g}), "
        f"{found.same_share:.1%} by nodes that are the same{rest}."
    )


@app.command(name="import")
def import_framework(file: Path, *, base: str = "province_2020", out: Path | None = None) -> None:
    """Replace a reconstructed tree by the ministry's table, after the same checks.

    Args:
        file: The annex, XLSX or CSV.
        base: Framework whose description it completes and whose rules it keeps where the annex is silent.
        out: Folder to write; by default the state folder, where it wins over the bundled framework of that name.
    """
    from warehouse.frameworks.importer import import_annex
    from warehouse.frameworks.loader import load_framework

    loaded = load_framework(base)
    folder = out or get_settings().frameworks / loaded.name
    replaces = folder.exists()
    import_annex(file, loaded, folder)
    earlier = ", in place of the one that stood there" if replaces else ""
    print(f"{file} is now the framework {loaded.name} in {folder}{earlier}.")
