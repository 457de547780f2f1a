"""A round (đợt đánh giá): one named set of inputs for a framework, described by round.yaml.

A round is of one period, or a standing round: it serves every period, whose inputs lie where `{period}`, `{year}` and
`{month}` in its paths and addresses say.
"""

from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import warehouse.reference
from tasks.sources.messages import visible
from tasks.sources.round_fields import Due, Period, RelativePath, WebAddress
from warehouse.errors import InputError
from warehouse.periods import due_day, filled, unknown_fields

FILE = "round.yaml"
BUNDLED = Path(warehouse.reference.__file__).parent / "rounds"
_NAME = r"[a-z0-9][a-z0-9._-]{0,63}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Strict):
    """One thing to gather.

    Attributes:
        source: Name of the source.
        framework: Framework it is for; None for every one.
        path: File or folder below the round's folder.
        url: One address.
        urls: Several addresses.
        critical: Whether the round fails without it.
        form: Form of a survey tool: asset uid, form id or survey id.
        project: Number of the project of ODK Central that the form belongs to.
        portals: `registry`: the portals of warehouse/reference/portals.csv.
        credential: Name of the credential; the credential itself stands in the environment or in a secret block.
    """

    source: str
    framework: str | None = None
    path: RelativePath | None = None
    url: WebAddress | None = None
    urls: tuple[WebAddress, ...] = ()
    critical: bool = False
    form: str = Field("", pattern=r"^[\w.-]{0,128}$")
    project: int | None = Field(None, ge=1)
    portals: Literal["registry"] | None = None
    credential: str = Field("", pattern=r"^([a-z][a-z0-9-]{0,30})?$")

    @model_validator(mode="after")
    def _one_place(self) -> "Entry":
        if self.portals and self.source != "inspection":
            raise ValueError("portals is a key of the source inspection only")
        if sum((self.path is not None, self.url is not None, bool(self.urls), self.portals is not None)) != 1:
            raise ValueError("it needs exactly one of path, url and urls")
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """The urls of the entry; none where it is a path."""
        return (self.url,) if self.url else self.urls


class Round(_Strict):
    """What round.yaml says.

    Attributes:
        round: Name; all facts of the round carry it.
        kind: Official figures, figures printed by the press, or made up ones.
        title_vi: Vietnamese title.
        title_en: English title.
        period: Period that is measured; None: a standing round, which serves every period.
        due: Day by which returns are due: a date, or a day (1 to 28) of the month after the period.
        seed: Seed of a synthetic round.
        sources: What to gather, in this order.
        corrections: File of declared corrections below the folder.
        folder: The round's folder.
    """

    round: str = Field(pattern=rf"^{_NAME}$")
    kind: Literal["official", "press", "synthetic"]
    title_vi: str = ""
    title_en: str = ""
    period: Period = None
    due: Due = None
    seed: int | None = None
    sources: tuple[Entry, ...] = Field(min_length=1)
    corrections: RelativePath | None = None
    folder: Path = Field(exclude=True)

    @model_validator(mode="after")
    def _seed_is_of_synthetic_rounds(self) -> "Round":
        if self.seed is not None and self.kind != "synthetic":
            raise ValueError("only a synthetic round has a seed")
        return self

    @model_validator(mode="after")
    def _fields_are_known(self) -> "Round":
        if self.period is None:
            for entry in self.sources:
                for text in filter(None, (entry.path, *entry.addresses)):
                    if unknown := unknown_fields(text):
                        raise ValueError(
                            f"{text} has the field {unknown[0]}; there are {{period}}, {{year}}, {{month}}"
                        )
        return self

    def for_period(self, period: str) -> "Round":
        """The round as it is for a period: a standing round with its fields filled in, any other one unchanged.

        Raises:
            InputError: It is no period, or `{month}` is asked of a year.
        """
        if self.period is not None:
            return self
        sources = tuple(
            entry.model_copy(
                update={
                    "path": filled(entry.path, period) if entry.path else None,
                    "url": filled(entry.url, period) if entry.url else None,
                    "urls": tuple(filled(url, period) for url in entry.urls),
                }
            )
            for entry in self.sources
        )
        return self.model_copy(update={"period": period, "sources": sources})

    def due_on(self, period: str) -> date | None:
        """Day by which the returns of a period are due; None where the round names none.

        Raises:
            InputError: It is no period.
        """
        return due_day(self.due, period) if isinstance(self.due, int) else self.due

    @property
    def corrections_file(self) -> Path | None:
        """The file of declared corrections, None where the round has none."""
        return self.folder / self.corrections if self.corrections else None

    def entries(self, framework: str) -> tuple[tuple[int, Entry], ...]:
        """Return position and entry of everything to gather for a framework."""
        return tuple((at, entry) for at, entry in enumerate(self.sources) if entry.framework in (None, framework))


def load_round(folder: Path) -> Round:
    """Read the description of a round.

    Args:
        folder: The round's folder, or its round.yaml.

    Raises:
        InputError: There is no round.yaml, or it has a fault; the message names the file and the key.
    """
    file = folder if folder.name == FILE and not folder.is_dir() else folder / FILE
    content = _read_yaml(file)
    if not isinstance(content, dict):
        raise InputError(f"{file} holds no keys.", "It begins with `round: name`.")
    try:
        found = Round.model_validate({**content, "folder": file.parent.resolve()})
    except ValidationError as error:
        raise _fault(file, error) from None
    _check_references(file, found)
    return found


def bundled_round(name: str = "press_2020") -> Round:
    """Return a round that comes with the project.

    Raises:
        InputError: There is none of that name.
    """
    if not (BUNDLED / name / FILE).is_file():
        known = ", ".join(sorted(path.parent.name for path in BUNDLED.glob(f"*/{FILE}")))
        raise InputError(f"There is no bundled round {name!r}.", f"Known are: {known}.")
    return load_round(BUNDLED / name)


def _read_yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"There is no {file}.", "Give the folder of a round, which holds a round.yaml.") from None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", "Mend its permissions.") from None
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8.", "Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{file}, line {line} is not YAML: {error.problem}.", "Mend that line.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is not YAML: {' '.join(str(error).split())}.", "Mend the file.") from None


def _fault(file: Path, error: ValidationError) -> InputError:
    """The first fault as a sentence; the hint names the others."""
    said = []
    for problem in error.errors(include_url=False):
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in problem["loc"])
        key = visible(key)
        said.append(f"key {key}: {_words(problem)}" if key else _words(problem))
    more = f" Also: {'; '.join(said[1:])}." if said[1:] else ""
    return InputError(f"{file}, {said[0]}.", f"Mend round.yaml.{more}")


def _words(problem: Any) -> str:
    if problem["type"] == "missing":
        return "it is missing"
    if problem["type"] == "extra_forbidden":
        return "there is no such key"
    return f"{str(problem['msg']).removeprefix('Value error, ')} (found {str(problem['input'])[:60]!r})"


def _check_references(file: Path, found: Round) -> None:
    """Prove that sources and corrections exist; files that are missing show when they are gathered."""
    from tasks.sources.registry import all_sources

    known = all_sources()
    for position, entry in enumerate(found.sources, start=1):
        if entry.source not in known:
            raise InputError(
                f"{file}, key sources.{position}.source: there is no source {entry.source!r}.",
                f"Known are: {', '.join(known)}.",
            )
    corrections = found.corrections_file
    if corrections and not (corrections.is_file() and corrections.resolve().is_relative_to(found.folder)):
        raise InputError(
            f"{file}, key corrections: there is no file {found.corrections!r} in the round's folder.",
            "Mend the path, or leave the key out.",
        )
