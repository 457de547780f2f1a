import pytest

from tasks.evidence.tone.context import context


@pytest.mark.parametrize(("text", "sign"), [("tỉnh hòa bình", 1), ("giải nobel hòa bình", -1), ("xyz hòa bình", 0)])
def test_beside__what_stands_before(text, sign):
    start = text.index("hòa bình")
    found = context(True).beside(text, start, start + len("hòa bình"), "hoa binh", own_only=False)
    assert (found > 0) - (found < 0) == sign


def test_beside__what_is_sure_outweighs_what_speaks_against():
    text = "vì ubnd tỉnh hòa bình"
    assert context(True).beside(text, text.index("hòa"), len(text), "hoa binh", own_only=False) > 0


def test_beside__rules_of_another_name_do_not_count():
    text = "giải nobel thái bình"
    rules = context(True)
    assert rules.beside("nobel thái bình", 6, 15, "thai binh", own_only=False) == 0
    assert rules.beside(text, text.index("thái"), len(text), "thai binh", own_only=False) <= 0


def test_beside__without_marks_the_same_rules():
    text = "ubnd tinh hoa binh"
    assert context(False).beside(text, text.index("hoa"), len(text), "hoa binh", own_only=False) > 0


def test_topic__a_text_about_public_services_makes_names_likelier():
    assert context(True).topic("nộp hồ sơ dịch vụ công trực tuyến") > 0
    assert context(True).topic("hôm nay trời đẹp quá") == 0


def test_topic__only_whole_words():
    assert context(True).topic("xdịch vụ côngx") == 0


def test_beside__own_only__rules_of_every_name_do_not_count():
    text = "ubnd tỉnh hòa bình"
    assert context(True).beside(text, text.index("hòa"), len(text), "hoa binh", own_only=True) == 0
    text = "giải nobel hòa bình"
    assert context(True).beside(text, text.index("hòa"), len(text), "hoa binh", own_only=True) < 0
