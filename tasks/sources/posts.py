"""POST: what somebody wrote in public, as written; the one frame that all sources of tone give."""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields

import pandas as pd

from tasks.sources.limits import MAX_TEXT

CHANNELS = ("news", "comment", "app_review")


@dataclass(frozen=True, slots=True, repr=False)  # it says who wrote what: it is never printed
class Post:
    """One row of the POST frame; everything is text, and what is not known is empty.

    Attributes:
        post_id: 32 hexadecimal digits of the portal's name and the post's own id or address.
        channel: One of `CHANNELS`.
        portal: Name of the portal or export.
        place: Origin of the page or export that it came in, `#again=N` included: what leads to its snapshot.
        author: Author as written.
        published_at: ISO 8601 in UTC; of a time without a zone, that of Vietnam was meant; a mere date is midnight UTC.
        title: Title of an article or review.
        text: Main text, at most 20,000 characters, without tags and controls, NFC.
        stars: `1` to `5`.
        thread: Address of what is commented on.
        about: Name of the app or agency that a page of reviews or feedback is about.
    """

    post_id: str
    channel: str
    portal: str
    place: str
    author: str = ""
    published_at: str = ""
    title: str = ""
    text: str = ""
    stars: str = ""
    thread: str = ""
    about: str = ""


POST_COLUMNS = tuple(field.name for field in fields(Post))


def post_id(portal: str, native: str) -> str:
    """Return the id of a post.

    Args:
        portal: Name of the portal.
        native: Id that the portal gives it, or its address.

    >>> post_id("báo", "1") == post_id("báo", "1") != post_id("báo", "2")
    True
    """
    return hashlib.blake2b(f"{portal}\0{native}".encode(errors="replace"), digest_size=16).hexdigest()


def post_frame(posts: Iterable[Post]) -> pd.DataFrame:
    """Lay out posts in the columns of POST, all of them text.

    Returns:
        Grain one row a post. A post that came more than once counts as it came last, and stands there; posts without
        any text are left out.
    """
    found: dict[str, Post] = {}
    for post in posts:
        found.pop(post.post_id, None)
        if post.text:
            found[post.post_id] = post
    rows = [[getattr(post, name) for name in POST_COLUMNS] for post in found.values()]
    return pd.DataFrame(rows, columns=list(POST_COLUMNS), dtype="str")


def cut(text: str) -> str:
    """A text without what goes beyond the longest post, and without half a letter at its end."""
    if len(text) <= MAX_TEXT:
        return text
    end = MAX_TEXT
    while end and unicodedata.combining(text[end]):
        end -= 1
    return text[:end]
