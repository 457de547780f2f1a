"""The certificate of a portal, seen as a browser sees it."""

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import certifi

from tasks.sources.transport.session import refuse_private
from warehouse.errors import SourceUnavailable

_REASONS = {
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is signed by itself",
    19: "the chain ends in an unknown authority",
    20: "the chain ends in an unknown authority",
    21: "the chain ends in an unknown authority",
    62: "the certificate is for another host",
    64: "the certificate is for another host",
}


def tls_facts(host: str, port: int, *, ca_bundle: Path | None, seconds: float, allow_private: bool) -> dict[str, Any]:
    """Make one encrypted connection and say what became of it.

    Args:
        host: Name that the certificate must be for.
        port: Port.
        ca_bundle: PEM file of trusted authorities; None: those of the bundle that comes with requests.
        seconds: Patience.
        allow_private: Whether the host may have an address that is not public.

    Returns:
        `outcome` (pass; fail where the certificate is not to be trusted or nothing encrypted is offered; unchecked
        where the host could not be asked), `reason`, `not_after` (ISO time or None), `issuer`, `protocol`, `host` and
        `port`.
    """
    facts: dict[str, Any] = {"host": host, "port": port, "not_after": None, "issuer": "", "protocol": ""}
    try:
        if not allow_private:
            refuse_private(host)
        context = ssl.create_default_context(cafile=str(ca_bundle or certifi.where()))
        with socket.create_connection((host, port), timeout=seconds) as plain:
            if not allow_private:
                refuse_private(str(plain.getpeername()[0]))  # the name server may have changed its mind
            with context.wrap_socket(plain, server_hostname=host) as secure:
                return facts | _certificate(secure)
    except SourceUnavailable as refusal:
        return facts | {"outcome": "unchecked", "reason": refusal.message}
    except ssl.SSLCertVerificationError as error:
        reason = _REASONS.get(error.verify_code, "the certificate cannot be verified")
        return facts | {"outcome": "fail", "reason": reason}
    except ssl.SSLError:
        return facts | {"outcome": "fail", "reason": "no encrypted connection could be made"}
    except ConnectionRefusedError:
        return facts | {"outcome": "fail", "reason": f"nothing answers on port {port}"}
    except (OSError, ValueError):
        return facts | {"outcome": "unchecked", "reason": "the host did not answer"}


def _certificate(secure: ssl.SSLSocket) -> dict[str, Any]:
    found: Any = secure.getpeercert() or {}
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC)
    names = {name: value for part in found.get("issuer", ()) for name, value in part}
    return {
        "outcome": "pass",
        "reason": "",
        "not_after": until.isoformat(),
        "issuer": str(names.get("organizationName") or names.get("commonName") or "")[:120],
        "protocol": str(secure.version() or ""),
    }
