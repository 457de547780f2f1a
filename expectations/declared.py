"""The rules that hold where a framework declares them in `checks.yaml`: limits, earlier months, other sources.

Only the first one refuses a row. The others doubt it: a figure that jumps or stands still may be right, and is
accepted with a warning.
"""

from expectations.expected import at_most, at_most_number, if_declared
from expectations.rule import NOTICE, WARNING, Rule

DECLARED = (
    Rule(
        name="item_not_above_limit",
        severity=WARNING,
        description_vi="Số liệu không vượt số liệu giới hạn của cùng cơ quan mà bộ chỉ số khai báo.",
        description_en="A figure is not above the one that the framework declares as its limit, of the same agency.",
        reason_vi="{sum_codes} là {item_sum}, lớn hơn {limit_codes} là {item_limit}; không rõ số nào sai.",
        reason_en="{sum_codes} is {item_sum}, above {limit_codes}, which is {item_limit}; one of them is wrong.",
        expectation=if_declared(lambda scope: scope.checks.not_above, at_most("item_sum", limit="item_limit")),
    ),
    Rule(
        name="value_does_not_jump",
        severity=NOTICE,
        description_vi="Giá trị không tăng hoặc giảm quá số lần cho phép so với tháng gần nhất đã có.",
        description_en="The value is not more than the declared factor above or below that of the last month known.",
        reason_vi="{item} {moved} quá {jump_factor} lần, từ {previous_value} tại kỳ {previous_period} thành {value}.",
        reason_en="{item} {moved} over {jump_factor}-fold, from {previous_value} at {previous_period} to {value}.",
        expectation=if_declared(lambda scope: scope.checks.jump, at_most("jump_larger", limit="jump_allowed")),
    ),
    Rule(
        name="value_changes_in_time",
        severity=NOTICE,
        description_vi="Giá trị của chỉ tiêu hằng tháng không đứng yên quá nhiều tháng liên tiếp.",
        description_en="The value of an item that changes does not stay the same for the declared number of months.",
        reason_vi="Giá trị {value} của {item} không đổi trong {months_unchanged} tháng liên tiếp, tính cả kỳ {period}.",
        reason_en="The value {value} of {item} is the same for {months_unchanged} months in a row, {period} included.",
        expectation=if_declared(
            lambda scope: scope.checks.unchanged,
            at_most_number("months_unchanged", lambda scope: scope.checks.most_months_unchanged),
        ),
    ),
    Rule(
        name="sources_agree",
        severity=NOTICE,
        description_vi="Hai nguồn cho cùng một số liệu không lệch nhau quá mức cho phép.",
        description_en="Two sources of one figure do not lie further apart than declared.",
        reason_vi="Nguồn {source} cho {item} là {value}, nguồn {other_source} là {other_value}: lệch quá mức cho phép.",
        reason_en="{source} gives {value} for {item}, {other_source} gives {other_value}: further apart than allowed.",
        expectation=if_declared(lambda scope: scope.checks.sources_agree, at_most("source_gap", limit="gap_allowed")),
    ),
)
