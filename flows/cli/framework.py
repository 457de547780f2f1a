"""`dti framework`: list, prove and import frameworks."""

import sys
from pathlib import Path

from cyclopts import App

from flows.cli.output import Format, show
from warehouse.errors import FrameworkError
from warehouse.settings import get_settings

app = App(name="framework", help="The indices as data: list them, prove a folder, import the ministry's annex.")
app.command("flows.cli.audit:app", name="audit", help="Correlations, influence, redundant and silent indicators.")


@app.command(name="list")
def list_frameworks(*, format: Format = "table") -> None:
    """List the frameworks at hand."""
    from warehouse.frameworks.loader import framework_names, load_framework

    rows = []
    for name in framework_names():
        loaded = load_framework(name)
        rows.append(
            {
                "framework": name,
                "title": loaded.description.title_vi or loaded.description.title_en,
                "nodes": len(loaded.nodes),
                "criteria": len(loaded.leaves),
                "reconstructed": sum(node.status == "reconstructed" for node in loaded.nodes),
                "folder": str(loaded.folder),
            }
        )
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
        raise FrameworkError(f"{folder} has {len(faults)} fault(s).", "docs/frameworks.md documents the format.")
    nodes = parsed.nodes
    reconstructed = sum(node.status == "reconstructed" for node in nodes)
    print(
        f"{folder}: {len(nodes)} nodes, {nodes[0].max_points:g} points, no faults; {reconstructed} reconstructed rows."
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
