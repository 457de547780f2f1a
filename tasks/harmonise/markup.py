"""Markup of strangers that no parser should see."""

_MOST_WORDS_OF_A_TAG = 5_000  # libxml2 compares each attribute with all before it
_LONG, _MOST_WORK = 500, 50_000_000  # characters of a tag worth counting in; comparisons, about a second


def is_overfull(text: str) -> bool:
    """Whether a tag of a text, or all tags together, hold more attributes than anybody wrote.

    >>> is_overfull("<p a=1>"), is_overfull("<p" + " a=1" * 10_000 + ">")
    (False, True)
    """
    work = 0
    for part in text.split("<"):
        if _is_tag_overfull(part):
            return True
        if len(part) > _LONG:
            work += part.count("=") ** 2
    return work > _MOST_WORK


def _is_tag_overfull(part: str) -> bool:
    tag = part.partition(">")[0] if len(part) > _MOST_WORDS_OF_A_TAG else ""
    return len(tag) > _MOST_WORDS_OF_A_TAG and (
        len(tag.split()) > _MOST_WORDS_OF_A_TAG or tag.count("=") > _MOST_WORDS_OF_A_TAG
    )
