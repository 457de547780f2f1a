"""robots.txt: what a host lets a crawler ask for, and how fast (RFC 9309)."""

from collections.abc import Callable
from urllib.parse import urlsplit

import protego

from tasks.sources.crawl.places import site_of
from tasks.sources.messages import shown
from warehouse.errors import SourceUnavailable

AGENT = "dti-warehouse"
_SLOWEST = 300.0  # seconds; a host that wants longer pauses is not asked
_ASK_OWNER = "Ask the operator of the portal for leave, or take an export of it (source post_export)."


class Forbidden(SourceUnavailable):
    """robots.txt forbids an address."""


class Robots:
    """The rules of the hosts that one walk comes to; each robots.txt is asked for once.

    Args:
        ask: Gives the text of the robots.txt at an address, None where there is none.
    """

    def __init__(self, ask: Callable[[str], str | None]) -> None:
        self._ask = ask
        self._rules: dict[str, protego.Protego] = {}
        self._failed: dict[str, SourceUnavailable] = {}

    def check(self, url: str) -> None:
        """Prove that an address may be asked for.

        Raises:
            Forbidden: It may not.
            SourceUnavailable: Nobody knows, because robots.txt does not come; or the pauses are too long.
        """
        if not self._of(url).can_fetch(url, AGENT):
            raise Forbidden(f"The robots.txt of {site_of(url)} forbids {shown(url)}.", _ASK_OWNER)

    def pause(self, url: str) -> float:
        """Seconds between two requests that the host wants."""
        return float(self._of(url).crawl_delay(AGENT) or 0.0)

    def _of(self, url: str) -> protego.Protego:
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        if failed := self._failed.get(root):
            raise failed
        if root not in self._rules:
            try:
                self._rules[root] = self._read(root)
            except SourceUnavailable as error:
                self._failed[root] = error
                raise
        return self._rules[root]

    def _read(self, root: str) -> protego.Protego:
        try:
            rules = protego.Protego.parse(self._ask(f"{root}/robots.txt") or "")
        except SourceUnavailable as error:
            raise type(error)(f"The robots.txt of {root} does not come: {error.message}", error.hint) from None
        wanted = float(rules.crawl_delay(AGENT) or 0.0)
        if not 0.0 <= wanted <= _SLOWEST:
            raise SourceUnavailable(f"The robots.txt of {root} wants pauses of {wanted:.0f} seconds.", _ASK_OWNER)
        return rules
