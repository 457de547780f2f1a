"""What an inspection of a portal looks at: one row of `checks.csv` per check, with its rule and its citation.

A further section of portals, or a further word for one, is one row or one word of that table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from warehouse.errors import InputError
from warehouse.reference.agencies import FOLDER
from warehouse.reference.tables import rows

CHECKS_FILE = FOLDER / "checks.csv"
# What is asked of each portal, in this order; a page that a check `follows` is linked from another page.
PAGES = (
    "home",
    "sitemap",
    "feed",
    "search",
    "digital_transformation",
    "digital_government",
    "digital_economy",
    "digital_society",
    "open_data",
    "feedback",
    "services",
    "catalogue",
)
KINDS = (
    "reachable",
    "https_valid",
    "https_days_left",
    "http_redirect",
    "response_time",
    "header",
    "ipv6",
    "link",
    "link_host",
    "search_form",
    "words",
    "element",
    "suffix",
    "opened",
    "fresh",
    "feed",
    "sitemap",
    "search",
    "catalogue",
    "lang",
    "title",
    "alt",
    "headings",
    "contrast",
    "viewport",
    "accessible",
)
_WITH_A_NUMBER = ("https_days_left", "response_time", "fresh", "alt", "contrast")
_WITH_WORDS = ("link", "link_host", "words", "suffix", "header", "element")


@dataclass(frozen=True)
class Check:
    """One thing that an inspection looks at.

    Attributes:
        code: Its code.
        family: What it belongs to: transport, sections, freshness, topics, services, accessibility, ...
        kind: How it is decided; one of `KINDS`.
        page: The page that is looked at; empty where facts of the connection decide.
        argument: What the kind needs: words separated by `|`, a limit, the name of a header, an XPath.
        follow: Page that the link found leads to; empty for none.
        title_vi: Vietnamese title.
        title_en: English title.
        unit: Unit of the value; empty where there is none.
        citation: Where the rule was printed.
    """

    code: str
    family: str
    kind: str
    page: str
    argument: str
    follow: str
    title_vi: str
    title_en: str
    unit: str
    citation: str

    @property
    def words(self) -> tuple[str, ...]:
        """The argument as a list."""
        return tuple(word.strip() for word in self.argument.split("|"))

    @property
    def limit(self) -> float:
        """The argument as a number."""
        return float(self.argument)


@lru_cache(maxsize=1)
def load_checks() -> dict[str, Check]:
    """Return every check by its code, in the order of the table, proved by `check_checks`.

    Raises:
        InputError: The table has a fault; the message names the check.
    """
    checks = tuple(Check(**row) for _, row in rows(CHECKS_FILE))
    check_checks(checks)
    return {check.code: check for check in checks}


def check_checks(checks: Iterable[Check]) -> None:
    """Prove the table of checks.

    Raises:
        InputError: The first fault found, naming the check.
    """
    codes: set[str] = set()
    followed: set[str] = set()
    for check in checks:
        if check.code in codes:
            raise _fault(check, "stands there twice", "Give each check a code of its own.")
        if check.kind not in KINDS:
            raise _fault(check, f"is of the unknown kind {check.kind!r}", f"Kinds are {', '.join(KINDS)}.")
        for page in filter(None, (check.page, check.follow)):
            if page not in PAGES:
                raise _fault(check, f"names the unknown page {page!r}", f"Pages are {', '.join(PAGES)}.")
        if check.follow and (check.kind != "link" or check.follow in followed):
            raise _fault(check, "cannot lead to a page", "A page is reached by the one check of kind link.")
        if not (check.title_vi and check.title_en and check.citation):
            raise _fault(check, "has no title or no citation", "Say what it is and where its rule stands.")
        _check_argument(check)
        codes.add(check.code)
        followed |= {check.follow} - {""}


def _check_argument(check: Check) -> None:
    if check.kind in _WITH_WORDS and not all(check.words):
        raise _fault(check, "has an empty word", "Give words separated by |.")
    if check.kind in _WITH_A_NUMBER:
        try:
            _ = check.limit
        except ValueError:
            raise _fault(check, "has no number as its limit", "Write it as 14 or 4.5.") from None


def _fault(check: Check, what: str, hint: str) -> InputError:
    return InputError(f"{CHECKS_FILE.name}: {check.code} {what}.", hint)
