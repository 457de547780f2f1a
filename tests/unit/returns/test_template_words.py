"""How rules, counts and sheets are said in Vietnamese."""

import pytest

from tasks.returns.checks import is_count, value_check
from tasks.returns.layout import branches_of, new_sections, sheet_title
from tasks.returns.wording import how_scored
from warehouse.frameworks.model import Node

RATIO = {"numerator_vi": "x", "denominator_vi": "y"}
TIERS = {"tiers": ((0.0, 0.0), (50.0, 0.5), (80.0, 1.0))}


def node(rule, unit="", **more):
    return Node("A", "", "criterion", "Tiêu chí", rule=rule, unit=unit, **{"max_points": 3.0, **more})


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        (node("ratio", "%", parameters={"target": 50.0}, **RATIO), "Tỷ lệ a/b so với mục tiêu 50%; tối đa 3 điểm."),
        (
            node("ratio", "%", direction="negative", **RATIO),
            "Tỷ lệ a/b càng thấp càng tốt, từ 100% trở lên không có điểm; tối đa 3 điểm.",
        ),
        (node("proportion", "%"), "Giá trị so với mục tiêu 100%; tối đa 3 điểm."),
        (
            node("tier", "%", parameters=TIERS, **RATIO),
            "Tỷ lệ a/b theo ngưỡng: từ 0%: 0 điểm; từ 50%: 1,5 điểm; từ 80%: 3 điểm; tối đa 3 điểm.",
        ),
        (
            node("tier", "ngày", direction="negative", parameters={"tiers": ((3.0, 1.0), (7.0, 0.5))}),
            "Giá trị theo ngưỡng: đến 3 ngày: 3 điểm; đến 7 ngày: 1,5 điểm; cao hơn: 0 điểm; tối đa 3 điểm.",
        ),
        (
            node("tier", "mức", items_vi=("Chưa", "Dở", "Đủ"), parameters={"tiers": ((0, 0), (1, 0.5), (2, 1))}),
            "Chọn mức: 0 = Chưa (0 điểm); 1 = Dở (1,5 điểm); 2 = Đủ (3 điểm); tối đa 3 điểm.",
        ),
        (node("percentile"), "Giá trị xếp thứ tự giữa các cơ quan, càng cao càng tốt; tối đa 3 điểm."),
        (
            node("borda", direction="negative"),
            "Giá trị xếp thứ tự giữa các cơ quan, càng thấp càng tốt; tối đa 3 điểm.",
        ),
        (
            node("distance", "ngày", direction="negative", parameters={"target": 3.0}),
            "Giá trị tính đều từ giá trị cao nhất của các cơ quan (0 điểm) đến mục tiêu 3 ngày (điểm tối đa);"
            " tối đa 3 điểm.",
        ),
        (
            node("fraction"),
            "Giá trị tính đều trong khoảng từ 0 (0 điểm) đến giá trị cao nhất của các cơ quan (điểm tối đa);"
            " tối đa 3 điểm.",
        ),
        (node("binary"), "Có: 3 điểm; Không: 0 điểm; tối đa 3 điểm."),
        (node("binary", direction="negative"), "Có: 0 điểm; Không: 3 điểm; tối đa 3 điểm."),
        (
            node("checklist", "mục", items_vi=("một", "hai")),
            "Đếm số mục đáp ứng trong 2 mục, điểm chia đều cho các mục; tối đa 3 điểm.\n(1) một\n(2) hai",
        ),
        (
            node("linear", "người", parameters={"target": 1200.0, "transform": "sqrt"}),
            "Giá trị tính đều trong khoảng từ 0 người (0 điểm) đến 1.200 người (điểm tối đa), tính theo căn bậc hai;"
            " tối đa 3 điểm.",
        ),
        (
            node("minmax", "điểm", direction="negative", parameters={"maximum": 5.0}),
            "Giá trị tính đều trong khoảng từ giá trị thấp nhất của các cơ quan (điểm tối đa) đến 5 điểm (0 điểm);"
            " tối đa 3 điểm.",
        ),
        (node("zscore"), "Giá trị so với trung bình của các cơ quan, càng cao càng tốt; tối đa 3 điểm."),
        (node("likert"), "Thang đo từ 1 (0 điểm) đến 5 (điểm tối đa); tối đa 3 điểm."),
        (node("points", max_points=2.5), "Ghi số điểm; tối đa 2,5 điểm."),
        (node("published"), "Giá trị đã công bố, thang từ 0 (0 điểm) đến 1 (điểm tối đa); tối đa 3 điểm."),
        (node("count", "hồ sơ"), "Ghi số đếm được, là số nguyên."),
        (node("count", parameters={"valid_max": 1.0}), "Ghi 1 nếu đã thực hiện, 0 nếu chưa."),
        (node(""), "Ghi giá trị theo đơn vị tính; tối đa 3 điểm."),
    ],
)
def test_how_scored__every_rule(criterion, said):
    assert how_scored(criterion).removesuffix("\na = x\nb = y") == said


@pytest.mark.parametrize(
    ("text", "unit", "counts"),
    [
        ("Số lao động", "người", True),
        ("Tổng số hồ sơ", "", True),
        ("Số tiền", "", False),
        ("Số giờ hoạt động", "", False),
        ("Số chi", "triệu đồng", False),
        ("Tỷ lệ", "%", False),
        ("Số thuê bao", "thuê bao/100 dân", False),
        ("", "", False),
    ],
)
def test_is_count__only_of_whole_things(text, unit, counts):
    assert is_count(text, unit) is counts


def test_value_check__a_checklist_too_long_for_a_list_is_a_range_of_whole_numbers():
    check = value_check(node("checklist", "mục", parameters={"items": 200.0}))
    assert (check.kind, check.low, check.high) == ("whole", "0", "200")


@pytest.mark.parametrize(("most", "kind", "low", "high"), [(1.0, "list", '"0,1"', ""), (None, "whole", "0", "1E+15")])
def test_value_check__a_count__is_a_whole_number(most, kind, low, high):
    check = value_check(node("count", parameters={} if most is None else {"valid_max": most}))
    assert (check.kind, check.low, check.high) == (kind, low, high)


def test_branches_of__is_the_main_branch(framework):
    assert branches_of(framework)["A.1"] == "A Chính quyền số  nền tảng"


@pytest.mark.parametrize(
    ("text", "title"),
    [("A/B: [x]?*\\", "A B   x"), ("x" * 40, "x" * 31), ("1 Nhận thức", "1 Nhận thức"), ("'a'b'", "a'b")],
)
def test_sheet_title__has_no_forbidden_mark_and_fits(text, title):
    assert sheet_title(text) == title


def test_new_sections__each_is_shown_once_from_the_top(framework):
    seen = set()
    shown = [[section.code for section in new_sections(framework, leaf, seen)] for leaf in framework.leaves]
    assert [codes for codes in shown if codes] == [["A"], ["B"]]
    assert list(new_sections(framework, None, seen)) == []
