"""The synthetic cyberspace of a round: what is written about agencies whose true tone is known.

Every agency has a latent share of negative, neutral and positive posts, in each channel a little different. Ordinary
posts are drawn from these shares and written by the template generator; `tasks.demo.oddities` adds what distorts a
count. A part is served over HTTP (`tasks.demo.servers.portals`), most comments come as exports.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from tasks.demo.cyberspace_files import EXPORTS, place_posts, write_csv, write_exports, write_portals
from tasks.demo.latent import seeded
from tasks.demo.oddities import draw_oddities
from tasks.demo.servers.portals import FOLDER, portals_yaml
from tasks.demo.sheet import SYNTHETIC
from tasks.evidence.tone.templates import POLARITIES, write
from tasks.harmonise.periods import period_end, period_start
from warehouse.reference.agencies import Agency

DECLARATION = "portals.yaml"
TRUTH = "truth_of_tone.csv"
POSTS = 15_000  # that would be, if there were no agency about which hardly anything is written
_AGENCIES = 88  # for which the number of posts is meant; fewer agencies get as many posts each
# Channel to its share of the posts. News are whole pages, so they are few.
_CHANNELS = {"comment": 0.745, "app_review": 0.23, "news": 0.025}
_MEAN = np.array([0.38, 0.28, 0.34])
_AGENCY_SPREAD = 14.0  # concentrations of the Dirichlet distributions: the smaller, the more agencies differ
_CHANNEL_SPREAD = 90.0
_TILT = {"comment": (1.0, 1.0, 1.0), "app_review": (1.25, 0.7, 1.0), "news": (0.7, 1.4, 1.1)}
_SIZE_SPREAD = 0.35
_FEW = 20  # posts of an agency that cannot be measured
_KEPT_FREE = 3  # agencies that always have enough
_VIETNAM = timezone(timedelta(hours=7))
# Reviews of an application need not name it: the page says what it is about. VNeID's ministry is not ranked.
APPS = {
    "government-agency-bao-hiem-xa-hoi-viet-nam": "VssID",
    "ministry-tai-chinh": "eTax Mobile",
    "ministry-y-te": "Sổ sức khỏe điện tử",
    "ministry-cong-an": "VNeID",
}
_UNRANKED, _UNRANKED_POSTS = "ministry-cong-an", 60
_SECONDS = 24 * 3600


@dataclass(frozen=True)
class ToneTruth:
    """The true tone of one agency in one channel.

    Attributes:
        framework: Name of the framework.
        agency: Id of the agency.
        channel: `news`, `comment` or `app_review`.
        negative: Latent share of negative posts.
        neutral: Latent share of neutral posts.
        positive: Latent share of positive posts.
        posts: Ordinary posts written, without spam, campaigns, reprints and whatever else is odd.
    """

    framework: str
    agency: str
    channel: str
    negative: float
    neutral: float
    positive: float
    posts: int


def write_web(
    folder: Path,
    agencies_by_framework: Mapping[str, Sequence[Agency]],
    seed: int,
    period: str,
    *,
    posts: int = POSTS,
) -> tuple[ToneTruth, ...]:
    """Write what portals will serve and what comes as exports, with the truth beside.

    The same arguments give the same bytes. Written are `web/posts.jsonl` and `web/portals.json` (see
    `tasks.demo.servers.portals`), `exports/`, `truth_of_tone.csv`, and `truth_of_exports.csv` (grain: one exported
    post, with its agency, true polarity and kind).

    Args:
        folder: The round's folder.
        agencies_by_framework: Name of a framework to the agencies that are judged.
        seed: Seed of every draw.
        period: Period of the round.
        posts: Number of posts for 88 agencies; for fewer agencies proportionally fewer.

    Returns:
        The truth, one row a framework, agency and channel.
    """
    for made in (FOLDER, EXPORTS):
        shutil.rmtree(folder / made, ignore_errors=True)
    rng = np.random.default_rng([seed, *b"cyberspace"])
    truth = draw_tone(agencies_by_framework, seed, posts)
    ordinary = _written(rng, pd.DataFrame(_wishes(truth, seed)))
    ordinary = ordinary.assign(date=_dates(rng, len(ordinary), period), author=_authors(rng, ordinary["channel"]))
    odd = draw_oddities(rng, [one.agency for one in truth if one.posts >= _FEW], period)
    everything = pd.concat([ordinary, odd], ignore_index=True)
    everything = everything.iloc[rng.permutation(len(everything))].reset_index(drop=True)
    placed = place_posts(rng, everything)
    write_portals(folder / FOLDER, placed[placed["portal"] != ""])
    write_exports(folder, placed[placed["portal"] == ""])
    write_csv(folder / TRUTH, [field.name for field in fields(ToneTruth)], map(astuple, truth))
    return truth


def declare_web(folder: Path, address: str) -> list[dict[str, Any]]:
    """Write `portals.yaml` for the portals of a round.

    Args:
        folder: The round's folder, with what `write_web` wrote.
        address: Address of the server.

    Returns:
        The entries of round.yaml for portals and exports.
    """
    said = yaml.safe_dump(portals_yaml(folder, address), allow_unicode=True, sort_keys=False, width=120)
    (folder / DECLARATION).write_text(f"# {SYNTHETIC}.\n{said}", encoding="utf-8")
    return [{"source": "portals", "path": DECLARATION}, {"source": "post_export", "path": EXPORTS}]


def draw_tone(
    agencies_by_framework: Mapping[str, Sequence[Agency]], seed: int, posts: int = POSTS
) -> tuple[ToneTruth, ...]:
    """Draw the true tone of agencies and how much is written about each.

    Args:
        agencies_by_framework: Name of a framework to its agencies.
        seed: Seed of every draw; an agency draws the same whoever else is there.
        posts: Number of posts for 88 agencies.
    """
    found = []
    for framework, agencies in agencies_by_framework.items():
        short = _short_agencies(framework, [agency.agency_id for agency in agencies], seed)
        for agency in agencies:
            rng = np.random.default_rng([seed, *f"tone/{agency.agency_id}".encode()])
            shares = rng.dirichlet(_MEAN * _AGENCY_SPREAD)
            size = posts / _AGENCIES * float(np.exp(rng.normal(0.0, _SIZE_SPREAD) - _SIZE_SPREAD**2 / 2))
            size = min(size, short.get(agency.agency_id, size))
            for channel, part in _CHANNELS.items():
                tilted = np.maximum(shares * _TILT[channel], 0.01)
                negative, neutral, positive = rng.dirichlet(tilted / tilted.sum() * _CHANNEL_SPREAD).tolist()
                written = round(size * part)
                found.append(ToneTruth(framework, agency.agency_id, channel, negative, neutral, positive, written))
    return tuple(found)


def _short_agencies(framework: str, ids: Sequence[str], seed: int) -> dict[str, int]:
    """Agencies that are hardly written about, and one that is not at all."""
    if len(ids) <= _KEPT_FREE + 1:
        return {}
    chosen = seeded(seed, framework, "tone", "short").sample(list(ids), min(4, len(ids) - _KEPT_FREE))
    return {one: 0 if at == 0 else _FEW for at, one in enumerate(chosen)}


def _wishes(truth: Sequence[ToneTruth], seed: int) -> list[dict[str, Any]]:
    """One row an ordinary post: whom it is about, its channel, its polarity, and the app that its page is about."""
    found = []
    unranked = ToneTruth("", _UNRANKED, "app_review", 0.5, 0.2, 0.3, _UNRANKED_POSTS)
    for one in [*truth, unranked]:
        rng = np.random.default_rng([seed, *f"posts/{one.agency}/{one.channel}".encode()])
        drawn = rng.choice(3, size=one.posts, p=np.array([one.negative, one.neutral, one.positive]))
        app = APPS.get(one.agency, "") if one.channel == "app_review" else ""
        for at in drawn.tolist():
            is_named = not app or rng.random() < 0.5
            found.append(
                {
                    "about_agency": one.agency,
                    "agency": one.agency if is_named else "",
                    "channel": one.channel,
                    "polarity": POLARITIES[at],
                    "relevant": True,
                    "about": app,
                }
            )
    return found


def _written(rng: np.random.Generator, wishes: pd.DataFrame) -> pd.DataFrame:
    """Posts as wished for; an article has a title and tells of its agency twice, with plain sentences between."""
    texts = write(rng, wishes)
    found = pd.DataFrame(
        {
            "agency": wishes["about_agency"],
            "channel": wishes["channel"],
            "register": texts["register"],
            "title": "",
            "text": texts["text"],
            "about": wishes["about"],
            "true_polarity": wishes["polarity"],
            "kind": "ordinary",
        }
    )
    is_news = (wishes["channel"] == "news").to_numpy()
    more = write(rng, wishes[is_news].reset_index(drop=True))["text"]
    titles = found.loc[is_news, "text"].str.split(". ", regex=False).str[0]
    bodies = [_article(rng, first, second) for first, second in zip(found.loc[is_news, "text"], more, strict=True)]
    found.loc[is_news, "title"] = titles
    found.loc[is_news, "text"] = pd.Series(bodies, index=titles.index, dtype="str")
    return found


def _article(rng: np.random.Generator, first: str, second: str) -> str:
    plain = [_PLAIN[at] for at in rng.choice(len(_PLAIN), size=4, replace=False)]
    ended = [one if one.endswith((".", "!", "?")) else f"{one}." for one in (first, second)]
    return "\n".join((ended[0], " ".join(plain[:2]), ended[1], " ".join(plain[2:])))


def _dates(rng: np.random.Generator, size: int, period: str) -> list[str]:
    start = datetime.combine(period_start(period), time(), tzinfo=_VIETNAM)
    days = (period_end(period) - period_start(period)).days + 1
    return [(start + timedelta(seconds=one)).isoformat() for one in rng.integers(0, days * _SECONDS, size).tolist()]


def _authors(rng: np.random.Generator, channels: pd.Series) -> list[str]:
    """Pseudonyms; some write often."""
    most = max(1, round(len(channels) * 0.8))
    numbers = (most * rng.random(len(channels)) ** 1.3).astype(int).tolist()
    return [
        f"PV mô phỏng {number % 40 + 1}" if channel == "news" else f"Người dùng {1000 + number}"
        for number, channel in zip(numbers, channels, strict=True)
    ]


_PLAIN = (
    "Theo ghi nhận của phóng viên, hồ sơ được tiếp nhận ở cả hai hình thức.",
    "Thông tin trên được nêu trong báo cáo gửi đi cuối tuần qua.",
    "Cuộc họp kéo dài trong buổi sáng với nhiều ý kiến trao đổi.",
    "Số liệu được tổng hợp từ các đơn vị trực thuộc.",
    "Các bước thực hiện được niêm yết tại nơi tiếp nhận và đăng trên mạng.",
    "Buổi làm việc có đại diện của nhiều phòng, ban.",
    "Người đứng đầu bộ phận chuyên môn cho biết sẽ tiếp tục cung cấp thông tin.",
    "Nội dung này nằm trong chương trình công tác của năm.",
    "Tài liệu liên quan gồm ba phụ lục kèm theo.",
    "Báo cáo tiếp theo sẽ được gửi vào cuối quý.",
    "Trước đó, vấn đề đã được đưa ra tại phiên họp thường kỳ.",
    "Ý kiến của người dân được ghi vào biên bản.",
)
