"""Whether the portal's own search finds anything."""

from tasks.evidence.inspection.finding import Finding, decided, without_page
from tasks.evidence.inspection.record import Inspected
from tasks.evidence.inspection.text import says
from warehouse.reference.checks import Check


def search(portal: Inspected, check: Check) -> Finding:
    """Results of a search hold the word that was searched; the value is the number of links that do.

    That the page repeats the question is no result, and neither is a link that the home page has too.
    """
    response = portal.response(check.page)
    if response.error or response.page.root is None:
        return without_page(portal, response)
    word = portal.facts["search"]["word"]
    home = portal.response("home")
    known = {link.url for link in home.page.links} if not home.error else set()
    found = [link for link in response.page.links if says(link.text, word) and link.url not in known]
    if not found:
        return decided(False, response, reason="no result holds the word", value=0.0)
    return decided(True, response, value=float(len(found)), locator=found[0].locator, text=word)
