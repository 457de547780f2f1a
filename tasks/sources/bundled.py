"""The rounds of published figures that come with the project: which framework and periods each is for."""

from pathlib import Path

from tasks.sources.rounds import BUNDLED, FILE, Entry, Round, load_round
from warehouse.frameworks.declaration import Description
from warehouse.periods import PERIOD

_FIELD = "{period}"


def bundled_rounds(framework: str) -> list[Round]:
    """Return the bundled rounds that have a source for a framework by name, in the order of the alphabet."""
    found = [load_round(file.parent) for file in sorted(BUNDLED.glob(f"*/{FILE}"))]
    return [one for one in found if _entries(one, framework)]


def bundled_folder(description: Description, period: str) -> Path | None:
    """Folder of the bundled round that has figures of a framework for a period; None where there is none.

    Args:
        description: What framework.yaml says.
        period: The period.
    """
    rounds = bundled_rounds(description.framework)
    return next((one.folder for one in rounds if period in _periods(one, description)), None)


def bundled_periods(description: Description) -> list[str]:
    """Periods of which there are bundled figures of a framework, the oldest first.

    Args:
        description: What framework.yaml says; periods that it is not for are left out.
    """
    return sorted({period for one in bundled_rounds(description.framework) for period in _periods(one, description)})


def _entries(one: Round, framework: str) -> list[Entry]:
    return [entry for entry in one.sources if entry.framework == framework]


def _periods(one: Round, description: Description) -> set[str]:
    """Periods of a round: its own, or those of which every file of the framework is there."""
    if one.period is not None:
        found = {one.period}
    else:
        files = [_of_files(one.folder, entry.path or "") for entry in _entries(one, description.framework)]
        found = set.intersection(*files)
    return {period for period in found if description.serves(period)}


def _of_files(folder: Path, path: str) -> set[str]:
    """Periods of which a file of a standing round is there."""
    before, _, after = path.partition(_FIELD)
    names = (str(file.relative_to(folder)) for file in folder.glob(f"{before}*{after}"))
    periods = (name.removeprefix(before).removesuffix(after) for name in names)
    return {period for period in periods if PERIOD.fullmatch(period)}
