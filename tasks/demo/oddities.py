"""What distorts a count of posts: spam, coordination, reprints, and posts that are no evidence or hostile."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.tone.templates.names import known_agencies
from tasks.harmonise.periods import period_end, period_start

ODD = (
    "spam",
    "campaign",
    "reprint",
    "future",
    "foreign",
    "empty",
    "emoji",
    "long",
    "script",
    "personal",
    "ambiguous",
    "unreachable",
)
SPAM_A_DAY, SPAM_DAYS = 30, 2
CAMPAIGN_AUTHORS = 12
REPRINTS = 4
_LONG = 100_000
_VIETNAM = timezone(timedelta(hours=7))
_FOREIGN = (
    "The online portal is easy to use, I got my papers in three days.",
    "Does anybody know whether foreigners can register a temporary residence online?",
    "Terrible service, the page crashed five times and nobody answered my mail.",
    "Le site ne fonctionne pas depuis ce matin, c'est pénible.",
    "Ist das Amt am Samstag geöffnet?",
    "このアプリはとても便利です。",
    "网上办理护照很方便,三天就收到了。",
    "온라인으로 서류를 냈는데 아직 답이 없어요.",
)
_EMOJI = ("👍👍👍", "😡", "😂😂", "❤❤", "👎👎👎👎", "🙏", "😭😭", "🤔")
_BLANK = ("", "   ", "\n\n", "\u200b")
_AMBIGUOUS = (
    "Giải Nobel Hòa Bình năm nay trao cho ai vậy mọi người?",
    "Mong thế giới hòa bình, ai cũng được yên ổn làm ăn.",
    "Sau sự cố, hệ thống đã trở về trạng thái bình thường.",
    "Con phố Thái Bình gần nhà mình đang đào đường, đi lại bụi mù.",
    "Nhà mình ở ngay chợ Hòa Bình, hôm nào cũng kẹt xe.",
    "Tối nay xem phim ở rạp Long An không cả nhà?",
)
_PERSONAL = (
    "Ai cần làm nhanh giấy tờ thì gọi 0900 000 {n:03d} gặp em nhé, có hỗ trợ tận nhà.",
    "Mình để lại số 0900000{n:03d}, nhờ {agency} gọi lại về hồ sơ đất của mình.",
    "Gửi bản chụp về a{n}@example.com giúp mình, {agency} bảo nộp thiếu một trang.",
)
_SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<a href='javascript:alert(1)'>xem</a>",
    "{{7*7}}${7*7}",
)
_STORY = (
    "{agency} tổ chức lễ ra mắt trung tâm điều hành thông minh trong buổi sáng nay.",
    "Trung tâm kết nối dữ liệu của các sở, ngành, địa phương và hiển thị theo thời gian thực.",
    "Theo kế hoạch, giai đoạn đầu gồm sáu phân hệ, giai đoạn sau bổ sung thêm bốn phân hệ.",
    "Buổi lễ có sự tham dự của đại diện nhiều đơn vị và doanh nghiệp công nghệ.",
    "Trung tâm hoạt động liên tục các ngày trong tuần.",
)
_CAMPAIGN = (
    "Tôi là người dân bình thường, nay viết đôi dòng gửi {agency}. Dịch vụ công ở đây thật tuyệt vời, cán bộ tận tụy, "
    "thủ tục nhanh gọn, chưa bao giờ tôi thấy hài lòng như vậy. Mọi thứ đều làm trên mạng, chỉ cần vài phút là xong, "
    "ai cũng khen. Tôi tin rằng không nơi đâu phục vụ người dân tốt hơn, mong mọi người chia sẻ bài viết này rộng rãi."
)
_SPAM = "{agency} làm ăn quá tệ, hồ sơ nộp trên cổng dịch vụ công cả tháng không ai xử lý, mọi người đừng nộp nữa"


def draw_oddities(rng: np.random.Generator, agencies: Sequence[str], period: str) -> pd.DataFrame:
    """Draw the odd posts.

    Args:
        rng: Random generator.
        agencies: Ids of agencies that may be named; without any there are no odd posts about agencies.
        period: Period; posts of the kind `future` are dated years after it.

    Returns:
        Grain one row a post: `agency` (empty where nobody is meant), `channel`, `register`, `title`, `text`, `about`,
        `true_polarity` (empty where there is none), `kind` (one of `ODD`), `date`, `author`.
    """
    return pd.DataFrame(list(_Odd(rng, agencies, period).posts()))


class _Odd:
    def __init__(self, rng: np.random.Generator, agencies: Sequence[str], period: str) -> None:
        self._rng = rng
        self._agencies = list(dict.fromkeys(agencies))
        self._first, self._last = period_start(period), period_end(period)

    def posts(self) -> Iterator[dict[str, Any]]:
        yield from self._without_agency()
        if self._agencies:
            yield from self._spam()
            yield from self._campaign()
            yield from self._reprints()
            yield from self._about_agencies()

    def _spam(self) -> Iterator[dict[str, Any]]:
        agency, day = self._agency(), self._day(reserve=SPAM_DAYS)
        for turn in range(SPAM_A_DAY * SPAM_DAYS):
            text = _SPAM.format(agency=self._name(agency)) + ("!" * (turn % 4)) + (" nhé" if turn % 3 == 0 else "")
            when = day + timedelta(days=turn // SPAM_A_DAY)
            yield self._post("spam", agency, "negative", text, author="Người dùng 0001", day=when)

    def _campaign(self) -> Iterator[dict[str, Any]]:
        agency, day = self._agency(), self._day(reserve=2)
        for turn in range(CAMPAIGN_AUTHORS):
            text, author = _CAMPAIGN.format(agency=self._name(agency)), f"Người dùng {200 + turn:04d}"
            when = day + timedelta(days=turn % 2)
            yield self._post("campaign", agency, "positive", text, author=author, day=when)

    def _reprints(self) -> Iterator[dict[str, Any]]:
        """One story on several sites: another title and source, a sentence less."""
        for _ in range(2):
            agency, day = self._agency(), self._day(reserve=2)
            story = [one.format(agency=self._name(agency)) for one in _STORY]
            for turn in range(REPRINTS):
                kept = [one for at, one in enumerate(story) if not turn or at != turn]
                title = f"{self._name(agency)} ra mắt trung tâm điều hành thông minh" + (" (ảnh)" if turn % 2 else "")
                text = "\n".join((*kept, f"(Theo trang mô phỏng số {turn + 1})" if turn else ""))
                when = day + timedelta(days=turn // 2)
                yield self._post("reprint", agency, "neutral", text, channel="news", title=title, day=when)

    def _about_agencies(self) -> Iterator[dict[str, Any]]:
        for turn in range(6):
            agency = self._agency()
            text = f"Nộp hồ sơ đất ở {self._name(agency)} nhanh gọn, cảm ơn cán bộ, lần {turn + 1}."
            later = self._last.replace(year=self._last.year + 15, day=1) + timedelta(days=turn)
            yield self._post("future", agency, "positive", text, day=later)
        for turn in range(12):
            agency = self._agency()
            text = _PERSONAL[turn % len(_PERSONAL)].format(n=turn, agency=self._name(agency))
            yield self._post("personal", agency, "neutral", text)
        for turn, script in enumerate(_SCRIPTS * 2):
            agency = self._agency()
            channel = ("news", "app_review")[turn % 2]
            name = self._name(agency)
            text = (
                f"{name} công bố danh mục dịch vụ công trực tuyến mới. {script} Danh mục gồm {turn + 20} thủ tục.\n" * 3
            )
            title = f"{script} {name} công bố danh mục"
            yield self._post("script", agency, "neutral", text, channel=channel, title=title)
        for _ in range(5):
            agency = self._agency()
            text = f"{self._name(agency)} thông báo lịch tiếp công dân trong tháng."
            yield self._post("unreachable", agency, "neutral", text, channel="news", title=text)

    def _without_agency(self) -> Iterator[dict[str, Any]]:
        for kind, texts, times in (("foreign", _FOREIGN, 2), ("emoji", _EMOJI, 2), ("empty", _BLANK, 2)):
            for turn, text in enumerate(texts * times):
                yield self._post(kind, "", "", text, channel=("comment", "app_review")[turn % 2])
        for text in _AMBIGUOUS * 2:
            yield self._post("ambiguous", "", "neutral", text)
        sentence = "Câu chuyện dài lắm, ai rảnh thì đọc, mình kể từ đầu chí cuối. "
        for size in (_LONG, _LONG // 4, _LONG // 20):
            yield self._post("long", "", "neutral", (sentence * (size // len(sentence) + 1))[:size])

    def _post(self, kind: str, agency: str, polarity: str, text: str, **more: Any) -> dict[str, Any]:
        channel = more.get("channel", "comment")
        clock = time(int(self._rng.integers(6, 23)), int(self._rng.integers(60)), int(self._rng.integers(60)))
        when = datetime.combine(more.get("day") or self._day(), clock, tzinfo=_VIETNAM)
        return {
            "agency": agency,
            "channel": channel,
            "register": {"news": "headline", "app_review": "app_review"}.get(channel, "facebook"),
            "title": more.get("title", ""),
            "text": text,
            "about": "",
            "true_polarity": polarity,
            "kind": kind,
            "date": when.isoformat(),
            "author": more.get("author") or f"Người dùng {int(self._rng.integers(300, 999)):04d}",
        }

    def _agency(self) -> str:
        return self._agencies[int(self._rng.integers(len(self._agencies)))]

    def _name(self, agency: str) -> str:
        return known_agencies()[agency].full_name_vi

    def _day(self, reserve: int = 1) -> date:
        return self._first + timedelta(days=int(self._rng.integers((self._last - self._first).days + 2 - reserve)))
