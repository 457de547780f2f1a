"""Addresses: whose they are, and which links of a page may be followed."""

import ipaddress
import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2_000
_UNFIT = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|zarsrc", re.IGNORECASE)


def site_of(url: str) -> str:
    """Return who answers at an address: the host, with its port where that is not the usual one; `www.` is left out.

    Raises:
        ValueError: It is no address.

    >>> site_of("https://www.Example.vn/a"), site_of("http://127.0.0.1:8790/")
    ('example.vn', '127.0.0.1:8790')
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if not host:
        raise ValueError("no host")
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, _PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def is_loopback(url: str) -> bool:
    """Whether an address is one of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def absolute(link: object, base: str) -> str:
    """Return where a link of a page leads, empty where that is no address of the web.

    The fragment and what only tells the portal where a reader came from are left out: the article is the same.

    >>> absolute("../b.html?utm_source=rss&id=1#top", "https://x.vn/a/c/d.html")
    'https://x.vn/a/b.html?id=1'
    >>> absolute("javascript:alert(1)", "https://x.vn/")
    ''
    """
    if not isinstance(link, str):
        return ""
    link = link.strip()
    if not link or len(link) > _LONGEST or _UNFIT.search(link):
        return ""
    try:
        parts = urlsplit(urljoin(base, link))
        site_of(parts.geturl())
        if parts.scheme not in _PORTS or parts.username or parts.password:
            return ""
    except ValueError:
        return ""
    query = parts.query
    if _TRACKING.search(query):
        kept = [pair for pair in query.split("&") if not _TRACKING.fullmatch(pair.partition("=")[0])]
        query = "&".join(kept)
    return parts._replace(fragment="", query=query, path=parts.path or "/").geturl()


def with_parameter(url: str, name: str, value: int) -> str:
    """Return an address with one parameter set.

    >>> with_parameter("https://x.vn/c?page=1&size=9", "page", 2)
    'https://x.vn/c?size=9&page=2'
    """
    parts = urlsplit(url)
    pairs = [(key, said) for key, said in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return parts._replace(query=urlencode([*pairs, (name, str(value))])).geturl()
