"""A past month from the form of the Prefect UI: asked for, watched to its end, read in its artifacts."""

import pytest

from tests.browser.conftest import keep, submit

pytestmark = pytest.mark.slow
MONTH = "2020-08"


@pytest.fixture(scope="module")
def months(served):
    """The standing round where the worker looks for it: a few agencies, two months, no monitoring system."""
    folder = served.home / "rounds" / "monthly"
    made = served.dti(
        "demo", "make-months", folder, "--from", "2020-07", "--to", MONTH, "--limit", "12", "--no-monitoring"
    )
    assert made.returncode == 0, made.stderr
    return folder


def test_monthly__a_month_asked_for_in_the_form__is_published_and_can_be_read(served, months, page):
    ui = served.api.removesuffix("/api")
    deployment = served.deployment("monthly")["id"]
    page.goto(f"{ui}/deployments/deployment/{deployment}/run")
    page.get_by_text("Month (tháng)").first.wait_for()
    keep(page, "form")
    page.get_by_text("Month (tháng)").first.locator("xpath=following::textarea[1]").fill(MONTH)
    submit(page, page, "/create_flow_run")
    page.wait_for_url(lambda url: not url.endswith("/run"))  # back at the deployment: it was taken
    (asked,) = served.post("flow_runs/filter", deployments={"id": {"any_": [deployment]}}, limit=1)
    run = asked["id"]
    page.goto(f"{ui}/runs/flow-run/{run}")

    state = served.wait(run)
    assert (state["type"], state["name"]) == ("COMPLETED", "CompletedWithWarnings"), state["message"]
    page.get_by_text("CompletedWithWarnings").first.wait_for()

    shown = served.artifacts(run)
    assert MONTH in served.run(run)["name"]
    keep(page, "run")
    page.goto(f"{ui}/artifacts/artifact/{shown['online-services']['id']}")
    page.get_by_text("on the way").or_(page.get_by_text("meets")).first.wait_for()
    page.goto(f"{ui}/artifacts/artifact/{shown['online-services-chart']['id']}")
    picture = page.locator("img[src^='data:image/svg+xml']")
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 300")
    keep(page, "month")
