"""The portals of a synthetic round, served and gathered."""

import json

import pytest
import yaml

from tasks.demo.servers.portals import portals_yaml, read_web
from tasks.demo.servers.survey import Tools, serve_tools
from tasks.sources.base import Page
from tasks.sources.limits import FetchLimits
from tasks.sources.portals import SOURCE
from tasks.sources.rounds import Entry
from warehouse.errors import InputError, PartlyUnavailable

QUICK = FetchLimits(read_seconds=2, total_seconds=5, attempts=2, backoff_seconds=0.01, retry_after_seconds=2)
KINDS = {
    "bao-tin": {"kind": "feed"},
    "bao-so": {"kind": "sitemap"},
    "bao-ngay": {"kind": "pages"},
    "gop-y": {"kind": "comments"},
    "cho-app": {"kind": "reviews"},
    "cho-html": {"kind": "reviews", "format": "html"},
    "chet": {"kind": "feed", "fault": "dead"},
    "cham": {"kind": "feed", "fault": "slow"},
    "hong": {"kind": "pages", "fault": "broken_html"},
    "ban": {"kind": "feed", "fault": "429"},
    "cam": {"kind": "feed", "fault": "forbidden"},
    "cu": {"kind": "feed", "fault": "windows-1258"},
    "khong": {"kind": "feed", "fault": "not_xml"},
}
SILENT = {"chet", "cam", "khong"}
COMMENT = {"comments": "comment", "reviews": "app_review"}
PARAGRAPH = (
    "Sở Thông tin và Truyền thông cho biết hơn 80% hồ sơ đã được người dân nộp trực tuyến qua Cổng dịch vụ công."
)


def posts():
    for name, one in KINDS.items():
        for number in range(3 if one.get("fault") else 120):
            is_short = one["kind"] in COMMENT
            yield {
                "portal": name,
                "channel": COMMENT.get(one["kind"], "news"),
                "date": f"2020-08-{number % 28 + 1:02d}T08:30:00+07:00",
                "author": "Nguyễn Thị Mô Phỏng",
                "title": f"Tỉnh đẩy mạnh chuyển đổi số, lần thứ {number}",
                "text": f"Nộp hồ sơ nhanh {number}"
                if is_short
                else f"{PARAGRAPH}\nĐây là bài số {number}.\n{PARAGRAPH}",
                "stars": str(number % 5 + 1) if one["kind"] == "reviews" else "",
                "about": ("VNeID", "VssID")[number % 2] if one["kind"] == "reviews" else "",
            }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("round")
    (folder / "web").mkdir()
    (folder / "web" / "portals.json").write_text(json.dumps(KINDS), encoding="utf-8")
    lines = (json.dumps(post, ensure_ascii=False) for post in posts())
    (folder / "web" / "posts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def served(folder, private_allowed):
    tools = Tools([], web=read_web(folder))
    with serve_tools(tools) as url:
        (folder / "portals.yaml").write_text(yaml.safe_dump(portals_yaml(folder, url)), encoding="utf-8")
        yield tools.web


def gather(folder, earlier=()):
    came = []
    with pytest.raises(PartlyUnavailable) as error:
        came.extend(SOURCE.gather(Entry(source="portals", path="portals.yaml"), folder, earlier, QUICK))
    return [Page(one.origin, one.content, one.headers, one.fetched_at) for one in came], error.value.message


def test_demo_portals__what_is_served__is_what_is_read(folder, served):
    pages, failure = gather(folder)
    for name in SILENT:
        assert f"{name}: " in failure
    found = SOURCE.read_answers(pages)
    truth = [post for post in posts() if post["portal"] not in SILENT]
    assert sorted(found["text"]) == sorted(post["text"] for post in truth)
    assert set(found["author"]) == {"Nguyễn Thị Mô Phỏng"}
    assert (found["published_at"].str.slice(10) == "T01:30:00Z").all()
    stars = found[found["channel"] == "app_review"]
    assert set(zip(stars["portal"], stars["about"], strict=True)) == {
        (f"{name}-{app.lower()}", app) for name in ("cho-app", "cho-html") for app in ("VNeID", "VssID")
    }
    assert set(stars["stars"]) == set("12345")


def test_demo_portals__a_second_run__asks_for_the_lists_only_and_brings_nothing(folder, served):
    pages, _ = gather(folder)
    served.asked.clear()
    again, _ = gather(folder, pages)
    assert again == []
    answered = [path for path in served.asked if "/khong/" not in path]
    assert answered
    assert all(path.endswith(" 304") for path in answered)


def test_portals_yaml__of_a_round_without_portals__is_refused(tmp_path):
    assert read_web(tmp_path) is None
    with pytest.raises(InputError):
        portals_yaml(tmp_path, "http://127.0.0.1:1")


def test_read_web__a_damaged_file__is_refused_in_a_sentence(tmp_path):
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "portals.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="no portals of a synthetic round"):
        read_web(tmp_path)
