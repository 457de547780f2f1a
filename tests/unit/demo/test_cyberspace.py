import csv
import json
import unicodedata
from collections import Counter
from datetime import datetime

import pandas as pd
import pytest
import yaml

from tasks.demo.cyberspace import declare_web, draw_tone, write_web
from tasks.demo.cyberspace_files import PORTALS
from tasks.demo.oddities import CAMPAIGN_AUTHORS, ODD, REPRINTS, SPAM_A_DAY
from tasks.demo.servers.portals import read_web
from tasks.evidence.tone.templates import POLARITIES
from tasks.harmonise.agencies import Registry
from tasks.harmonise.periods import period_end
from tasks.returns.recipients import ranked_agencies
from tasks.sources.crawl.declaration import read_declaration
from warehouse.frameworks.loader import load_framework

PERIOD = "2020"


def agencies(limit=None):
    names = ("province_2020", "ministry_2020")
    return {name: ranked_agencies(load_framework(name), PERIOD)[:limit] for name in names}


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("round")
    return folder, write_web(folder, agencies(), 2020, PERIOD)


@pytest.fixture(scope="module")
def served(made):
    lines = (made[0] / "web" / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    return pd.DataFrame([json.loads(line) for line in lines])


@pytest.fixture(scope="module")
def exported(made):
    return pd.read_csv(made[0] / "truth_of_exports.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def everything(served, exported):
    renamed = exported.rename(columns={"polarity": "true_polarity"})
    columns = ["channel", "agency", "true_polarity", "kind"]
    return pd.concat([served[columns], renamed[columns]], ignore_index=True)


def export_texts(folder):
    """Texts of all exports, by id."""
    place = folder / "exports" / "comment"
    lines = (place / "mang-xa-hoi.jsonl").read_text(encoding="utf-8").splitlines()
    found = {one["post_id"]: one["message"] for one in map(json.loads, lines)}
    with (place / "gop-y.csv").open(encoding="utf-8-sig", newline="") as handle:
        found |= {row["id"]: row["noi_dung"] for row in csv.DictReader(handle)}
    table = pd.read_parquet(place / "dien-dan.parquet")
    return found | dict(zip(table["comment_id"], table["text"], strict=True))


def test_write_web__the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_web(tmp_path / name, agencies(6), 7, PERIOD)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    write_web(tmp_path / "two", agencies(6), 8, PERIOD)
    assert files_of(tmp_path / "one").keys() == files_of(tmp_path / "two").keys()
    assert files_of(tmp_path / "one")["web/posts.jsonl"] != files_of(tmp_path / "two")["web/posts.jsonl"]


def test_write_web__is_as_large_as_it_should_be_and_few_pages(served, exported):
    assert 12_500 <= len(served) + len(exported) <= 15_500
    counts = Counter(served["portal"])
    articles = sum(number for name, number in counts.items() if PORTALS[name]["channel"] == "news")
    pages = sum(-(-number // 100) for name, number in counts.items() if PORTALS[name]["channel"] != "news")
    assert 250 <= articles <= 450
    assert articles + pages + 20 <= 700
    comments = len(exported) + (served["channel"] == "comment").sum()
    assert len(exported) / comments == pytest.approx(0.6, abs=0.02)


def test_truth__counts_the_ordinary_posts_of_every_agency_and_channel(made, everything):
    ordinary = everything[everything["kind"] == "ordinary"]
    written = Counter(zip(ordinary["agency"], ordinary["channel"], strict=True))
    assert {(one.agency, one.channel): one.posts for one in made[1] if one.posts} == {
        key: number for key, number in written.items() if key[0] != "ministry-cong-an"
    }
    with (made[0] / "truth_of_tone.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert [(row["framework"], row["agency"], row["channel"], int(row["posts"])) for row in rows] == [
        (one.framework, one.agency, one.channel, one.posts) for one in made[1]
    ]
    assert [float(row["negative"]) for row in rows] == [one.negative for one in made[1]]


def test_truth__drawn_polarities_follow_the_latent_shares(made, everything):
    ordinary = everything[everything["kind"] == "ordinary"]
    drawn = ordinary.groupby(["agency", "channel"])["true_polarity"].value_counts().to_dict()
    statistic, cells = 0.0, 0
    for one in made[1]:
        for polarity in POLARITIES:
            expected = one.posts * getattr(one, polarity)
            if expected >= 5:
                statistic += (drawn.get((one.agency, one.channel, polarity), 0) - expected) ** 2 / expected
                cells += 1
    # Two of three cells of an agency and channel are free: the statistic is about 2/3 of the number of cells.
    assert 0.5 < statistic / cells < 0.85
    for one in made[1]:
        assert one.negative + one.neutral + one.positive == pytest.approx(1.0)


def test_truth__agencies_differ_and_channels_a_little(made):
    shares = pd.DataFrame(made[1]).pivot_table(index="agency", columns="channel", values="negative")
    assert shares["comment"].std() > 0.06
    assert shares["comment"].corr(shares["app_review"]) > 0.5


def test_truth__some_agencies_have_hardly_any_posts_and_one_none(made):
    totals = pd.DataFrame(made[1]).groupby(["framework", "agency"])["posts"].sum()
    for framework in agencies():
        own = totals[framework]
        assert (own == 0).sum() == 1
        assert ((own > 0) & (own < 30)).sum() == 3
        assert (own >= 30).sum() == len(own) - 4


def test_draw_tone__an_agency_draws_the_same_whoever_else_is_there():
    few = {(one.agency, one.channel): one.negative for one in draw_tone(agencies(5), 7)}
    many = {(one.agency, one.channel): one.negative for one in draw_tone(agencies(), 7)}
    assert all(many[key] == value for key, value in few.items())


def test_write_web__every_oddity_is_there(everything):
    assert set(everything["kind"]) == {*ODD, "ordinary"}


def test_write_web__without_agencies_there_are_only_posts_about_nobody(tmp_path):
    assert write_web(tmp_path, {}, 7, PERIOD) == ()
    assert (tmp_path / "web" / "posts.jsonl").is_file()


def test_spam__comes_from_one_author_on_two_days(made, served, exported):
    spam = served[served["kind"] == "spam"]
    number = len(spam) + (exported["kind"] == "spam").sum()
    assert number == 2 * SPAM_A_DAY
    assert spam["author"].nunique() == 1
    assert spam["date"].str[:10].nunique() == 2


def test_campaign__is_one_long_text_of_many_authors(made, served, exported):
    texts = export_texts(made[0])
    ids = exported.loc[exported["kind"] == "campaign", "id"]
    campaign = served[served["kind"] == "campaign"]
    said = [*campaign["text"], *(texts[one] for one in ids)]
    assert len(said) == CAMPAIGN_AUTHORS
    assert len(set(said)) == 1
    assert len(said[0]) > 300
    assert campaign["author"].is_unique


def test_reprints__are_one_story_with_small_changes(served):
    reprints = served[served["kind"] == "reprint"]
    for _, own in reprints.groupby(reprints["title"].str.replace(" (ảnh)", "", regex=False)):
        assert len(own) % REPRINTS == 0
        assert own["text"].is_unique


def test_write_web__authors_are_pseudonyms_and_some_write_often(served):
    assert served["author"].str.fullmatch(r"(Người dùng|PV mô phỏng) \d{1,5}").all()
    ordinary = served[(served["kind"] == "ordinary") & (served["channel"] != "news")]
    assert ordinary["author"].value_counts().max() >= 3


def test_write_web__dates_lie_in_the_period_but_for_those_of_the_future(served):
    days = served["date"].map(lambda text: datetime.fromisoformat(text).date())
    future = served["kind"] == "future"
    assert days[~future].map(lambda day: day.year == 2020).all()
    assert (days[future] > period_end(PERIOD)).all()


def test_write_web__hostile_and_personal_texts_are_there_and_made_up(made, served):
    assert served["title"].str.contains("<script>alert(1)</script>", regex=False).any()
    said = "\n".join([*served["text"], *export_texts(made[0]).values()])
    assert "0900 000 000" in said or "0900000" in said
    assert "@example.com" in said
    assert "Nobel Hòa Bình" in said
    assert max(map(len, said.splitlines())) >= 100_000


def test_write_web__is_nfc_and_leaves_no_slot(made, served):
    texts = pd.concat([served["text"], pd.Series(export_texts(made[0]))])
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
    assert not texts.str.contains(r"\{(?!\{7)\w+\}").any()


def test_write_web__stars_go_with_reviews_only(served):
    reviews = served["channel"] == "app_review"
    assert served.loc[reviews, "stars"].isin(list("12345")).all()
    assert (served.loc[~reviews, "stars"] == "").all()
    stars = (
        served[reviews & (served["kind"] == "ordinary")]
        .groupby("true_polarity")["stars"]
        .agg(lambda own: own.astype(int).mean())
    )
    assert stars["negative"] < stars["neutral"] < stars["positive"]


def test_exports__hold_every_exported_post_once(made, exported):
    texts = export_texts(made[0])
    assert sorted(texts) == sorted(exported["id"])
    assert exported["id"].is_unique


def test_portals__are_what_the_server_serves_and_the_crawler_declares(made, served):
    web = read_web(made[0])
    assert web is not None
    assert set(web.kinds) == set(PORTALS) >= set(served["portal"])
    assert {"dead", "forbidden", "slow", "broken_html"} <= set(web.faults.values())
    entries = declare_web(made[0], "http://127.0.0.1:8790")
    assert entries == [{"source": "portals", "path": "portals.yaml"}, {"source": "post_export", "path": "exports"}]
    content = (made[0] / "portals.yaml").read_bytes()
    declared = read_declaration(content, "portals.yaml")
    assert {"VNeID", "VssID"} <= {portal.about for portal in declared.portals}
    assert all(portal.delay_seconds == 0 for portal in declared.portals)
    assert "SYNTHETIC" in content.decode().splitlines()[0]
    assert yaml.safe_load(content)["portals"][0]["url"] == "http://127.0.0.1:8790/web/bao-mo-phong/feed.xml"


def test_write_web__agencies_of_a_later_year_can_be_written_about(tmp_path):
    later = Registry.bundled().valid_at(period_end("2025"), ("province",))[:6]
    truth = write_web(tmp_path, {"later": later}, 7, "2025", posts=2_000)
    assert {one.agency for one in truth} == {agency.agency_id for agency in later}
