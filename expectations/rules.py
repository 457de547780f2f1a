"""The rules that a row must keep: what is compared, how bad a fault is, and what the agency is told, in declared order.

A rule that another one implies is silent for the same row: a value that is no number is not also below the minimum.
Where a row breaks several rules, the first in the order of `RULES` is the reason to give first.
"""

from dataclasses import dataclass

from expectations.expected import Expectation, at_most, equal, not_missing, one_of, positive, unique, zero
from warehouse.frameworks.rules import STAGES

CRITICAL = "critical"  # the row cannot be placed: whose figure it is, for what, or which of several counts is unknown
WARNING = "warning"  # the row is placed, but its figure cannot be used


@dataclass(frozen=True)
class Rule:
    """One thing that must be true of every row.

    Attributes:
        name: Name, as it stands in the quarantine.
        severity: `critical` or `warning`.
        description_vi: What must be true, in Vietnamese.
        description_en: The same in English.
        reason_vi: What is told about a row that breaks the rule; its fields are those of expectations/reasons.py.
        reason_en: The same in English.
        expectation: Makes the expectation over the columns of the view (expectations/view.py). A rule without one
            follows from the outcome of the others.
    """

    name: str
    severity: str
    description_vi: str
    description_en: str
    reason_vi: str
    reason_en: str
    expectation: Expectation | None


RULES = (
    Rule(
        name="agency_is_known",
        severity=CRITICAL,
        description_vi="Tên cơ quan chỉ đúng một cơ quan trong danh mục tại kỳ đánh giá.",
        description_en="The name stands for one agency of the registry at the period.",
        reason_vi="Không nhận ra cơ quan “{agency_text}” tại kỳ {period}.",
        reason_en="The spelling “{agency_text}” stands for no agency at {period}.",
        expectation=not_missing("agency"),
    ),
    Rule(
        name="agency_is_ranked",
        severity=CRITICAL,
        description_vi="Cơ quan thuộc diện xếp hạng của bộ chỉ số tại kỳ đánh giá.",
        description_en="The agency is one of those that the framework ranks at the period.",
        reason_vi="Cơ quan “{agency_text}” ({agency}) không thuộc diện xếp hạng của {framework} tại kỳ {period}.",
        reason_en="The agency “{agency_text}” ({agency}) is not one that {framework} ranks at {period}.",
        expectation=one_of("agency", lambda scope: scope.ranked),
    ),
    Rule(
        name="item_is_known",
        severity=CRITICAL,
        description_vi="Tiêu chí có trong bộ chỉ số.",
        description_en="The item is a node of the framework.",
        reason_vi="Bộ chỉ số {framework} không có tiêu chí “{item_text}”.",
        reason_en="The framework {framework} has no item “{item_text}”.",
        expectation=one_of("item", lambda scope: [node.code for node in scope.framework.nodes]),
    ),
    Rule(
        name="item_is_reported_here",
        severity=CRITICAL,
        description_vi="Tiêu chí được đo bằng loại bằng chứng mà nguồn này cung cấp.",
        description_en="The item is measured by the kind of evidence that the source gives.",
        reason_vi="Tiêu chí {item} không nhận số liệu từ nguồn {source}; số liệu đến từ {evidence}.",
        reason_en="The item {item} takes no figure from the source {source}; it is measured by {evidence}.",
        expectation=equal("item_evidence", "source_evidence"),
    ),
    Rule(
        name="period_matches",
        severity=CRITICAL,
        description_vi="Kỳ ghi trong nguồn không trái với kỳ đánh giá.",
        description_en="The period stated by the source does not contradict the period of the round.",
        reason_vi="Kỳ ghi trong nguồn là “{period_stated}”, không phải {period}.",
        reason_en="The source states the period “{period_stated}”, not {period}.",
        expectation=one_of("period_stated", lambda scope: [scope.period]),
    ),
    Rule(
        name="stage_is_known",
        severity=CRITICAL,
        description_vi="Giai đoạn là tự đánh giá, thẩm định hoặc kết quả cuối cùng.",
        description_en=f"The stage is one of {', '.join(STAGES)}.",
        reason_vi="Không có giai đoạn “{stage}”.",
        reason_en="There is no stage “{stage}”.",
        expectation=one_of("stage", lambda _: STAGES),
    ),
    Rule(
        name="unit_is_expected",
        severity=WARNING,
        description_vi="Đơn vị đúng với đơn vị của tiêu chí.",
        description_en="The unit is the one of the item.",
        reason_vi="Giá trị {value_text} tính bằng “{unit}”, tiêu chí cần “{unit_expected}”.",
        reason_en="The value {value_text} is in “{unit}”, the item wants “{unit_expected}”.",
        expectation=equal("unit", "unit_wanted"),
    ),
    Rule(
        name="value_is_a_number",
        severity=WARNING,
        description_vi="Giá trị là một số hữu hạn.",
        description_en="The value is a finite number.",
        reason_vi="“{value_text}” không phải là một số.",
        reason_en="“{value_text}” is not a number.",
        expectation=not_missing("value", where="unit_fits"),
    ),
    Rule(
        name="value_not_below_minimum",
        severity=WARNING,
        description_vi="Giá trị không nhỏ hơn mức nhỏ nhất hợp lệ của tiêu chí.",
        description_en="The value is not below the smallest valid value of the item.",
        reason_vi="Giá trị {value} nhỏ hơn mức nhỏ nhất {valid_min} của tiêu chí {item}.",
        reason_en="The value {value} is below {valid_min}, the smallest valid value of {item}.",
        expectation=at_most("valid_min", limit="figure"),
    ),
    Rule(
        name="value_not_above_maximum",
        severity=WARNING,
        description_vi="Giá trị không lớn hơn mức lớn nhất hợp lệ của tiêu chí.",
        description_en="The value is not above the largest valid value of the item.",
        reason_vi="Giá trị {value} lớn hơn mức lớn nhất {valid_max} của tiêu chí {item}.",
        reason_en="The value {value} is above {valid_max}, the largest valid value of {item}.",
        expectation=at_most("figure", limit="valid_max"),
    ),
    Rule(
        name="value_is_whole",
        severity=WARNING,
        description_vi="Số mục đạt được và câu trả lời có/không là số nguyên.",
        description_en="The number of items fulfilled, and a yes or no, is a whole number.",
        reason_vi="Giá trị {value} của tiêu chí {item} phải là số nguyên.",
        reason_en="The value {value} of {item} must be a whole number.",
        expectation=zero("fraction"),
    ),
    Rule(
        name="ratio_is_complete",
        severity=WARNING,
        description_vi="Tỷ lệ có cả tử số và mẫu số.",
        description_en="A ratio has both its numerator and its denominator.",
        reason_vi="Thiếu {other_part} của tiêu chí {item}.",
        reason_en="The {other_part} of {item} is missing.",
        expectation=not_missing("counterpart", where="needs_counterpart"),
    ),
    Rule(
        name="denominator_is_positive",
        severity=WARNING,
        description_vi="Mẫu số lớn hơn 0.",
        description_en="The denominator is above 0.",
        reason_vi="Mẫu số {value} của tiêu chí {item} phải lớn hơn 0.",
        reason_en="The denominator {value} of {item} must be above 0.",
        expectation=positive("denominator"),
    ),
    Rule(
        name="numerator_not_above_denominator",
        severity=WARNING,
        description_vi="Tử số không vượt mức lớn nhất hợp lệ của tỷ lệ so với mẫu số.",
        description_en="The numerator is not above the share of the denominator that is valid for the item.",
        reason_vi="Tử số {value} lớn hơn mức mà mẫu số {counterpart} cho phép đối với tiêu chí {item}.",
        reason_en="The numerator {value} is above what the denominator {counterpart} of {item} allows.",
        expectation=at_most("numerator", limit="numerator_ceiling"),
    ),
    Rule(
        name="evidence_is_named",
        severity=WARNING,
        description_vi="Giá trị có văn bản, ngày hoặc đường dẫn minh chứng khi nguồn phải nêu.",
        description_en="A document, date or link proves the value where the source must name one.",
        reason_vi="Giá trị {value_text} của tiêu chí {item} không có minh chứng.",
        reason_en="No document proves the value {value_text} of {item}.",
        expectation=not_missing("evidence_text", where="evidence_needed"),
    ),
    Rule(
        name="observation_is_unique",
        severity=CRITICAL,
        description_vi="Một số liệu chỉ được khai một lần; nếu khai lặp cùng giá trị thì giữ dòng đầu.",
        description_en="A figure is given once; of rows that repeat the same value the first is kept.",
        reason_vi="Số liệu này được khai {times} lần: {given}.",
        reason_en="This figure is given {times} times: {given}.",
        expectation=unique("observation_key"),
    ),
    Rule(
        name="ratio_partner_refused",
        severity=WARNING,
        description_vi="Phần kia của tỷ lệ không bị từ chối.",
        description_en="The other part of the ratio was not refused.",
        reason_vi="Không dùng được {part} vì {other_part} của tiêu chí {item} đã bị từ chối.",
        reason_en="The {part} cannot be used because the {other_part} of {item} was refused.",
        expectation=None,
    ),
)
