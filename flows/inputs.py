"""Which inputs a round without a named folder has: the user's own of the period, else the published ones."""

from pathlib import Path

from tasks.sources.bundled import bundled_folder, bundled_periods
from tasks.sources.rounds import FILE, load_round
from warehouse.errors import DtiError, FrameworkError, InputError
from warehouse.frameworks.declaration import Description
from warehouse.frameworks.loader import framework_folder, framework_names, load_framework
from warehouse.frameworks.model import Framework
from warehouse.settings import get_settings


def round_folder(framework: str, period: str) -> Path:
    """Return the folder of the inputs of a period.

    Args:
        framework: Name or folder of a framework.
        period: The period.

    Returns:
        The folder of the period below the rounds (DTI_ROUNDS) where the round in it has a source for the framework,
        else that of the published figures of the framework that come with the project.

    Raises:
        InputError: There is neither, or the round of the period cannot be read; the hint says what can be done.
        FrameworkError: There is no such framework.
    """
    own = get_settings().rounds / period
    has_own = (own / FILE).is_file()
    loaded = load_framework(framework)
    description = loaded.description
    if has_own and load_round(own).entries(description.framework):
        return own
    bundled = bundled_folder(description, period)
    if bundled is None and not has_own:
        raise _nothing(loaded, f" of {period}")
    return bundled or own  # whose refusal says that it has no source for the framework


def newest_period(framework: str) -> str:
    """Return the newest period of which there are inputs: the user's own, or published figures.

    Args:
        framework: Name or folder of a framework, or a kind, whose editions are then looked at.

    Raises:
        InputError: There are none; the hint says what can be done.
        FrameworkError: There is no such framework or kind.
    """
    editions = [load_framework(name) for name in _editions(framework)]
    described = [one.description for one in editions]
    periods = {period for one in described for period in (*bundled_periods(one), *_own_periods(one))}
    if not periods:
        raise _nothing(editions[-1], "")
    return max(periods)


def described_inputs(framework: str, folder: Path) -> str:
    """Say in a sentence where the inputs of a run come from.

    Args:
        framework: Name of the framework.
        folder: Folder of the round.
    """
    found = load_round(folder)
    own = folder.is_relative_to(get_settings().rounds)
    whose = "your own round of the period" if own else "published figures that come with the project"
    return f"Inputs of {framework}: round {found.round}, {whose} ({folder})."


def _editions(framework: str) -> list[str]:
    try:
        framework_folder(framework)
    except FrameworkError:
        editions = [name for name in framework_names() if name.rpartition("_")[0] == framework]
        if not editions:
            raise
        return editions
    return [framework]


def _own_periods(description: Description) -> list[str]:
    """Periods below the rounds that the edition is for and that have a source for it."""
    found = []
    for file in get_settings().rounds.glob(f"*/{FILE}"):
        period = file.parent.name
        try:
            if description.serves(period) and load_round(file.parent).entries(description.framework):
                found.append(period)
        except DtiError:  # no period, or a round with a fault: it is named when it is run
            continue
    return found


def _made_up(framework: Framework) -> str:
    """How the framework is tried with made-up figures, in a sentence."""
    from tasks.demo.round import months_instead

    if framework.is_dashboard:
        return months_instead(framework)
    return f"Or try it with made-up figures: `dti demo run --framework {framework.name}`."


def _nothing(framework: Framework, of_period: str) -> InputError:
    description = framework.description
    there = bundled_periods(description)
    published = (
        f"Published figures come with the project for {', '.join(there)}: --period {there[-1]}. " if there else ""
    )
    return InputError(
        f"There are no inputs{of_period} for {description.framework}: no round below {get_settings().rounds}, "
        "and no published figures.",
        f"{published}Name the folder of a round with --round. {_made_up(framework)}",
    )
