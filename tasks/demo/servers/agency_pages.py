"""The pages of a made up agency portal: each shows exactly what it is said to hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import escape

from warehouse.reference.checks import load_checks

PORTAL, SERVICES, CATALOGUE = "", "dich-vu-cong", "dich-vu-cong/danh-muc"
FEED, SITEMAP, SEARCH = "rss.xml", "sitemap.xml", "tim-kiem"
_HEADERS = {
    "header_hsts": ("Strict-Transport-Security", "max-age=31536000"),
    "header_csp": ("Content-Security-Policy", "default-src 'self'"),
    "header_content_type_options": ("X-Content-Type-Options", "nosniff"),
    "header_referrer_policy": ("Referrer-Policy", "strict-origin-when-cross-origin"),
    "header_frame_options": ("X-Frame-Options", "SAMEORIGIN"),
}
_VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
_NOTE = "<p>SYNTHETIC</p>"
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


@dataclass(frozen=True)
class PortalSpec:
    """What a made up portal holds.

    Attributes:
        agency: Id of the agency.
        name: Its name.
        role: Empty, `dead`, `slow` or `forbidden` by robots.txt.
        shows: Codes of the checks whose subject stands on the pages.
        ages: Page to the age of its newest item in days.
        levels: Level to number of services in the catalogue.
    """

    agency: str
    name: str
    role: str = ""
    shows: Collection[str] = ()
    ages: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Served:
    """An answer of the portal."""

    body: bytes
    media: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def serve_page(spec: PortalSpec, path: str, root: str) -> Served | None:
    """Return what a portal answers, None where it has no such page.

    Args:
        spec: The portal.
        path: Path below its address, without slashes at the ends.
        root: Its address, with a slash at the end.
    """
    today = (datetime.now(UTC) + timedelta(hours=7)).date()
    linked = {check.follow for check in load_checks().values() if check.follow}
    match path:
        case "":
            return Served(_home(spec, root, today).encode(), headers=_headers(spec))
        case "rss.xml":
            return Served(_feed(spec, root, today).encode(), "application/rss+xml") if "feed" in spec.shows else None
        case "sitemap.xml" if "sitemap_file" in spec.shows:
            return Served(_sitemap(root).encode(), "application/xml")
        case "tim-kiem":
            return Served(_search(spec, root).encode())
        case "dich-vu-cong":
            return Served(_services(spec, root).encode())
        case "dich-vu-cong/danh-muc":
            return Served(_catalogue(spec).encode())
        case name if name in linked:
            return Served(_section(spec, name, root, today).encode())
    return None


def _headers(spec: PortalSpec) -> dict[str, str]:
    return dict(pair for code, pair in _HEADERS.items() if code in spec.shows)


def _home(spec: PortalSpec, root: str, today: date) -> str:
    shows = spec.shows
    links = [
        f'<li><a href="{root}{check.follow or code}">{_label(check.words[0], number)}</a></li>'
        for number, (code, check) in enumerate(load_checks().items())
        if check.kind == "link" and check.page == "home" and code in shows
    ]
    form = f'<form action="{root}{SEARCH}" id="search"><input type="text" name="q" placeholder="Tìm kiếm"></form>'
    parts = [
        f"<div>Hôm nay, {_WEEKDAYS[today.weekday()]}, ngày {today:%d/%m/%Y}</div>",  # no news, whatever its date
        form if "section_search" in shows else "",
        f"<h1>{escape(spec.name)}</h1>",
        f"<ul>{''.join(links)}</ul>",
        "<h2>Nổi bật</h2>" if "page_headings" in shows else "<h4>Nổi bật</h4>",
        _news(root, today, spec.ages["home"]),
        _images(root, every="page_alt" in shows),
        f'<p style="color: {"#222" if "page_contrast" in shows else "#aaa"}; background: #fff">Bản quyền</p>',
        '<a href="https://www.facebook.com/synthetic">Facebook</a>' if "social_page" in shows else "",
    ]
    feed = f'<link rel="alternate" type="application/rss+xml" href="{root}{FEED}">' if "feed" in shows else ""
    return _html(spec, "".join(parts), shows, ("page_lang", "page_title", "page_viewport"), feed)


def _services(spec: PortalSpec, root: str) -> str:
    shows = spec.shows
    parts = [_listed(spec, "services"), "<h1>Một cửa</h1>"]
    if "services_catalogue" in shows:
        parts.append(f'<a href="{root}{CATALOGUE}">Danh mục dịch vụ công</a>')
    if "services_sso" in shows:
        parts.append('<a href="https://dangnhap.dichvucong.gov.vn/">Đăng nhập</a>')
    if "services_accessible" not in shows:
        parts.append(_images(root, every=False))
    return _html(spec, "".join(parts), {*shows, "lang", "title"}, ("lang", "title", "services_viewport"))


def _catalogue(spec: PortalSpec) -> str:
    lines = [f"<li>Mức độ {level}: {count} dịch vụ</li>" for level, count in spec.levels.items()]
    shown = f"<ul>{''.join(lines)}</ul>" if "catalogue_levels" in spec.shows else "<p>Đang xây dựng</p>"
    return _html(spec, shown, {"lang", "title"}, ("lang", "title", ""))


def _section(spec: PortalSpec, page: str, root: str, today: date) -> str:
    """A page that the home page links to."""
    shows = spec.shows
    parts = [_listed(spec, page), _news(root, today, spec.ages.get(page, 0))]
    if f"{page}_media" in shows:
        parts.append('<iframe src="https://www.youtube.com/embed/x" title="x"></iframe>')
    if page == "feedback" and "feedback_attachments" in shows:
        parts.append('<form method="post"><input type="file" name="anh"></form>')
    if page == "open_data":
        parts.append('<a href="bang.csv">bang</a>' if "open_data_formats" in shows else "")
        parts.append('<a href="https://data.gov.vn/">data</a>' if "open_data_national" in shows else "")
        parts.append("" if "open_data_public" in shows else '<form method="post"><input type="password"></form>')
    return _html(spec, "".join(parts), {"lang", "title"}, ("lang", "title", ""))


def _listed(spec: PortalSpec, page: str) -> str:
    """The words of the checks of a page that it shows."""
    found = [
        f"<li>{_label(check.words[0], number)}</li>"
        for number, (code, check) in enumerate(load_checks().items())
        if check.kind == "words" and check.page == page and code in spec.shows
    ]
    return f"<ul>{''.join(found)}</ul>"


def _search(spec: PortalSpec, root: str) -> str:
    found = [f'<li><a href="{root}bai-{one}">Bài {one} nói về chuyển đổi số</a></li>' for one in range(3)]
    shown = f"<ol>{''.join(found)}</ol>" if "search_works" in spec.shows else "<p>Không tìm thấy: chuyển đổi số</p>"
    return _html(spec, shown, {"lang", "title"}, ("lang", "title", ""))


def _news(root: str, today: date, age: int) -> str:
    items = [
        f'<li><a href="{root}tin-{one}">Hội nghị giao ban thường kỳ lần thứ {one} của cơ quan</a> '
        f"<span>{today - timedelta(days=age + 3 * one):%d/%m/%Y}</span></li>"
        for one in range(4)
    ]
    return f"<ul>{''.join(items)}</ul>"


def _images(root: str, *, every: bool) -> str:
    return "".join(f'<img src="{root}anh-{one}.png"{" alt=anh" if every or one else ""}>' for one in range(4))


def _feed(spec: PortalSpec, root: str, today: date) -> str:
    at = datetime.combine(today - timedelta(days=spec.ages["home"]), datetime.min.time(), UTC)
    published = f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0700</pubDate>"
    item = f"<item><title>Hội nghị</title><link>{root}tin-0</link>{published}</item>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{escape(spec.name)}</title>{item}</channel></rss>'


def _sitemap(root: str) -> str:
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?><urlset xmlns="{namespace}"><url><loc>{root}</loc></url></urlset>'


def _label(words: str, number: int) -> str:
    """A name as portals write it: some in capitals."""
    return escape(words.upper() if number % 3 == 0 else words.capitalize())


def _html(spec: PortalSpec, body: str, shows: Collection[str], codes: tuple[str, str, str], head: str = "") -> str:
    """A whole page; `codes` say whether it has a language, a title and a viewport."""
    lang, title, viewport = codes
    return (
        f"<!DOCTYPE html><html{' lang=vi' if lang in shows else ''}><head><meta charset=utf-8>"
        f"{f'<title>{escape(spec.name)}</title>' if title in shows else ''}"
        f"{_VIEWPORT if viewport in shows else ''}"
        f"{head}<script>var tin = '31/12/2099';</script></head><body>{body}{_NOTE}</body></html>"
    )
