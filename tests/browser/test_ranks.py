"""How sure ranks are, as a browser shows it: the picture, and the form that asks what is drawn."""

import base64

import pandas as pd
import pytest

from flows.charts import data_url, rank_chart, ranks_drawn
from flows.labels import KIND_LABELS
from tests.browser.conftest import keep

pytestmark = pytest.mark.slow
NAMES = ["Thừa Thiên Huế", "Đắk Nông", "Bà Rịa - Vũng Tàu", "Quảng Ngãi", "Viện Hàn lâm Khoa học và Công nghệ Việt Nam"]
LABEL = KIND_LABELS["synthetic"]
TEXTS = "() => [...document.querySelectorAll('text')].map(one => one.textContent)"
CUT = """() => {
    const frame = document.querySelector('svg').getBoundingClientRect();
    return [...document.querySelectorAll('text')].filter(one => {
        const box = one.getBoundingClientRect();
        return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
    }).map(one => one.textContent);
}"""


def picture(groups=("",) * 5):
    rows = pd.DataFrame({"agency": NAMES, "rank": range(1, 6), "ranked_in": groups})
    ends = {"simulated_low": rows["rank"], "simulated_high": 5, "marginal_low": 1, "marginal_high": rows["rank"]}
    drawn = rows.assign(**ends)
    return rank_chart(drawn, "Bộ chỉ số chuyển đổi số cấp tỉnh (DTI)", [ranks_drawn(drawn), LABEL])


@pytest.mark.parametrize("groups", [("",) * 5, ("bộ", "bộ", "tỉnh", "tỉnh", "tỉnh")], ids=["all", "by group"])
def test_rank_chart__in_a_browser__every_letter_is_there_and_nothing_is_cut(page, groups):
    page.set_content(picture(groups))
    texts = page.evaluate(TEXTS)
    assert {f"{place}. {name}" for place, name in enumerate(NAMES, start=1)} <= set(texts)
    assert {*groups} - {""} <= set(texts)
    said = "".join(texts)
    assert LABEL in said
    assert all(mark in said for mark in ("dot: rank", "thick: covers", "thin: where"))
    assert page.evaluate(CUT) == []
    keep(page, f"ranks-{len(set(groups))}")


def test_annual__in_the_ui__shows_the_picture_and_asks_what_is_drawn(served, page):
    parameters = {"framework": "province_2020", "period": "2020", "publication": "no", "draws": 200}
    run = served.start("annual", parameters)
    assert served.wait(run)["type"] == "COMPLETED"
    shown, ui = served.artifacts(run), served.api.removesuffix("/api")

    page.goto(f"{ui}/artifacts/artifact/{shown['rank-chart']['id']}")
    drawn = page.locator("img[src^='data:image/svg+xml']")
    drawn.wait_for()
    assert drawn.evaluate("image => image.complete && image.naturalWidth > 300")
    svg = base64.b64decode(drawn.get_attribute("src").partition(",")[2]).decode()
    assert "Thừa Thiên Huế" in svg
    assert KIND_LABELS["press"].partition(" ")[0] in svg
    assert drawn.get_attribute("src") == data_url(svg)
    keep(page, "rank-chart")

    page.goto(f"{ui}/artifacts/artifact/{shown['league-table']['id']}")
    page.get_by_text("redrawn", exact=True).first.wait_for()
    keep(page, "league-table")

    page.goto(f"{ui}/deployments/deployment/{served.deployment('annual')['id']}/run")
    page.get_by_text("Draws (số lần mô phỏng)").first.wait_for()
    assert page.get_by_text("Seed of the draws").first.is_visible()
    page.get_by_text("What is drawn").first.scroll_into_view_if_needed()
    keep(page, "form")
