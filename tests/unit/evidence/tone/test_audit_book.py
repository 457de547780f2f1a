import io

import pytest
from openpyxl import Workbook, load_workbook

from tasks.evidence.tone.audit_book import LABELS, SHEET, read_book, write_book
from warehouse.errors import BatchRefused, InputError

FIRST, TEXT, LABEL = 4, 4, 5  # row of the first post; columns
POSTS = [
    {
        "key": "00ab",
        "channel": "comment",
        "agency": "Thành phố Hà Nội",
        "text": "Nộp hồ sơ nhanh",
        "predicted": "neutral",
    },
    {"key": "12e4", "channel": "news", "agency": "Tỉnh Nghệ An", "text": "Tiêu đề\nBài viết", "predicted": "positive"},
    {"key": "0007", "channel": "app_review", "agency": "Tỉnh Hà Giang", "text": "App treo", "predicted": "negative"},
]


def filled(content, *labels):
    """The workbook as it comes back, labels from the first post on."""
    book = load_workbook(io.BytesIO(content))
    for row, label in enumerate(labels, start=FIRST):
        book[SHEET].cell(row, LABEL).value = label
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def sheet_of(content):
    return load_workbook(io.BytesIO(content))[SHEET]


def test_book__goes_out_and_comes_back():
    content = filled(write_book("a1b2c3d4e5f6", POSTS), "tích cực", None, " Tiêu CỰC ")
    assert read_book(content, "audit.xlsx") == ("a1b2c3d4e5f6", {"00ab": "positive", "0007": "negative"})


@pytest.mark.parametrize("sample", ["123456789012", "1234e5678901", "000000000001"])
def test_book__name_and_keys_that_look_like_numbers__stay_as_they_are(sample):
    posts = [{**POSTS[0], "key": key} for key in ("123456789012", "12e456789012", "000000000012")]
    name, labels = read_book(filled(write_book(sample, posts), *["negative"] * 3), "audit.xlsx")
    assert (name, list(labels)) == (sample, [post["key"] for post in posts])


def test_book__nobody_filled_in__holds_no_labels():
    assert read_book(write_book("a1", POSTS), "audit.xlsx") == ("a1", {})


def test_book__does_not_show_what_the_model_said():
    shown = [str(cell.value) for row in sheet_of(write_book("a1", POSTS)).iter_rows(min_row=FIRST) for cell in row]
    assert not any(post["predicted"] in shown for post in POSTS)
    assert not any(word in shown for word in LABELS)


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x.example")', "+84 gọi", "-1", "@ai đó", "\t=1", "\r=1"])
def test_book__what_a_spreadsheet_would_compute__is_text(text):
    cell = sheet_of(write_book("a1", [{**POSTS[0], "text": text}])).cell(FIRST, TEXT)
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert str(cell.value).strip() == text.strip()


def test_book__signs_that_a_workbook_cannot_hold__do_not_spoil_it():
    content = write_book("a1", [{**POSTS[0], "text": "một\x00\x0bhai"}])
    assert sheet_of(content).cell(FIRST, TEXT).value == "một\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}hai"


def test_book__labels_are_chosen_from_a_list():
    (choice,) = sheet_of(write_book("a1", POSTS)).data_validations.dataValidation
    assert choice.formula1 == '"tiêu cực,trung tính,tích cực"'
    assert str(choice.sqref) == f"E{FIRST}:E{FIRST + len(POSTS) - 1}"


def test_read_book__label_that_is_none__names_file_row_and_label():
    content = filled(write_book("a1", POSTS), "tích cực", "hơi tiêu cực")
    with pytest.raises(InputError) as refused:
        read_book(content, "audit-2.xlsx")
    assert refused.value.message == "audit-2.xlsx, row 5: 'hơi tiêu cực' is no label."
    assert "tiêu cực, trung tính, tích cực" in refused.value.hint


@pytest.mark.parametrize(
    ("title", "rows"),
    [
        ("Sheet1", [["Mẫu", "a1"], [], [], ["00ab"]]),
        (SHEET, [["Mẫu", "a1"]]),
        (SHEET, [["Tỉnh", "a1"], ["b"], ["c"], ["d", "e", "f", "g", "tích cực"]]),
        (SHEET, []),
    ],
)
def test_read_book__another_workbook__one_sentence(title, rows):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    with pytest.raises(InputError, match=r"other.xlsx is no workbook of an audit. Make one: `dti tone audit"):
        read_book(written.getvalue(), "other.xlsx")


@pytest.mark.parametrize("content", [b"", b"key,label\n00ab,positive\n", b"PK\x03\x04" + b"\0" * 40])
def test_read_book__no_workbook_at_all__is_refused(content):
    with pytest.raises(BatchRefused):
        read_book(content, "other.xlsx")
