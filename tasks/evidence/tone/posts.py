"""Posts of persons made fit for the lake: authors become keyed pseudonyms, and nothing in a text reaches anybody."""

import re
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from tasks.evidence.surveys.pseudonyms import Pseudonyms
from tasks.evidence.tone.classify import POSTS
from tasks.evidence.tone.normalise import mask

_DAY = re.compile(r"(\d{4,})-\d\d-\d\d")


def pseudonymise_posts(posts: pd.DataFrame, pseudonyms: Pseudonyms, pages: Mapping[str, str]) -> pa.Table:
    """Make posts pseudonymous.

    Args:
        posts: Rows of `tasks.sources.posts`: post_id, channel, portal, author, published_at, title, text, about.
        pseudonyms: Gives the pseudonyms. An author is one within a portal: nobody is followed from site to site.
        pages: Place of a post (origin of its page) to the sha256 of the bytes that it came in.

    Returns:
        Rows of `POSTS`, ordered by post id. Addresses keep their host, which may name an agency.
    """
    authors = (posts["portal"] + "\0" + posts["author"]).where(posts["author"].str.strip() != "", "")
    table = pa.table(
        {
            "post_id": pseudonyms.exact("post", posts["post_id"]),
            "channel": posts["channel"],
            "author": pseudonyms.exact("author", authors),
            "day": pa.array([_day(said) for said in posts["published_at"]], pa.date32()),
            "title": [mask(text) for text in posts["title"]],
            "text": [mask(text) for text in posts["text"]],
            "about": posts["about"],
            "snapshot": [pages.get(place, "") for place in posts["place"]],
        },
        schema=POSTS,
    )
    return table.take(np.argsort(table.column("post_id").to_numpy(zero_copy_only=False), kind="stable"))


def _day(said: str) -> date | None:
    """The day of a time in ISO 8601; the last day there is where the year has five digits: that is no unknown day."""
    found = _DAY.match(said)
    if found is None:
        return None
    try:
        return date.max if len(found[1]) > len("9999") else date.fromisoformat(found[0])
    except ValueError:
        return None
