"""What the servers serve: forms with their submissions."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.errors import InputError

TOOLS = ("kobo", "odk", "limesurvey")
META = ("_id", "_uuid", "form", "version", "submitted_at")


@dataclass
class Form:
    """One form with its submissions.

    Attributes:
        tool: Tool that serves it.
        form: Asset uid, form id or survey id.
        submissions: Question to answer, with `_id`, `_uuid`, `form`, `version`, `submitted_at`; in the order of time.
        repeats: Name of a repeat to its rows, each with `owner`, the `_uuid` of its submission.
        review: `_uuid` to review state.
        updated: `_uuid` to the time of the last edit or review.
    """

    tool: str
    form: str
    submissions: list[dict[str, str]]
    repeats: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    review: dict[str, str] = field(default_factory=dict)
    updated: dict[str, str] = field(default_factory=dict)


def answers_of(submission: Mapping[str, str]) -> dict[str, str]:
    """The questions of a submission, without what the tool adds."""
    return {name: value for name, value in submission.items() if name not in META}


def write_form(file: Path, tool: str, form: str, submissions: Sequence[Mapping[str, str]]) -> None:
    """Write a form as JSON lines, the first of which says what it is; the same submissions give the same bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    header = {"synthetic": True, "tool": tool, "form": form}
    written = [json.dumps(line, ensure_ascii=False) for line in (header, *submissions)]
    file.write_text("\n".join(written) + "\n", encoding="utf-8")


def read_forms(files: Iterable[Path]) -> list[Form]:
    """Read forms back.

    Raises:
        InputError: A file is not of `write_form`.
    """
    return [_read(file) for file in files]


def _read(file: Path) -> Form:
    try:
        header, *submissions = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
        tool, form = header["tool"], header["form"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{file} is no form of a synthetic round.", "Make the round again: dti demo make-round."
        ) from None
    if tool not in TOOLS:
        raise InputError(f"{file} names the tool {tool!r}.", f"Known are: {', '.join(TOOLS)}.")
    return Form(tool, form, submissions)
