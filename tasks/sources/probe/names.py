"""The addresses that a host name has."""

import ipaddress
import socket
from typing import Any

_NO_SUCH = {getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)}
_MOST = 8


def dns_facts(host: str) -> dict[str, Any]:
    """Look up the IPv4 and IPv6 addresses of a host.

    Returns:
        `host`, `ipv4` and `ipv6` (lists of addresses), and `error` where nothing is known about its IPv6 addresses.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return {"host": host, "ipv4": [], "ipv6": [], "error": "the portal is given by its address, not by a name"}
    four, error_of_four = _look_up(host, socket.AF_INET)
    six, error = _look_up(host, socket.AF_INET6)
    if not four and not six:
        error = error or error_of_four or "the name has no address"
    return {"host": host, "ipv4": four, "ipv6": six, "error": error}


def _look_up(host: str, family: socket.AddressFamily) -> tuple[list[str], str]:
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, family, socket.SOCK_STREAM)}
    except socket.gaierror as error:
        return [], "" if error.errno in _NO_SUCH else "the name server did not answer"
    except (OSError, UnicodeError):
        return [], "the name cannot be looked up"
    return sorted(found)[:_MOST], ""
