"""The one wrong figure of a synthetic round that is known, and the declared correction that mends it."""

from datetime import date
from typing import Any

from tasks.demo.dirt import CORRECTED, Mark
from tasks.demo.returns import Return
from tasks.demo.sheet import SYNTHETIC, Row
from warehouse.reference.agencies import Agency

_FACTOR = 10


def declare_error(sent: Return, agency: Agency) -> list[dict[str, Any]]:
    """Let one clean figure of a return be ten times too large, and declare its correction.

    Args:
        sent: The return; one of its rows is changed.
        agency: The agency that sends it.

    Returns:
        The entry for corrections.yaml; none where no figure of the return is fit for it.
    """
    dirty = {mark.row.cells["code"] for mark in sent.marks}
    for row in sent.rows:
        if row.node is None or row.node.code in dirty:
            continue
        part, figure = next(iter(sent.figures[row.node.code].parts.items()))
        wrong = figure * _FACTOR
        if figure < 1 or not float(wrong).is_integer():
            continue
        row.cells[part] = int(wrong)
        sent.marks.append(Mark(row, part, "declared_error", CORRECTED))
        return [_entry(sent, agency, row, part, float(figure), float(wrong))]
    return []


def _entry(sent: Return, agency: Agency, row: Row, part: str, right: float, wrong: float) -> dict[str, Any]:
    return {
        "id": f"synthetic-{sent.framework.name.replace('_', '-')}-1",
        "source": "agency_report",
        "framework": sent.framework.name,
        "agency": agency.full_name_vi,
        "item": str(row.cells["code"]),
        "part": part,
        "period": sent.period,
        "action": "replace",
        "expect": wrong,
        "value": right,
        "reason": f"Thừa một chữ số 0; {SYNTHETIC}.",
        "status": "open",
        "by": "SYNTHETIC",
        "date": date(int(sent.period[:4]) + 1, 3, 1),
    }
