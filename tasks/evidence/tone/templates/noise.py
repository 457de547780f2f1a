"""What typing does to a post: lost marks, teencode, typos, drawn-out letters, emoji, no capitals."""

import re
from dataclasses import dataclass
from random import Random
from unicodedata import normalize

_MARKED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
_PLAIN_OF = {letter: normalize("NFD", letter.replace("đ", "d"))[0] for letter in _MARKED}
_UNMARK = str.maketrans({**_PLAIN_OF, **{key.upper(): value.upper() for key, value in _PLAIN_OF.items()}})
_TEENCODE = {
    "không": ("ko", "k", "hok", "hông"),
    "được": ("dc", "đc"),
    "rồi": ("r", "rùi"),
    "mọi người": ("mn",),
    "cũng": ("cx", "cg"),
    "với": ("vs",),
    "biết": ("bít", "bik"),
    "gì": ("j",),
    "vậy": ("z", "zậy"),
    "quá": ("wá",),
    "luôn": ("lun",),
    "người": ("ng",),
    "hồ sơ": ("hs",),
    "dịch vụ công": ("dvc",),
    "cán bộ": ("cb",),
    "điện thoại": ("dt", "đt"),
    "trả lời": ("tl",),
    "chưa": ("chx",),
    "nhiều": ("nhìu",),
    "thôi": ("thui",),
    "em": ("e",),
    "anh": ("a",),
    "bao giờ": ("bh", "bgio"),
    "căn cước": ("cccd",),
    "chuyển khoản": ("ck",),
}
_TEENCODE_WORD = re.compile(rf"\b({'|'.join(sorted(_TEENCODE, key=len, reverse=True))})\b")
_EMOJI = {
    "positive": ("👍", "😍", "❤", "👏", "😊", "🥰", "💯", "🌹"),
    "negative": ("😡", "👎", "😤", "😭", "🤬", "😞", "🙄", "💩"),
    "neutral": ("🤔", "👀", "📌", "👉"),
}
_STRETCHED = re.compile(r"(quá|ghê|lắm|luôn|hoài|vậy|trời|nha|chán|tốt|đỉnh|tiện)\b")
_PAIR = re.compile(r"\b[^\W\d_]([^\W\d_]{2})[^\W\d_]+")  # not the first letters: those make a word known
# How much each register is typed in haste; headlines are edited.
_HASTE = {"form": 0.3, "app_review": 1.0, "forum": 0.9, "facebook": 1.0, "headline": 0.0}


@dataclass(frozen=True)
class Noise:
    """How probable each habit is in a hasty register; in forms less of it, in headlines none.

    Attributes:
        unmark: No diacritics in the whole post.
        teencode: Abbreviations of teenagers.
        typo: Two letters in the wrong order.
        stretch: A drawn-out last letter.
        emoji: One to three emoji at the end.
        lower: No capitals.
        open_end: No full stop.
    """

    unmark: float = 0.12
    teencode: float = 0.1
    typo: float = 0.06
    stretch: float = 0.05
    emoji: float = 0.06
    lower: float = 0.2
    open_end: float = 0.25

    def habits(self, register: str) -> tuple[tuple[str, float], ...]:
        """Return the habits of a register with their probabilities, in the order in which they are applied."""
        names = (
            "teencode",
            "typo",
            "stretch",
            "lower",
            "open_end",
            "unmark",
            *(("emoji",) if register != "form" else ()),
        )
        return tuple((name, getattr(self, name) * _HASTE[register]) for name in names)


NONE = Noise(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def unmark(text: str) -> str:
    """Return a text without diacritics.

    >>> unmark("Đà Nẵng không phải chờ")
    'Da Nang khong phai cho'
    """
    return text.translate(_UNMARK)


def apply(text: str, habit: str, polarity: str, rng: Random) -> str:
    """Return a text as somebody with a habit types it.

    Args:
        text: The text; private-use letters stand for names and are left alone.
        habit: Name of the habit.
        polarity: Polarity of the post, which an emoji must not contradict.
        rng: Random generator.
    """
    if habit == "unmark":
        return unmark(text)
    if habit == "teencode":
        return _TEENCODE_WORD.sub(lambda found: rng.choice(_TEENCODE[found[1]]), text)
    if habit == "typo":
        return _swapped(text, rng)
    if habit == "stretch":
        return _STRETCHED.sub(lambda found: found[1] + unmark(found[1][-1]) * rng.randint(2, 5), text, count=1)
    if habit == "lower":
        return text.lower()
    if habit == "open_end":
        return text.rstrip(".")
    return f"{text} {rng.choice(_EMOJI[polarity]) * rng.choice((1, 1, 1, 2, 3))}"


def _swapped(text: str, rng: Random) -> str:
    pairs = list(_PAIR.finditer(text))
    if not pairs:
        return text
    at = rng.choice(pairs).start(1)
    return f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"
