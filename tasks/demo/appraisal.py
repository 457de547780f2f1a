"""The appraisal council of a synthetic round: what it decides on the reported figures, and its file."""

from collections.abc import Mapping, Sequence
from random import Random

from tasks.demo.files import xlsx_bytes
from tasks.demo.latent import seeded
from tasks.demo.records import Decision, Truth
from tasks.demo.sheet import SYNTHETIC, Grid, Value
from tasks.sources.appraisal import COLUMN_NAMES
from warehouse.frameworks.model import Framework, Node

_DECIDED_SHARE = 0.08
_UPHELD, _REJECTED, _ADJUSTED = "Công nhận", "Không công nhận", "Điều chỉnh"
_NO_EVIDENCE = "Không có tài liệu minh chứng"
_LATER = "Văn bản ban hành sau kỳ đánh giá"
_RECOUNTED = "Số liệu kiểm tra thực tế thấp hơn số liệu báo cáo"


def draw_decisions(framework: Framework, truth: Sequence[Truth], seed: int) -> list[Decision]:
    """Draw what the council decides.

    Args:
        framework: The framework.
        truth: True values of the returns; only figures that come to light are decided on.
        seed: Seed of the round.

    Returns:
        One decision for about one reported figure in twelve: half of them uphold it, the others reject it, lower it, or
        give points.
    """
    found = []
    for one in truth:
        rng = seeded(seed, framework.name, one.agency, one.node, "appraisal")
        if one.framework == framework.name and one.outcome == "measured" and rng.random() < _DECIDED_SHARE:
            found.append(_decide(framework.by_code[one.node], one, rng))
    return found


def appraisal_file(decisions: Sequence[Decision], names: Mapping[str, str]) -> bytes:
    """Return the council's workbook; the same decisions give the same bytes.

    Args:
        decisions: What was decided.
        names: Id of an agency to its name in the file.
    """
    grid = Grid("Kết quả thẩm định", header=range(3, 4))
    grid.rows += [[SYNTHETIC], ["KẾT QUẢ THẨM ĐỊNH CỦA HỘI ĐỒNG"], [], [*COLUMN_NAMES.values()]]
    grid.rows += [_row(decision, names[decision.agency]) for decision in decisions]
    return xlsx_bytes([grid])


def _decide(node: Node, reported: Truth, rng: Random) -> Decision:
    drawn = rng.random()
    if drawn < 0.5:
        return Decision(reported.framework, reported.agency, node.code, _UPHELD, reported.value, None, "")
    if drawn < 0.7:
        return Decision(reported.framework, reported.agency, node.code, _REJECTED, None, 0.0, _NO_EVIDENCE)
    low, lowered = node.bounds[0], round(reported.value * rng.uniform(0.6, 0.95), 1)
    if drawn < 0.85 and node.rule in ("ratio", "linear") and low <= lowered < reported.value:
        return Decision(reported.framework, reported.agency, node.code, _ADJUSTED, lowered, None, _RECOUNTED)
    points = round(node.max_points * rng.uniform(0.1, 0.5), 2)
    return Decision(reported.framework, reported.agency, node.code, _ADJUSTED, None, points, _LATER)


def _row(decision: Decision, agency: str) -> list[Value]:
    is_bare = decision.decision in (_UPHELD, _REJECTED)
    return [
        agency,
        decision.node,
        None if is_bare else decision.value,
        None if is_bare else decision.points,
        decision.decision,
        decision.reason,
        f"Thông báo thẩm định số 15/TB-HĐTĐ ({SYNTHETIC})",
    ]
