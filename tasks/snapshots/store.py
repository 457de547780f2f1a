"""The snapshot store: bytes under their sha256, and beside them who sent them.

    ab/abcdef...                     the bytes as received
    ab/abcdef....0123456789abcdef.json   an origin card: source, round, origin, period, time, status, headers, ...

The same bytes may come from several origins, or from one that did not change from one period to the next: each origin
gets its own card in each period. Nothing here is ever changed: a file appears whole or not at all, and receiving the
same bytes from the same origin in the same period again leaves everything as it was.
"""

import errno
import hashlib
import json
import logging
import os
import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from tasks.sources.base import Receipt
from warehouse.errors import SnapshotError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Card:
    """Where a snapshot came from: one row of the SNAPSHOT frame.

    Attributes:
        sha256: Identity of the bytes.
        source: Name of the source.
        round: Name of the round.
        origin: Url, or path relative to the round's folder.
        period: Period of the round.
        size: Number of bytes.
        media_type: As said by the sender.
        fetched_at: When the bytes first came from this origin.
        http_status: Status of the response, None for a file.
        headers: Response headers that matter.
    """

    sha256: str
    source: str
    round: str
    origin: str
    period: str
    size: int
    media_type: str
    fetched_at: datetime
    http_status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def row(self) -> dict[str, object]:
        """Return the card as a row of the SNAPSHOT frame."""
        return {**asdict(self), "headers": json.dumps(self.headers, ensure_ascii=False, sort_keys=True)}

    def to_json(self) -> str:
        """Return the card as it is kept on disk."""
        fields = {**asdict(self), "fetched_at": self.fetched_at.isoformat()}
        return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Read a card back."""
        fields = json.loads(text)
        return cls(**{**fields, "fetched_at": datetime.fromisoformat(fields["fetched_at"])})


class SnapshotStore:
    """Content-addressed store below one folder; several processes may use it at once.

    Args:
        root: The folder; it is made when the first bytes come.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, receipt: Receipt, *, source: str, round_name: str, period: str = "") -> str:
        """Keep the bytes of a receipt and a card of their origin.

        Args:
            receipt: What arrived.
            source: Name of the source.
            round_name: Name of the round.
            period: Period of the round.

        Returns:
            The sha256 of the bytes. Bytes that are there already stay, and so does the card of the first time.

        Raises:
            SnapshotError: They cannot be written: the disk is full or read-only.
        """
        sha256 = hashlib.sha256(receipt.content).hexdigest()
        card = Card(
            sha256=sha256,
            source=source,
            round=round_name,
            origin=receipt.origin,
            period=period,
            size=len(receipt.content),
            media_type=receipt.media_type,
            fetched_at=receipt.fetched_at,
            http_status=receipt.http_status,
            headers=dict(receipt.headers),
        )
        try:
            self._keep_content(sha256, receipt.content)
            self._keep_card(card)
        except OSError as error:
            raise _cannot_write(receipt.origin, self.root, error) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a snapshot after verifying them.

        Raises:
            SnapshotError: They are not there, cannot be read, or are no longer the bytes that were received.
        """
        file = self.path(sha256)
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            raise SnapshotError(
                f"The snapshot {sha256} is not in {self.root}.", "Gather the round again, or restore the folder."
            ) from None
        except OSError as error:
            raise SnapshotError(f"The snapshot {file} cannot be read: {error.strerror}.", "Mend the folder.") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise SnapshotError(
                f"The snapshot {file} was altered: its bytes no longer match its sha256.",
                "Restore the file from a backup, or delete it and gather the round again.",
            )
        return content

    def cards(self, sha256: str) -> list[Card]:
        """Return the cards of a snapshot, ordered by source, round, origin and period; none for unknown bytes.

        Raises:
            SnapshotError: A card cannot be read.
        """
        cards = [self._read_card(file) for file in self.path(sha256).parent.glob(f"{sha256}.*.json")]
        return sorted(cards, key=lambda card: (card.source, card.round, card.origin, card.period))

    def card(self, sha256: str, *, source: str, round_name: str, origin: str, period: str) -> Card:
        """Return the card of one origin of a snapshot in one period.

        Raises:
            SnapshotError: There is none, or it cannot be read.
        """
        return self._read_card(self._card_file(sha256, source, round_name, origin, period))

    def verify(self) -> int:
        """Read every snapshot again.

        Returns:
            Number of snapshots, all of them unaltered.

        Raises:
            SnapshotError: One cannot be read or was altered; the message names it.
        """
        names = [file.name for file in self.root.glob("??/*") if _SHA256.fullmatch(file.name)]
        for sha256 in names:
            self.get(sha256)
        return len(names)

    def path(self, sha256: str) -> Path:
        """Return where the bytes of a snapshot are kept.

        Raises:
            SnapshotError: The text is not a sha256.
        """
        if not _SHA256.fullmatch(sha256):
            raise SnapshotError(f"{sha256!r} is not a sha256.", "Give its 64 hexadecimal digits.")
        return self.root / sha256[:2] / sha256

    def _keep_content(self, sha256: str, content: bytes) -> None:
        file = self.path(sha256)
        if file.is_file():
            if hashlib.sha256(file.read_bytes()).hexdigest() == sha256:
                with suppress(OSError):
                    os.utime(file)  # it is wanted again: nobody may call it old
                return
            _logger.warning("The snapshot %s was altered on disk; the bytes that arrived again replace it.", file)
        _write_whole(file, content, replace=True)

    def _keep_card(self, card: Card) -> None:
        file = self._card_file(card.sha256, card.source, card.round, card.origin, card.period)
        if not file.is_file():
            _write_whole(file, card.to_json().encode(), replace=False)

    def _card_file(self, sha256: str, source: str, round_name: str, origin: str, period: str) -> Path:
        def named(*parts: str) -> Path:
            key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
            return self.path(sha256).with_name(f"{sha256}.{key}.json")

        file, before = named(source, round_name, origin, period), named(source, round_name, origin)
        # Cards were once named without their period; one of this period stays the card of the first time.
        is_old = not file.is_file() and before.is_file() and self._read_card(before).period == period
        return before if is_old else file

    @staticmethod
    def _read_card(file: Path) -> Card:
        try:
            return Card.from_json(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SnapshotError(f"The origin card {file} is not there.", "Gather the round again.") from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise SnapshotError(
                f"The origin card {file} cannot be read.", "Restore it from a backup, or delete it and gather again."
            ) from error


def _write_whole(file: Path, content: bytes, *, replace: bool) -> None:
    """Write a file so that it appears whole or not at all, and survives a power cut.

    Args:
        file: Where it goes.
        content: All of it.
        replace: Whether it replaces a file of that name; otherwise the first of two writers wins.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".unfinished-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with unfinished.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace or not _link(unfinished, file):
            unfinished.replace(file)
        _sync_folder(file.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _link(unfinished: Path, file: Path) -> bool:
    """Give the file its name unless the name is taken; False where the file system has no hard links."""
    try:
        file.hardlink_to(unfinished)
    except FileExistsError:
        return True
    except OSError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_write(origin: str, root: Path, error: OSError) -> SnapshotError:
    if error.errno in _FULL:
        why, hint = "the disk is full", "Free some space, or set DTI_HOME to another disk; then run again."
    elif error.errno in _READ_ONLY:
        why, hint = "the folder is read-only", "Make it writable, or set DTI_HOME to another folder; then run again."
    else:
        why, hint = (error.strerror or str(error)).lower(), "Set DTI_HOME to a folder that can be written to."
    return SnapshotError(f"The bytes of {origin} cannot be kept in {root}: {why}.", hint)
