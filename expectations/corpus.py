"""What must be true of the corpus that tone is learned from: labels, balance, and nothing on two sides of the split."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, get_args

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

from expectations.runner import checks_of, run_suite
from warehouse.errors import DtiError
from warehouse.frameworks.tone import Aspect
from warehouse.reference.agencies import load_agencies

POLARITIES = ("negative", "neutral", "positive")
ASPECTS = (*get_args(Aspect), "irrelevant")
REGISTERS = ("form", "app_review", "forum", "facebook", "headline")
PHENOMENA = (
    "no_diacritics", "teencode", "negation", "contrast", "irony", "question", "request", "praise", "news", "emoji",
)  # fmt: skip
SPLITS = ("train", "validation", "test")

FEWEST_POSTS = 4_000
LEAST_POLARITY = 0.20  # of a split, each polarity
UNACCENTED = (0.15, 0.35)  # of a split: many citizens write so, most do not
MOST_SHARED = (
    0.02  # of a held-out split: short wordings ("lỗi hoài") that a training post has too; everybody writes them
)
_LONG = 6  # words from which nobody writes the same by chance

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.])(?:\+?84|0)(?:[ .\-]?\d){8,10}(?!\d)")
_MADE_UP_MAIL = re.compile(r"@(?:[\w-]+\.)*example\.(?:com|org|net|vn)$|@email\.com$", re.I)
_MARK = re.compile(r"[\u0300-\u036f]|[đĐ]")


@dataclass(frozen=True)
class Fault:
    """A rule that the corpus breaks.

    Attributes:
        rule: Name of the rule.
        where: Ids of the posts, or the parts of the corpus, the first ten.
        count: How many there are.
    """

    rule: str
    where: tuple[str, ...]
    count: int


def corpus_faults(posts: pd.DataFrame) -> list[Fault]:
    """Hold a corpus against its rules.

    Args:
        posts: Labelled posts, grain one a post: id, text, polarity, aspect, agencies and phenomena (each joined by
            `|`), register, writer, split.

    Returns:
        The rules that are broken, in the order of the suite; empty for a sound corpus.

    Raises:
        DtiError: A column is missing, or a check crashed, so that nothing is known.
    """
    needed = ("id", "text", "polarity", "aspect", "agencies", "register", "phenomena", "writer", "split")
    if missing := [name for name in needed if name not in posts]:
        raise DtiError(f"The corpus has no column {missing[0]!r}.", f"It needs {', '.join(needed)}.")
    posts = posts.reset_index(drop=True)
    view, parts = post_view(posts), balance_view(posts)
    return _faults(view, post_suite(), view["id"]) + _faults(parts, balance_suite(), parts["part"])


def post_view(posts: pd.DataFrame) -> pd.DataFrame:
    """Return what is judged of each post: its labels, and what its text and its neighbours say."""
    text = posts["text"].fillna("").astype(str)
    wording = text.map(_wording)
    long = wording.str.count(" ") + 1 >= _LONG
    known = {agency.agency_id for agency in load_agencies()}
    return posts[["id", "text", "polarity", "aspect", "register", "split", "writer"]].assign(
        text=text.where(text.str.strip() != "", None),
        folded=text.map(_folded),
        nfc=text.map(lambda one: unicodedata.is_normalized("NFC", one)),
        agencies_known=_all_in(posts["agencies"], known),
        phenomena_known=_all_in(posts["phenomena"], PHENOMENA),
        personal=text.map(_personal),
        sides=posts.groupby(wording)["split"].transform("nunique").where(long, 1),
        writer_sides=posts.groupby("writer")["split"].transform("nunique"),
    )


def balance_view(posts: pd.DataFrame) -> pd.DataFrame:
    """Return what is judged of parts of the corpus: part, value, least, most."""
    rows: list[tuple[str, float, float, float]] = [("posts", float(len(posts)), FEWEST_POSTS, float("inf"))]
    wordings = posts["text"].fillna("").astype(str).map(_wording)
    learned = set(wordings[posts["split"] == "train"])
    for split in SPLITS:
        here = (posts["split"] == split).to_numpy()
        own, count = posts[here], max(1, int(here.sum()))
        rows += [
            (f"{split}: {name}", (own["polarity"] == name).sum() / count, LEAST_POLARITY, 1) for name in POLARITIES
        ]
        rows += [(f"{split}: {name}", float((own["register"] == name).sum()), 1, float("inf")) for name in REGISTERS]
        plain = sum(map(_unaccented, own["text"].fillna("").astype(str))) / count
        rows.append((f"{split}: without diacritics", plain, *UNACCENTED))
        if split != "train":
            rows.append((f"{split}: wordings of train", wordings[here].isin(learned).sum() / count, 0, MOST_SHARED))
    return pd.DataFrame(rows, columns=["part", "value", "least", "most"]).astype(
        {"value": float, "least": float, "most": float}
    )


def post_suite() -> Any:
    """Return the suite over `post_view`."""
    expectations = {
        "id_is_unique": gxe.ExpectColumnValuesToBeUnique(column="id"),
        "text_is_there": gxe.ExpectColumnValuesToNotBeNull(column="text"),
        "polarity_is_known": _one_of("polarity", POLARITIES),
        "aspect_is_known": _one_of("aspect", ASPECTS),
        "register_is_known": _one_of("register", REGISTERS),
        "split_is_known": _one_of("split", SPLITS),
        "phenomena_are_known": _one_of("phenomena_known", [True]),
        "agencies_are_known": _one_of("agencies_known", [True]),
        "text_is_nfc": _one_of("nfc", [True]),
        "text_is_unique": gxe.ExpectColumnValuesToBeUnique(column="folded"),
        "text_on_one_side": _one_of("sides", [1]),
        "writer_on_one_side": _one_of("writer_sides", [1]),
        "nobody_is_reached": _one_of("personal", [False]),
    }
    # A set does not judge what is missing.
    for name in ("polarity", "aspect", "register", "split", "writer"):
        expectations[f"{name}_is_there"] = gxe.ExpectColumnValuesToNotBeNull(column=name)
    return _suite("corpus_posts", expectations)


def balance_suite() -> Any:
    """Return the suite over `balance_view`."""
    pair = gxe.ExpectColumnPairValuesAToBeGreaterThanB
    return _suite(
        "corpus_balance",
        {
            "enough_of_it": pair(column_A="value", column_B="least", or_equal=True),
            "not_too_much_of_it": pair(column_A="most", column_B="value", or_equal=True),
        },
    )


def _faults(view: pd.DataFrame, suite: Any, names: pd.Series) -> list[Fault]:
    faults = []
    for check in checks_of(run_suite(view, suite)):
        if check.crashed:
            raise DtiError(f"The check {check.rule} of the corpus crashed: {check.crashed}.", "Mend the check.")
        if len(check.failed):
            where = tuple(str(name) for name in names.iloc[check.failed[:10]])
            faults.append(Fault(check.rule, where, len(check.failed)))
    return faults


def _suite(name: str, expectations: dict[str, Any]) -> Any:
    for rule, expectation in expectations.items():
        expectation.meta = {"rule": rule}
    return gx.ExpectationSuite(name=name, expectations=list(expectations.values()))


def _one_of(column: str, allowed: Collection[Any]) -> Any:
    return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(allowed))


def _all_in(joined: pd.Series, allowed: Collection[str]) -> pd.Series:
    return joined.fillna("").map(lambda text: set(filter(None, text.split("|"))) <= set(allowed))


def _personal(text: str) -> bool:
    """Whether a text holds an address or a number that could be somebody's, and is not plainly made up."""
    mails = any(not _MADE_UP_MAIL.search(found) for found in _MAIL.findall(text))
    digits = [re.sub(r"\D", "", found) for found in _PHONE.findall(text)]
    return mails or any(not _made_up(number) for number in digits)


def _made_up(number: str) -> bool:
    """Whether a telephone number is one that nobody has: few digits, again and again, or counted up."""
    return len(set(number)) <= 3 or number in "01234567890123456789" or "000000" in number


def _unaccented(text: str) -> bool:
    """Whether a text has letters and none of them has a mark."""
    return any(map(str.isalpha, text)) and not _MARK.search(unicodedata.normalize("NFD", text))


def _folded(text: str) -> str:
    plain = _MARK.sub(lambda found: "d" if found[0] in "đĐ" else "", unicodedata.normalize("NFD", text.lower()))
    return " ".join(plain.split())


def _wording(text: str) -> str:
    """The words of a text alone; the text itself where it has none, so that signs are no wording that all share."""
    return " ".join(re.findall(r"[^\W_]+", _folded(text))) or text
