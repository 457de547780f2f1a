"""The Prefect UI as the place of work: look at what a run shows, then decide about it in its form."""

import sqlite3
from contextlib import closing

import pytest

from tests.browser.conftest import keep, submit

pytestmark = pytest.mark.slow
AN = "Nguyễn Thị Ánh"


def test_annual__shown_and_approved_in_the_browser__is_published(served, page):
    run = served.start("annual", {"framework": "province_2020", "period": "2020"})
    assert served.wait(run)["name"] == "Suspended"
    ui = served.api.removesuffix("/api")
    shown = served.artifacts(run)

    page.goto(f"{ui}/artifacts/artifact/{shown['summary']['id']}")
    page.get_by_role("heading", name="What to do next").wait_for()
    assert page.get_by_text("cơ quan được xếp hạng").is_visible()

    page.goto(f"{ui}/artifacts/artifact/{shown['league-chart']['id']}")
    picture = page.locator("img[src^='data:image/svg+xml']")
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 300")

    page.goto(f"{ui}/runs/flow-run/{run}")
    page.get_by_role("button", name="Resume").first.click()
    form = page.get_by_role("dialog")
    form.get_by_text("Who decides (người quyết định)").wait_for()
    assert form.get_by_text("9 of 63 agencies ranked").is_visible()
    form.get_by_role("switch").click()
    form.locator("textarea").first.fill(AN)
    keep(page, "approval")
    submit(page, form, "/resume")

    state = served.wait(run, until=("COMPLETED", "FAILED", "CRASHED"))
    assert state["type"] == "COMPLETED", state
    with closing(sqlite3.connect(served.home / "warehouse.db")) as connection:
        assert connection.execute("SELECT decided_by, outcome FROM decision").fetchall() == [(AN, "approved")]
        assert connection.execute("SELECT state FROM vintage").fetchall() == [("published",)]
    page.get_by_text("Completed").first.wait_for()
