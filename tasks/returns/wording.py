"""How a criterion earns its points, in Vietnamese words for those who report it."""

import math
from collections.abc import Callable

from warehouse.frameworks.model import Framework, Node

COUNT = "count"  # rule of a leaf that is counted and earns nothing
SIDE_BY_SIDE = "none"  # aggregation of a node whose children only stand side by side

_TRANSFORMS = {
    "sqrt": ", tính theo căn bậc hai",
    "log": ", tính theo thang logarit",
    "log10": ", tính theo thang logarit",
}


def vietnamese_number(value: float, unit: str = "") -> str:
    """Return a number as typed in Vietnam.

    >>> vietnamese_number(1234.5), vietnamese_number(98.5, "%"), vietnamese_number(12345)
    ('1.234,5', '98,5%', '12.345')
    """
    text = f"{value:,.10f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) + ("%" if unit == "%" else "")


def spoken_period(period: str) -> str:
    """Return a period as a form says it.

    >>> spoken_period("2020"), spoken_period("2020-08")
    ('Năm 2020', 'Tháng 8/2020')
    """
    year, _, month = period.partition("-")
    return f"Tháng {int(month)}/{year}" if month else f"Năm {year}"


def how_scored(node: Node) -> str:
    """Return what stands beside a criterion: its rule and its maximum, then what is counted.

    >>> leaf = Node("A", "", "criterion", rule="ratio", unit="%", max_points=4, numerator_vi="x", denominator_vi="y")
    >>> print(how_scored(leaf))
    Tỷ lệ a/b so với mục tiêu 100%; tối đa 4 điểm.
    a = x
    b = y
    """
    if node.rule == COUNT:
        return _counted(node)
    words = _RULES[node.rule](node) if node.rule in _RULES else "Ghi giá trị theo đơn vị tính"
    lines = [f"{words}{_TRANSFORMS.get(str(node.parameter('transform')), '')}; {most(node)}."]
    if node.parts == ("a", "b"):
        lines += [f"a = {node.numerator_vi}", f"b = {node.denominator_vi}"]
    elif node.rule == "checklist":
        lines += [f"({number}) {item}" for number, item in enumerate(node.items_vi, start=1)]
    return "\n".join(lines)


def most(node: Node) -> str:
    """Return the maximum in words; empty text for a node that is given no points.

    >>> most(Node("A", "", "criterion", max_points=3.5))
    'tối đa 3,5 điểm'
    """
    if node.rule == COUNT or node.aggregation == SIDE_BY_SIDE:
        return ""
    return f"tối đa {_points(node, 1.0)}"


def gives_points(framework: Framework) -> bool:
    """Whether any criterion that agencies report earns points; a dashboard of counts has none."""
    return any(node.evidence == "report" and node.rule != COUNT for node in framework.leaves)


def has_levels(node: Node) -> bool:
    """Whether a criterion names each of its levels, so that one of them is chosen."""
    return node.rule == "tier" and node.parts == ("value",) and len(node.items_vi) == len(node.parameter("tiers"))


def _points(node: Node, share: float) -> str:
    return f"{vietnamese_number(round(share * node.max_points, 4))} điểm"


def _amount(node: Node, value: float) -> str:
    unit = "" if node.is_percent or not node.unit else f" {node.unit}"
    return vietnamese_number(value, node.unit.strip()) + unit


def _counted(node: Node) -> str:
    high = node.bounds[1]
    if high == 1:
        return "Ghi 1 nếu đã thực hiện, 0 nếu chưa."
    reach = f" từ 0 đến {vietnamese_number(high)}" if math.isfinite(high) else ""
    return f"Ghi số đếm được{reach}, là số nguyên."


def _measured(node: Node) -> str:
    return ("Tỷ lệ a/b" if node.is_percent else "Thương a/b") if node.parts == ("a", "b") else "Giá trị"


def _span(node: Node, low: str, high: str) -> str:
    """From no points to all of them; where less is better, the other way round."""
    first, last = ("điểm tối đa", "0 điểm") if node.direction == "negative" else ("0 điểm", "điểm tối đa")
    return f"từ {low} ({first}) đến {high} ({last})"


def _by_target(node: Node) -> str:
    target = _amount(node, node.parameter("target"))
    if node.direction == "negative":
        return f"{_measured(node)} càng thấp càng tốt, từ {target} trở lên không có điểm"
    return f"{_measured(node)} so với mục tiêu {target}"


def _tier(node: Node) -> str:
    tiers = node.parameter("tiers")
    if has_levels(node):
        levels = zip(tiers, node.items_vi, strict=True)
        named = (f"{vietnamese_number(limit)} = {item} ({_points(node, share)})" for (limit, share), item in levels)
        return f"Chọn mức: {'; '.join(named)}"
    limit_word, rest = ("đến", "; cao hơn: 0 điểm") if node.direction == "negative" else ("từ", "")
    steps = (f"{limit_word} {_amount(node, limit)}: {_points(node, share)}" for limit, share in tiers)
    return f"{_measured(node)} theo ngưỡng: {'; '.join(steps)}{rest}"


def _checklist(node: Node) -> str:
    return f"Đếm số mục đáp ứng trong {vietnamese_number(node.parameter('items'))} mục, điểm chia đều cho các mục"


def _binary(node: Node) -> str:
    yes, no = (_points(node, share) for share in ((0.0, 1.0) if node.direction == "negative" else (1.0, 0.0)))
    return f"Có: {yes}; Không: {no}"


def _linear(node: Node) -> str:
    low, high = (_amount(node, node.parameter(name)) for name in ("floor", "target"))
    return f"{_measured(node)} tính đều trong khoảng {_span(node, low, high)}"


def _minmax(node: Node) -> str:
    low, high = node.parameter("minimum"), node.parameter("maximum")
    lowest = "giá trị thấp nhất của các cơ quan" if low is None else _amount(node, low)
    highest = "giá trị cao nhất của các cơ quan" if high is None else _amount(node, high)
    return f"{_measured(node)} tính đều trong khoảng {_span(node, lowest, highest)}"


def _zscore(node: Node) -> str:
    better = "thấp" if node.direction == "negative" else "cao"
    return f"{_measured(node)} so với trung bình của các cơ quan, càng {better} càng tốt"


def _place(node: Node) -> str:
    better = "thấp" if node.direction == "negative" else "cao"
    return f"{_measured(node)} xếp thứ tự giữa các cơ quan, càng {better} càng tốt"


def _distance(node: Node) -> str:
    worst = "cao nhất" if node.direction == "negative" else "thấp nhất"
    target = _amount(node, node.parameter("target"))
    return f"{_measured(node)} tính đều từ giá trị {worst} của các cơ quan (0 điểm) đến mục tiêu {target} (điểm tối đa)"


def _fraction(node: Node) -> str:
    return f"{_measured(node)} tính đều trong khoảng {_span(node, '0', 'giá trị cao nhất của các cơ quan')}"


def _on_scale(node: Node) -> str:
    low, high = (vietnamese_number(node.parameter(name)) for name in ("low", "high"))
    return f"Thang đo {_span(node, low, high)}"


def _given_points(_: Node) -> str:
    return "Ghi số điểm"


def _published(node: Node) -> str:
    return f"Giá trị đã công bố, thang {_span(node, '0', vietnamese_number(node.parameter('scale')))}"


_RULES: dict[str, Callable[[Node], str]] = {
    "ratio": _by_target,
    "proportion": _by_target,
    "tier": _tier,
    "checklist": _checklist,
    "binary": _binary,
    "linear": _linear,
    "minmax": _minmax,
    "zscore": _zscore,
    "rank": _place,
    "percentile": _place,
    "borda": _place,
    "distance": _distance,
    "fraction": _fraction,
    "likert": _on_scale,
    "tone": _on_scale,
    "points": _given_points,
    "published": _published,
}
