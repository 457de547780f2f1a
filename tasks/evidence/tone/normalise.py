"""Posts as people type them, brought to one form that also holds no personal data.

Everything that is looked up is looked up in tables and in patterns compiled once: a short post costs about 30 µs.
"""

import re
from collections.abc import Sequence

from tasks.evidence.tone.lists import rows
from tasks.harmonise.text import nfc

LONGEST = 20_000  # characters that count of a post: nobody reads more, and an essay must not cost an hour

# The signs of Vietnamese, one to one, so that a place in the folded text is the same place in the text.
_LETTERS = {
    "a": "àáảãạăằắẳẵặâầấẩẫậ",
    "e": "èéẻẽẹêềếểễệ",
    "i": "ìíỉĩị",
    "o": "òóỏõọôồốổỗộơờớởỡợ",
    "u": "ùúủũụưừứửữự",
    "y": "ỳýỷỹỵ",
    "d": "đð",
}
_FOLD = {ord(sign): plain for plain, signs in _LETTERS.items() for sign in signs}
_FOLD |= {ord(sign.upper()): plain for plain, signs in _LETTERS.items() for sign in signs if len(sign.upper()) == 1}
_FOLD |= {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}

URL, MAIL, PHONE, DIGITS = "urltoken", "mailtoken", "phonetoken", "digitstoken"
# Whatever reaches a person goes: addresses, telephone and identity numbers, accounts.
# Each begins where a word begins and looks at a few parts only: else a post of 20,000 dots would cost seconds.
_URL = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w-])-*[a-z0-9][\w-]*(?:\.[\w-]+){0,8}\.(?:gov\.vn|com|vn|net|org|info|top|xyz|cc)\b\S*"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s/?#]+\S*|(?<![\w-])[\w-]+(?:\.[\w-]+){1,8}/\S*", re.I)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
_PHONE = re.compile(r"(?<![\w])(?:\+?84|0)(?:[ .\-()]{0,2}\d){8,10}(?!\d)")
_DIGITS = re.compile(r"\d(?:[.,\-/]?\d){5,}|(?<!\d)\d{3,4}(?: \d{2,4}){2,}(?!\d)")
# What each of these patterns holds: looked for first, because most posts have none of it.
_HAS_URL = re.compile(r"https?://|www\.|\.(?:com|vn|net|org|info|top|xyz|cc)\b")
_HAS_NUMBER = re.compile(r"\d(?:[ .,\-/]?\d){5}")
_HANDLE = re.compile(r"@+[\w.]{2,}")
_SQUEEZE = re.compile(r"([^\W\d])\1{2,}")
_TONES = re.compile(r"(o[àáảãạ]|o[èéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])(?![a-zà-ỹ])")
_TONE_MOVED = {
    f"{first}{second}": f"{moved}{plain}"
    for first, plain, seconds, moveds in (
        ("o", "a", "àáảãạ", "òóỏõọ"),
        ("o", "e", "èéẻẽẹ", "òóỏõọ"),
        ("u", "y", "ỳýỷỹỵ", "ùúủũụ"),
    )
    for second, moved in zip(seconds, moveds, strict=True)
}
_EMOTICON = re.compile(
    r"(?P<laughing>[:=]\){2,}|:v\b|=\){1,}|\bxd\b|:3)"
    r"|(?P<positive>:-?\)|:-?d\b|<3|\^_?\^|;-?\))"
    r"|(?P<negative>[:=]-?\(+|-_+-|-\.-|>_<|t_t|=\.=|:-?/(?!/))"
)
_SIGN = re.compile("[\u2000-\U0010ffff]")  # whatever is no letter of Vietnamese
_FACES = frozenset(":=<^-;>_x")  # every emoticon holds one of them
_EMOJI = {
    ord(sign): f" emoji{row['class']} " for row in rows("emoji") for sign in row["signs"] if not sign.isspace()
} | dict.fromkeys((0xFE0F, 0x200D, 0x200B, 0x2060, 0xFEFF))
_TOKEN = re.compile(r"[^\W_]+|[.!?…](?![.!?…])|[,;:]")  # of "?!!" the last sign
_TEENCODE: dict[str, list[str]] = {row["written"]: row["means"].split() for row in rows("teencode")}
STOPS = frozenset(".,;:!?…")
# Controls, and what turns the direction of writing: they show one text and hide another.
_CONTROLS = dict.fromkeys((*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), " ")

NEGATIONS = frozenset({"không", "chưa", "chẳng", "chả", "đừng", "khong", "chua", "chang", "cha", "dung"})
NOT = "NOT_"
_WINDOW = 2


def fold(text: str) -> str:
    """Return a text of the same length in lower case without the signs of Vietnamese.

    >>> fold("Đà Nẵng")
    'da nang'
    """
    return text.translate(_FOLD)


def compose(text: str) -> str:
    """Return a text in NFC, without half characters and controls, cut at `LONGEST` characters, with single spaces."""
    text = text[:LONGEST]
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode("utf-8")
        text = nfc(text)
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    return " ".join(text.split())


def mask(text: str) -> str:
    """Return a composed text in which nothing reaches a person: see `clean`; the rest stays as it was written.

    >>> mask("Gọi 0912.345.678 hay a.b@c.vn, xem https://dichvucong.gov.vn/hs?id=12345678")
    'Gọi phonetoken hay mailtoken, xem dichvucong.gov.vn'
    """
    text = compose(text)
    if "/" in text:  # before mails: an address may carry the name of a user
        text = _ADDRESS.sub(_host, text)
    if "@" in text:
        text = _HANDLE.sub(MAIL, _MAIL.sub(MAIL, text))
    if _HAS_NUMBER.search(text):
        text = _DIGITS.sub(DIGITS, _PHONE.sub(PHONE, text))
    return text


def clean(text: str) -> str:
    """Return a composed text in lower case in which nothing reaches a person any more.

    Addresses, telephone numbers, long numbers and names of accounts become tokens; signs become words; tone marks stand
    where the new orthography puts them; letters that are repeated stand once.

    >>> clean("Gọi 0912.345.678 hoà giải, đẹpppp quá 😍")
    'gọi phonetoken hòa giải, đẹp quá emojipositive'
    """
    return clean_composed(compose(text))


def clean_composed(text: str) -> str:
    """Like `clean`, of a text that is composed already."""
    text = text.lower()
    if "@" in text:
        text = _HANDLE.sub(MAIL, _MAIL.sub(MAIL, text))
    if _HAS_URL.search(text):
        text = _URL.sub(URL, text)
    if _HAS_NUMBER.search(text):
        text = _DIGITS.sub(DIGITS, _PHONE.sub(PHONE, text))
    if not text.isascii():
        text = place_tones(text)
        if _SIGN.search(text):
            text = text.translate(_EMOJI)
    if not _FACES.isdisjoint(text):
        text = _EMOTICON.sub(_name_emoticon, text)
    text = " ".join(_SQUEEZE.sub(r"\1", text).split())
    return nfc(text)


def place_tones(text: str) -> str:
    """Return a text in lower case with tone marks where the new orthography puts them.

    >>> place_tones("hoà bình, thuý, quý")
    'hòa bình, thúy, quý'
    """
    return _TONES.sub(_move_tone, text)


def tokens(cleaned: str) -> list[str]:
    """Return the words and stops of a cleaned text, abbreviations of the young written out.

    >>> tokens("app ko vào dc!!")
    ['app', 'không', 'vào', 'được', '!']
    """
    written: list[str] = _TOKEN.findall(cleaned)
    if _TEENCODE.keys().isdisjoint(written):
        return written
    found: list[str] = []
    for token in written:
        meant = _TEENCODE.get(token)
        if meant is None:
            found.append(token)
        else:
            found += meant
    return found


def mark_negation(words: Sequence[str]) -> list[str]:
    """Return words with `NOT_` before the two that follow a negation within its clause.

    >>> mark_negation(["không", "hài", "lòng", "lắm", ",", "chậm"])
    ['không', 'NOT_hài', 'NOT_lòng', 'lắm', ',', 'chậm']
    """
    if NEGATIONS.isdisjoint(words):
        return list(words)
    marked: list[str] = []
    left = 0
    for word in words:
        if word in NEGATIONS:
            left = _WINDOW
            marked.append(word)
        elif word in STOPS:
            left = 0
            marked.append(word)
        elif left:
            left -= 1
            marked.append(NOT + word)
        else:
            marked.append(word)
    return marked


def _host(found: re.Match[str]) -> str:
    host = found[0].split("://")[-1].removeprefix("www.").partition("/")[0].partition("?")[0].partition("#")[0]
    return host.rpartition("@")[2].partition(":")[0]


def _move_tone(found: re.Match[str]) -> str:
    return _TONE_MOVED[found[0]]


def _name_emoticon(found: re.Match[str]) -> str:
    return f" emoji{found.lastgroup} "
