"""Checks of what stands on a page: links to sections, words, elements, kinds of files."""

from urllib.parse import urlsplit

from tasks.evidence.inspection.finding import Finding, decided, without_page
from tasks.evidence.inspection.record import Inspected, Response
from tasks.evidence.inspection.text import plain, says
from warehouse.reference.checks import Check

_PIECE = 1_000  # characters of an element that is read as one piece


def link(portal: Inspected, check: Check) -> Finding:
    """A link whose text names the section."""
    response = portal.response(check.page)
    if _unread(response):
        return without_page(portal, response)
    found = response.page.link_saying(check.words)
    if found is None:
        return decided(False, response, reason="no link of that name")
    return decided(True, response, locator=found.locator, text=found.text)


def link_host(portal: Inspected, check: Check) -> Finding:
    """A link to one of some hosts."""
    response = portal.response(check.page)
    if _unread(response):
        return without_page(portal, response)
    found = response.page.link_to(check.words)
    if found is None:
        return decided(False, response, reason=f"no link to {' or '.join(check.words)}")
    return decided(True, response, locator=found.locator, text=urlsplit(found.url)._replace(query="").geturl())


def words(portal: Inspected, check: Check) -> Finding:
    """One of some words stands on the page, in a link, heading or text; scripts are not read."""
    response = portal.response(check.page)
    if _unread(response):
        return without_page(portal, response)
    for word in check.words:
        wanted = plain(word)
        if wanted not in response.page.plain_text:
            continue
        for element in response.page.find("//body//*[not(self::script or self::style or self::template)][text()]"):
            said = element.text_content()
            if len(said) <= _PIECE and says(said, word):
                return decided(True, response, locator=response.page.locator(element), text=word)
    return decided(False, response, reason=f"none of: {', '.join(check.words)}")


def element(portal: Inspected, check: Check) -> Finding:
    """An element that the check describes by its XPath."""
    response = portal.response(check.page)
    if _unread(response):
        return without_page(portal, response)
    found = response.page.find(check.argument)
    if not found:
        return decided(False, response, reason="no such element on the page")
    return decided(True, response, locator=response.page.locator(found[0]), text=str(found[0].tag))


def suffix(portal: Inspected, check: Check) -> Finding:
    """A link to a file of one of some kinds; the value is the number of them."""
    response = portal.response(check.page)
    if _unread(response):
        return without_page(portal, response)
    endings = tuple(check.words)
    found = [one for one in response.page.links if urlsplit(one.url).path.lower().endswith(endings)]
    if not found:
        return decided(False, response, reason=f"no link to {', '.join(endings)}", value=0.0)
    return decided(True, response, value=float(len(found)), locator=found[0].locator, text=urlsplit(found[0].url).path)


def opened(portal: Inspected, check: Check) -> Finding:
    """The page comes without a login: it asks for no password."""
    response = portal.response(check.page)
    if _unread(response):
        return without_page(portal, response)
    asked = response.page.find('//input[@type="password"]')
    where = response.page.locator(asked[0]) if asked else "/html"
    return decided(not asked, response, reason="it asks for a password", locator=where)


def search_form(portal: Inspected, check: Check) -> Finding:
    """A form that searches the portal."""
    response = portal.response(check.page)
    if _unread(response):
        return without_page(portal, response)
    form = response.page.search_form
    if form is None:
        return decided(False, response, reason="no search form that asks with GET")
    return decided(True, response, locator=form.locator, text=form.field)


def _unread(response: Response) -> bool:
    return bool(response.error) or response.page.root is None
