"""portals.yaml: which portals are asked, how often, and what is special about each."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from tasks.sources.crawl.places import is_loopback, site_of
from tasks.sources.crawl.selectors import as_xpath
from tasks.sources.limits import MIB
from tasks.sources.messages import shown
from tasks.sources.round_fields import WebAddress
from warehouse.errors import InputError

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
LIST_KINDS = ("feed", "sitemap", "pages")
_MEND = "Mend the file; docs/portals.md shows what it may hold."
_SLOWEST_ALLOWED = 0.1  # seconds between two requests on hosts of others, at the least


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", value):
        raise ValueError("a host is a name such as static.example.vn, without http:// and path")
    return site_of(f"http://{value}/")


def _contact(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9@:/._+~-]{3,200}", value):
        raise ValueError("a contact is an e-mail or web address")
    return value


def _dotted(value: str) -> str:
    if not re.fullmatch(r"[\w$@:-]+(\.[\w$@:-]+)*", value):
        raise ValueError("a field is a dotted path such as data.comments or user.name")
    return value


Selector = Annotated[str, AfterValidator(lambda value: as_xpath(value) and value)]
Dotted = Annotated[str, AfterValidator(_dotted)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Selectors(_Strict):
    """CSS or XPath of parts of a page, only where extraction fails.

    Attributes:
        items: Of a listing its links, of a page of comments or reviews each of them.
        next: Link to the next page.
        title: Title.
        text: Text.
        author: Author.
        date: Date.
        stars: Stars.
    """

    items: Selector | None = None
    next: Selector | None = None
    title: Selector | None = None
    text: Selector | None = None
    author: Selector | None = None
    date: Selector | None = None
    stars: Selector | None = None


class Fields(_Strict):
    """Dotted paths in the answers of a JSON API; without one the usual names are tried.

    Attributes:
        items: The list of comments; every other path but `next` begins at one of them.
        next: Address of the next page.
        id: Id.
        author: Author.
        date: Date.
        title: Title.
        text: Text.
        stars: Stars.
        thread: Address of what is commented on.
    """

    items: Dotted | None = None
    next: Dotted | None = None
    id: Dotted | None = None
    author: Dotted | None = None
    date: Dotted | None = None
    title: Dotted | None = None
    text: Dotted | None = None
    stars: Dotted | None = None
    thread: Dotted | None = None


class Paging(_Strict):
    """Paging by a number in the address; without it the page itself names the next one.

    Attributes:
        parameter: Name of the parameter.
        first: Number of the page that the portal's own address gives.
        step: What the number grows by.
    """

    parameter: str = Field(pattern=r"^[\w.\[\]-]{1,64}$")
    first: int = Field(1, ge=0)
    step: int = Field(1, ge=1)


class Portal(_Strict):
    """One portal.

    Attributes:
        name: Name; a part of the ids of its posts.
        url: Where to begin.
        kind: What stands there.
        channel: Channel of its posts.
        about: Name of the app or agency that its comments or reviews are about.
        hosts: Further hosts that its pages may lie on.
        every: Shortest time after which it is asked again; empty: with every run.
        delay_seconds: Pause between two requests to one host.
        most_pages: Most requests in one run.
        with_comments: Whether what readers write below its articles becomes posts of the channel `comment`.
        selectors: Parts of its pages.
        fields: Parts of its answers in JSON.
        paging: How its pages are numbered.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    url: WebAddress
    kind: Literal["feed", "sitemap", "pages", "comments", "reviews"]
    channel: Literal["news", "comment", "app_review"]
    about: str = Field("", max_length=200)
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    every: Literal["", "hour", "day", "week"] = ""
    delay_seconds: float = Field(1.0, ge=0.0, le=3600.0)
    most_pages: int = Field(500, ge=1, le=100_000)
    with_comments: bool = False
    selectors: Selectors = Selectors()
    fields: Fields = Fields()
    paging: Paging | None = None

    @model_validator(mode="after")
    def _slow_enough(self) -> "Portal":
        if self.delay_seconds < _SLOWEST_ALLOWED and not is_loopback(self.url):
            raise ValueError(f"delay_seconds is at least {_SLOWEST_ALLOWED}; less is for servers on this machine only")
        return self

    @property
    def sites(self) -> frozenset[str]:
        """The hosts, with their ports, that may be asked."""
        return frozenset({site_of(self.url), *self.hosts})


class Declaration(_Strict):
    """What portals.yaml says.

    Attributes:
        contact: E-mail or web address in the user agent.
        portals: The portals, in the order in which they are asked.
    """

    contact: Annotated[str, AfterValidator(_contact)] = ""
    portals: tuple[Portal, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> "Declaration":
        names = [portal.name for portal in self.portals]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"two portals have the name {twice}")
        return self


def read_declaration(content: bytes, file: str) -> Declaration:
    """Read a portals.yaml.

    Args:
        content: Its bytes.
        file: Its name, for messages.

    Raises:
        InputError: It has a fault; the message names the portal and the key.
    """
    said: Any = None
    try:
        if len(content) <= MIB:
            said = yaml.safe_load(content.decode("utf-8-sig"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{file}, line {line} is not YAML: {shown(str(error.problem))}.", _MEND) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise InputError(f"{file} is not YAML in UTF-8.", _MEND) from None
    if not isinstance(said, dict):
        raise InputError(f"{file} holds no keys.", "It begins with `portals:`; docs/portals.md has an example.")
    try:
        return Declaration.model_validate(said)
    except ValidationError as error:
        raise InputError(_fault(file, said, error), _MEND) from None


def _fault(file: str, said: dict[str, Any], error: ValidationError) -> str:
    """The first fault as a sentence that names the portal and the key."""
    problem = error.errors(include_url=False)[0]
    where, keys = file, list(problem["loc"])
    if keys[:1] == ["portals"] and len(keys) > 1 and isinstance(at := keys[1], int):
        one = said["portals"][at]
        name = one.get("name") if isinstance(one, dict) else None
        where += f", portal {shown(str(name))}" if name else f", portal number {at + 1}"
        keys = keys[2:]
    key = ".".join(shown(str(part)) for part in keys)
    words = {"missing": "it is missing", "extra_forbidden": "there is no such key"}.get(
        problem["type"], f"{problem['msg'].removeprefix('Value error, ')}"
    )
    return f"{where}, key {key}: {shown(words)}." if key else f"{where}: {shown(words)}."
