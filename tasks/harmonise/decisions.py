"""Decisions of the appraisal council, as councils word them."""

from tasks.harmonise.text import fold

_UPHELD = ("công nhận", "chấp nhận", "chấp thuận", "đồng ý", "nhất trí", "thống nhất", "giữ nguyên", "đạt", "upheld")
_REJECTED = ("bác", "bác bỏ", "loại", "loại bỏ", "từ chối", "rejected", *(f"không {word}" for word in _UPHELD[:-1]))
_DECISIONS = {fold(text): 1.0 for text in _UPHELD} | {fold(text): 0.0 for text in _REJECTED}


def parse_decision(text: str) -> float | None:
    """Return 1 where the council upholds the reported figure, 0 where it rejects it, None for anything else.

    >>> parse_decision("Công nhận"), parse_decision("KHÔNG CÔNG NHẬN"), parse_decision("Điều chỉnh")
    (1.0, 0.0, None)
    """
    return _DECISIONS.get(fold(text))
