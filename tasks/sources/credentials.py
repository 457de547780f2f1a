"""Credentials of survey tools: named in round.yaml, kept in the environment or in secret blocks, never shown."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from warehouse.errors import SourceUnavailable

Vault = Callable[[str], str]
_PARTS = ("token", "user", "password")
_VAULT: ContextVar[Vault] = ContextVar("vault", default=lambda _: "")


@dataclass(frozen=True, repr=False)
class Credential:
    """What a tool wants to see: a token, or user and password. Its repr shows nothing.

    Attributes:
        name: Name in round.yaml.
        token: Token, or empty.
        user: User name, or empty.
        password: Password, or empty.
    """

    name: str
    token: str = ""
    user: str = ""
    password: str = ""


@contextmanager
def secrets_from(vault: Vault) -> Iterator[None]:
    """Look up what the environment does not have: `vault("kobo-token")` gives the secret, or empty text."""
    before = _VAULT.set(vault)
    try:
        yield
    finally:
        _VAULT.reset(before)


def credential(name: str, *, needs: tuple[str, ...]) -> Credential:
    """Look up a credential: `DTI_<NAME>_TOKEN`, `_USER`, `_PASSWORD`, else the secret blocks `dti-<name>-token` etc.

    Args:
        name: Name in round.yaml.
        needs: Which parts the tool cannot do without: `token`, or `user` and `password`.

    Raises:
        SourceUnavailable: A part is missing.
    """
    stem = name.upper().replace("-", "_")
    found = {
        part: os.environ.get(f"DTI_{stem}_{part.upper()}", "") or _VAULT.get()(f"{name}-{part}") for part in _PARTS
    }
    missing = [part for part in needs if not found[part]]
    if missing:
        variables = " and ".join(f"DTI_{stem}_{part.upper()}" for part in missing)
        blocks = " and ".join(f"dti-{name}-{part}" for part in missing)
        raise SourceUnavailable(
            f"There is no {' and no '.join(missing)} for the credential {name!r}.",
            f"Set {variables}, or make the Prefect secret block {blocks}.",
        )
    return Credential(name, **found)
