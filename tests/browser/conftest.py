"""A real Chromium, the system's own: Playwright brings the driver, never a browser."""

import os
import shutil

import pytest

from tests.flows.conftest import served  # noqa: F401

CHROMIUM = shutil.which("chromium")
# Without these, Chromium asks hosts of its maker at every start; root needs --no-sandbox.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run"]


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name == "browser" and not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium"))


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page that may ask nobody but this machine."""
    outside = []
    opened = browser.new_page(viewport={"width": 1400, "height": 1000}, locale="vi-VN")
    opened.set_default_timeout(60_000)
    opened.on("request", lambda request: outside.append(request.url) if is_outside(request.url) else None)
    yield opened
    opened.close()
    assert outside == []


def keep(page, name):
    """Keep a picture of the page where the variable DTI_SCREENSHOTS names a folder, for a person to look at."""
    if folder := os.environ.get("DTI_SCREENSHOTS"):
        page.wait_for_timeout(1_500)
        page.screenshot(path=f"{folder}/{name}.png")


def submit(page, form, path):
    """Press Submit, and again while the server's database is busy: the form stays, and a person does the same."""
    for _ in range(20):
        with page.expect_response(lambda one: one.request.method == "POST" and one.url.endswith(path)) as answered:
            form.get_by_role("button", name="Submit").click()
        if answered.value.status != 503:
            return
        page.wait_for_timeout(500)
    raise AssertionError("the server stayed busy")


def is_outside(url):
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:"))
