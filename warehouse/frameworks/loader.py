"""Reading a framework folder. What it says is proved by `check`; a folder with faults is never scored."""

import hashlib
from pathlib import Path

from warehouse.errors import FrameworkError
from warehouse.frameworks.check import Fault, parse_folder
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings

BUNDLED = Path(__file__).parent
FILES = (
    "framework.yaml",
    "nodes.csv",
    "groups.csv",
    "survey.yaml",
    "survey_population.csv",
    "survey_margins.csv",
    "experts.yaml",
    "tone.yaml",
    "inspection.yaml",
    "checks.yaml",
    "form_versions.csv",
    "targets.csv",
    "unranked.csv",
    "uncertainty.yaml",
)


def framework_names() -> list[str]:
    """Names of all frameworks at hand: the bundled ones and those imported under the state folder."""
    folders = [folder for root in (BUNDLED, get_settings().frameworks) if root.is_dir() for folder in root.iterdir()]
    return sorted({folder.name for folder in folders if (folder / "framework.yaml").is_file()})


def framework_folder(name: str | Path) -> Path:
    """Folder of a framework given by name or by path; an imported one wins over the bundled one.

    Raises:
        FrameworkError: No such framework.
    """
    text = str(name)
    candidates = [Path(text)] if any(mark in text for mark in "/\\") or Path(text, "framework.yaml").is_file() else []
    candidates += [get_settings().frameworks / text, BUNDLED / text]
    for folder in candidates:
        if (folder / "framework.yaml").is_file():
            return folder
    if Path(text).is_dir():
        raise FrameworkError(
            f"The folder {text} holds no framework.yaml.", "docs/frameworks.md shows what a framework folder holds."
        )
    known = ", ".join(framework_names())
    raise FrameworkError(
        f"There is no framework {text!r}.", f"Known are: {known}; or give the path of a framework folder."
    )


def load_framework(name: str | Path) -> Framework:
    """Read and prove a framework.

    Args:
        name: Name of a bundled or imported framework, or path of a folder.

    Returns:
        The framework with all defaults filled in.

    Raises:
        FrameworkError: No such framework, or it has faults; the message names the first ones with file and line.
    """
    folder = framework_folder(name)
    parsed, faults = parse_folder(folder)
    if faults or parsed is None:
        raise FrameworkError(_summary(folder, faults), f"`dti framework check {folder}` lists every fault.")
    return Framework(
        description=parsed.description,
        nodes=parsed.nodes,
        groups=parsed.groups,
        targets=parsed.targets,
        unranked=parsed.unranked,
        folder=folder,
        digest=framework_digest(folder),
    )


def framework_digest(folder: Path) -> str:
    """sha256 over the names and bytes of the framework's files."""
    digest = hashlib.sha256()
    for name in FILES:
        file = folder / name
        if file.is_file():
            digest.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _summary(folder: Path, faults: list[Fault]) -> str:
    shown = "; ".join(str(fault).rstrip(".") for fault in faults[:3])
    more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
    return f"The framework in {folder} has {len(faults)} fault{'s' if faults[1:] else ''}: {shown}{more}."
