import unicodedata

import pytest

from tasks.sources.form import Block, older_form, read_block
from tasks.sources.workbook import Sheet
from warehouse.errors import BatchRefused


def block(*rows, name="CQS", end=99):
    return read_block(Sheet(name, [list(row) for row in rows], list(range(1, len(rows) + 1))), end)


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Cơ quan báo cáo", "agency"),
        ("Tên đơn vị báo cáo", "agency"),
        ("Đơn vị", "agency"),
        ("Tỉnh/Thành phố", "agency"),
        ("Bộ, ngành, địa phương", "agency"),
        ("Cơ quan, đơn vị gửi báo cáo", "agency"),
        ("Kỳ báo cáo", "period"),
        ("Năm đánh giá", "period"),
        ("Mẫu biểu", "form"),
        ("Phiên bản", "form"),
        ("Biểu mẫu số", "form"),
        ("Mẫu biểu/phiên bản", "form"),
        ("Ngày gửi", "submitted"),
        ("Ngày lập báo cáo", "submitted"),
        ("Lần gửi", "revision"),
        ("Lần báo cáo", "revision"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_read_block__knows_the_labels(label, field, form):
    written = unicodedata.normalize(form, label)
    assert block([written + ":", "", "x y"]) == Block(**{field: "x y"})
    assert block([f"{written}: x y"]) == Block(**{field: "x y"})
    assert block(["", written, "x y"]) == Block(**{field: "x y"})


@pytest.mark.parametrize(
    "row", [["Đơn vị tính: %"], ["Tỉnh Bắc Ninh", "x"], ["Ngày 15 tháng 1"], ["Cơ quan báo cáo"], ["x", "y"]]
)
def test_read_block__other_text_is_no_label(row):
    assert block(row) == Block()


def test_read_block__an_empty_value_is_none():
    assert block(["Cơ quan báo cáo:", "", ""], ["Kỳ báo cáo:", 2020.0]) == Block(period="2020")


def test_read_block__a_label_does_not_take_the_next_label_for_its_value():
    assert block(["Cơ quan báo cáo:", "Kỳ báo cáo: 2020"]) == Block(period="2020")


def test_read_block__several_pairs_may_share_a_row_or_a_cell():
    assert block(["Kỳ báo cáo:", "2020", "Lần gửi:", 2.0], ["Mẫu biểu: t/1\nNgày gửi: 1/2/2021"]) == Block(
        period="2020", revision="2", form="t/1", submitted="1/2/2021"
    )


def test_read_block__the_first_of_two_counts_and_nothing_below_the_header():
    assert block(["Cơ quan: A"], ["Cơ quan: B"], ["Kỳ: 2020"], end=2) == Block(agency="A")


def test_read_block__a_comma_that_cut_a_name_of_a_csv_is_mended():
    assert block(["Cơ quan báo cáo: Bộ Văn hóa", "Thể thao và Du lịch"], name="").agency == (
        "Bộ Văn hóa, Thể thao và Du lịch"
    )
    assert block(["Cơ quan báo cáo:", "Bộ Văn hóa", "Thể thao", "Kỳ báo cáo: 2020"], name="").agency == (
        "Bộ Văn hóa, Thể thao"
    )


@pytest.mark.parametrize(
    ("revision", "expected"), [("", "t/1"), ("1", "t/1"), ("2", "t/1#2"), ("Lần thứ 12", "t/1#12"), ("hai", "t/1")]
)
def test_form_version__says_for_which_time_it_is_sent(revision, expected):
    assert Block(form="t/1", revision=revision).form_version == expected


def test_filled_from__fills_gaps_only():
    assert Block(agency="A").filled_from(Block("B", "2020")) == Block("A", "2020")


@pytest.mark.parametrize("form", ["", "tiny/1", "TINY / 01", "01/BC-DTI", "Mẫu 2"])
def test_older_form__of_todays_form_and_of_foreign_names_is_none(framework, form):
    assert older_form(Block(form=form), framework) is None


@pytest.mark.parametrize("form", ["ministry_2020/1", "tiny_2022/1"])
def test_older_form__of_another_framework_is_refused_by_name(framework, form):
    with pytest.raises(BatchRefused, match=f"on the form '{form}', not on a form of tiny"):
        older_form(Block(form=form), framework)


@pytest.mark.parametrize("form", ["tiny/9", "tiny/" + "9" * 5000])
def test_older_form__an_unknown_version_is_refused_by_name(framework, form):
    with pytest.raises(BatchRefused, match=r"on the form 'tiny/9.*a version that tiny does not know") as error:
        older_form(Block(form=form), framework)
    assert "Ask for the form tiny/1" in error.value.hint


def test_form_version__a_number_of_thousands_of_digits_is_none():
    assert Block(form="t/1", revision="9" * 5000).form_version == "t/1"


def test_older_form__shows_no_control_characters(framework):
    with pytest.raises(BatchRefused) as error:
        older_form(Block(form="x" * 1000 + "/\x851"), framework)
    assert str(error.value).isprintable()
    assert len(error.value.message) < 200
