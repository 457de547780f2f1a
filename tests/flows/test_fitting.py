"""How a table fits the terminal: what is left out, what wraps, and that no number is ever cut."""

from hypothesis import given
from hypothesis import strategies as st

from flows.cli.fitting import GAP, NUMBER, Need, fitted, packed, parts_of

NUMBERS = st.integers(-99999, 99999).map(str)
TEXTS = st.text("aàâ ", min_size=1, max_size=60)
COLUMNS = st.dictionaries(
    st.sampled_from(["rank", "rank in group", "agency", "share", "points"]),
    st.lists(NUMBERS, min_size=1, max_size=3) | st.lists(TEXTS, min_size=1, max_size=3),
    min_size=1,
)


def needs_of(columns):
    return {name: Need.of(name, [parts_of(text) for text in cells]) for name, cells in columns.items()}


def together(widths):
    return sum(widths.values()) + GAP * (len(widths) - 1)


def test_fitted__room_for_all__every_cell_and_heading_on_one_line():
    needs = needs_of({"rank in group": ["1"], "agency": ["Bà Rịa - Vũng Tàu"]})
    assert fitted(needs, 80, ["agency"]) == {"rank in group": 13, "agency": 17}


def test_fitted__cells_go_before_headings():
    needs = needs_of({"rank in group": ["1"], "agency": ["Bà Rịa - Vũng Tàu"]})
    assert fitted(needs, 26, ()) == {"rank in group": 7, "agency": 17}


def test_fitted__too_narrow__the_least_telling_goes_first_and_no_more_than_must():
    needs = needs_of({"agency": ["Bà Rịa - Vũng Tàu"], "share": ["0.1234"], "points": ["123.4"]})
    assert list(fitted(needs, 30, ["points", "share"])) == ["agency", "share"]
    assert list(fitted(needs, 20, ["points", "share"])) == ["agency"]


def test_fitted__a_spare_column_that_is_not_there__is_passed_over():
    assert fitted(needs_of({"share": ["0.1234"]}), 2, ["points"]) == {"share": 6}


def test_fitted__a_number_wider_than_the_terminal__is_not_cut():
    assert fitted(needs_of({"share": ["0.123456789"]}), 5) == {"share": 11}


def test_fitted__digits_without_end_from_outside__do_not_widen_the_table():
    assert fitted(needs_of({"value": ["1" * 600]}), 80) == {"value": 80}


@given(COLUMNS, st.integers(1, 90), st.lists(st.sampled_from(["points", "share", "agency"]), unique=True))
def test_fitted__any_columns__numbers_stay_whole_and_the_lines_fit_where_they_can(columns, width, spare):
    needs = needs_of(columns)
    widths = fitted(needs, width, spare)
    assert list(widths) == [name for name in columns if name in widths]
    assert set(columns) - set(widths) <= set(spare)
    for name, cells in columns.items():
        for cell in cells if name in widths else ():
            assert any(map(str.isalpha, cell)) or len(cell) <= widths[name] or len(cell) > NUMBER
    assert together(widths) <= max(width, together({name: needs[name].least for name in widths}))


@given(st.lists(st.text("aà,+1", min_size=1, max_size=12)), st.integers(12, 40))
def test_packed__any_parts__none_is_broken_and_none_lost(parts, width):
    lines = packed(tuple(parts), width).split("\n")
    assert " ".join(lines) == " ".join(parts)
    assert all(len(line) <= width for line in lines)
