"""The project's own corpus: Vietnamese posts on public services, written for it and labelled (docs/tone-labels.md).

One CSV a writer; `splits.csv` says which writers are learned from, tuned on and tested on, so that nobody's habits of
writing stand on two sides.
"""

import csv
from functools import lru_cache
from importlib.resources import files

import pandas as pd

CHANNEL_OF = {
    "form": "comment",
    "forum": "comment",
    "facebook": "comment",
    "app_review": "app_review",
    "headline": "news",
}
COLUMNS = ("id", "text", "polarity", "aspect", "agencies", "register", "phenomena")


@lru_cache(maxsize=1)
def _corpus() -> pd.DataFrame:
    folder = files(__name__)
    frames = []
    for row in csv.DictReader((folder / "splits.csv").read_text(encoding="utf-8").splitlines()):
        text = (folder / f"{row['writer']}.csv").read_text(encoding="utf-8")
        posts = pd.DataFrame(list(csv.DictReader(text.splitlines())), columns=list(COLUMNS), dtype="str")
        frames.append(posts.assign(writer=row["writer"], split=row["split"]))
    whole = pd.concat(frames, ignore_index=True)
    return whole.assign(channel=whole["register"].map(CHANNEL_OF))


def corpus(split: str = "") -> pd.DataFrame:
    """Return labelled posts: the columns of the files, writer, split and channel; text, grain one a post.

    Args:
        split: `train`, `validation` or `test`; empty for all.
    """
    whole = _corpus()
    return (whole if not split else whole[whole["split"] == split]).reset_index(drop=True)
