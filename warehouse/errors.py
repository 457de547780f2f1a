"""The errors that reach a person: one clear sentence, and what to do."""


class DtiError(Exception):
    """Something went wrong that the user can understand and mend.

    Args:
        message: One sentence that says what is wrong, naming the file, row or agency.
        hint: What to do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[type["DtiError"], tuple[str, str]]:
        return type(self), (self.message, self.hint)


class FrameworkError(DtiError):
    """A framework folder does not exist or breaks the format of docs/frameworks.md."""


class AgencyError(DtiError):
    """A name or code stands for no agency, or for several, at the date asked for."""


class InputError(DtiError):
    """A file or an option given by the user cannot be used."""


class BatchRefused(DtiError):
    """A whole file is unusable: not readable, not a return, or a needed column is missing."""


class SourceUnavailable(DtiError):
    """A source did not answer or its files are not there."""


class PartlyUnavailable(SourceUnavailable):
    """Some of what a source offers did not arrive; the rest did."""


class SnapshotError(DtiError):
    """The bytes of a snapshot are missing or no longer match their sha256."""


class WarehouseError(DtiError):
    """The warehouse cannot be reached, written to, or is of another schema version."""


class ConnectionLost(WarehouseError):
    """The warehouse cannot be reached, or the connection was lost before anything was kept: trying again may help."""


class RoundBusy(DtiError):
    """Another run of the same round is at work."""


class DecisionRefused(DtiError):
    """A decision on a vintage cannot be carried out: nobody decides, or the figures are not those that were shown."""


class ComparisonRefused(DtiError):
    """Two results cannot be compared; the hint says what could be."""
