"""Whether a post is Vietnamese, by the share of its words that can be Vietnamese syllables, with or without marks.

Language identifiers call nine of ten posts without diacritics foreign; the syllables of Vietnamese are few and regular.
"""

from collections.abc import Sequence
from itertools import product

from tasks.evidence.tone.normalise import fold

_ONSETS = "b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split()  # noqa: SIM905
_RIMES = """
    a ac ach ai am an ang anh ao ap at au ay e ec em en eng enh eo ep et eu i ia ich iec iem ien ieng iep iet
    ieu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oat oay oc oe oen oeo oet oi om on ong ooc
    oong op ot u ua uan uang uat uay uc ue uech uenh ui uoc uoi uom uon uong uop uot uou um un ung uo up ut uu
    uy uya uych uyen uyet uynh uyt y yem yen yet yeu
""".split()  # noqa: SIM905
SYLLABLES = frozenset(_RIMES) | frozenset(onset + rime for onset, rime in product(_ONSETS, _RIMES))
# Ordinary words of English that could be syllables; they count for neither side.
_ENGLISH = frozenset(
    "a an and at can do go he her him his i in is it me no of on so than that the them then to us we you".split()  # noqa: SIM905
)

_MARKED = 2  # syllables with marks: no other language has them
_LEAST_WORDS = 4
_LEAST_SHARE = 0.5


def is_vietnamese(words: Sequence[str], folded: Sequence[str] | None = None) -> bool:
    """Whether words (`normalise.tokens`) are Vietnamese; fewer than four that count are never called foreign.

    >>> is_vietnamese("app hay bi loi dang nhap".split()), is_vietnamese("this application crashes every time".split())
    (True, False)

    Args:
        words: The words.
        folded: The same words folded, where somebody has them.
    """
    if not words:
        return True
    # Of a long post more: "login" and "admin" are written out in Vietnamese whatever the language around them.
    enough = max(_MARKED, len(words) // 4)
    if folded is None:
        folded = fold("\n".join(words)).split("\n")  # once for all words: folding is what costs
    marked = 0
    for word, plain in zip(words, folded, strict=True):
        if not word.isascii() and plain in SYLLABLES:
            marked += 1
            if marked == enough:
                return True
    counted = [plain for plain in folded if plain.isalpha() and plain not in _ENGLISH]
    if len(counted) < _LEAST_WORDS:
        return True
    return sum(plain in SYLLABLES for plain in counted) / len(counted) >= _LEAST_SHARE
