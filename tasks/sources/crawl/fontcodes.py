"""Text for old Vietnamese fonts (TCVN3, VNI), which is garbage without the font.

Pages of the 1990s and 2000s wrote "ViÖt Nam" (TCVN3) or "Vieät Nam" (VNI) and drew other shapes for those letters.
They claim to be Latin text, so no charset detection sees it. A word with letters that Vietnamese does not have is
tried: where it becomes a Vietnamese syllable once the font's letters are put in, and many words do, the text is one.
Its post is left out and counted, not repaired: capitals are the same codes as small letters in another font there.
"""

import re
import unicodedata
from itertools import chain

# Letters of TCVN3 in the order of their codes from here on; between them lie codes that no small letter has.
_TCVN3 = dict(
    zip(
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§",
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
        strict=True,
    )
)
_MARKS = dict(zip("øùûõï", "\u0300\u0301\u0309\u0303\u0323", strict=True))  # VNI: tone marks behind a vowel
_WITH_HAT = dict(zip("âáàåãä", ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"], strict=True))
_WITH_BOW = dict(zip("êéèúüë", ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"], strict=True))
_VNI_ALONE = {"ñ": "đ", "ö": "ư", "ô": "ơ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_PAIRS = dict(
    chain(
        ((f"{vowel}{code}", f"{vowel}{mark}") for vowel in "aeouy" for code, mark in _MARKS.items()),
        (
            (f"{code}{sign}", f"{vowel}{mark}")
            for code, vowel in (("ô", "ơ"), ("ö", "ư"))
            for sign, mark in _MARKS.items()
        ),
        ((f"{vowel}{code}", f"{vowel}\u0302{mark}") for vowel in "aeo" for code, mark in _WITH_HAT.items()),
        ((f"a{code}", f"a\u0306{mark}") for code, mark in _WITH_BOW.items()),
    )
)
_VNI = re.compile("|".join([*_VNI_PAIRS, *_VNI_ALONE]))
_WORD = re.compile(r"[A-Za-z\u00a1-\u024f\u0300-\u036f\u1ea0-\u1eff]+")
_OURS = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý"  # of Latin-1, what Vietnamese does have
_FOREIGN = "".join(letter for letter in map(chr, range(0xA1, 0x100)) if letter not in _OURS)
# Letters that no Vietnamese word has, capitals after small letters, and vowels that stand side by side in VNI only.
SUSPECT = f"[{_FOREIGN}]|[a-z\u00df-\u00ff][\u00c0-\u00de]|a[àáâãèéêùúõ]|e[àáâãùõ]|o[âùõ]|u[ùõ]|[AEO][ÂÁÀÃÙÕ]"
_ODD = re.compile(SUSPECT)
_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdghklmnprstvx])?(?:[aeiouy]{1,3})(?:ch|ng|nh|[cmnpt])?", re.IGNORECASE
)
_SHARE = 0.25  # of all words; Vietnamese in these fonts has 0.4 to 0.7
_FEWEST = 2
_LOOKED_AT = 5_000  # characters


def is_font_coded(text: str) -> bool:
    """Whether a text was written for a TCVN3 or VNI font.

    >>> is_font_coded("Céng hßa x· héi chñ nghÜa ViÖt Nam"), is_font_coded("Cộng hòa xã hội chủ nghĩa Việt Nam")
    (True, False)
    >>> is_font_coded("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam"), is_font_coded("Müller fährt über die Brücke")
    (True, False)
    """
    if text.isascii():
        return False
    words = _WORD.findall(text[:_LOOKED_AT])
    odd = [word.lower() if word.isupper() else word for word in words if _ODD.search(word)]
    needed = max(_FEWEST, _SHARE * len(words))
    if len(odd) < needed:
        return False
    return any(sum(map(_is_syllable, map(reading, odd))) >= needed for reading in (_from_tcvn3, _from_vni))


def _from_tcvn3(word: str) -> str:
    return "".join(_TCVN3.get(letter, letter) for letter in word)


def _from_vni(word: str) -> str:
    return _VNI.sub(lambda found: _VNI_PAIRS.get(found[0]) or _VNI_ALONE[found[0]], word.lower())


def _is_syllable(word: str) -> bool:
    letters = unicodedata.normalize("NFD", word.replace("đ", "d").replace("Đ", "D"))
    return bool(_SYLLABLE.fullmatch("".join(letter for letter in letters if not unicodedata.combining(letter))))
