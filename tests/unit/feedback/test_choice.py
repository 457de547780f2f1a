"""Which files are an agency's, and which of its returns is in force."""

import pandas as pd
import pytest

from tasks.feedback.choice import in_force, refused_files, returns_of, sender
from tasks.feedback.desk import Desk
from warehouse.errors import SnapshotError
from warehouse.frames import BATCH

IDS = ["province-bac-ninh", "province-bac", "province-hue"]
NAMES = {"UBND tỉnh Bắc Ninh": "province-bac-ninh", "Huế": "province-hue", "bao cao Huế": "province-hue"}


def find(text):
    return NAMES.get(text, "")


@pytest.fixture
def batches():
    def make(*rows):
        common = {"framework": "tiny", "round": "thu", "period": "2020", "source": "agency_report"}
        common |= {"agency": "UBND tỉnh Bắc Ninh", "outcome": "accepted"}
        return BATCH.conform(pd.DataFrame([{**common, **row} for row in rows]))

    return make


@pytest.fixture
def desk(framework, batches, refused, form):
    """Makes a desk: a BATCH row with its content for each file, and QUARANTINE rows."""

    def make(files, rows=()):
        contents = {row["snapshot_sha256"]: row.pop("content") for row in files}

        def read(sha256):
            if contents[sha256] is None:
                raise SnapshotError("It is lost.")
            return contents[sha256]

        return Desk(framework, "2020", batches(*files), refused(*rows), read)

    return make


@pytest.mark.parametrize(
    ("origin", "agency"),
    [
        ("returns/province-hue.xlsx", "province-hue"),
        ("returns/province-bac-ninh-lan-2.xlsx", "province-bac-ninh"),
        ("returns/province-huexyz.xlsx", ""),
        ("returns/bao-cao_Huế.pdf", "province-hue"),
        ("https://x.vn/province-hue.xlsx?v=2", "province-hue"),
        ("", ""),
    ],
)
def test_sender__of_a_file_that_says_nothing__is_in_its_name(origin, agency):
    assert sender(b"", origin, find, IDS) == agency


def test_sender__what_the_file_says_itself__counts_first(form):
    assert sender(form(), "province-hue.xlsx", find, IDS) == "province-bac-ninh"


def test_returns__a_file_with_rows_of_unknown_agencies__is_of_the_only_known_one(batches, refused):
    rows = batches({"snapshot_sha256": "1", "agency": ""}, {"snapshot_sha256": "2", "agency": "", "origin": "b"})
    bad = refused(
        {"snapshot_sha256": "1", "agency": "x"},
        {"snapshot_sha256": "1", "agency": ""},
        {"snapshot_sha256": "2", "agency": "x"},
        {"snapshot_sha256": "2", "agency": "y"},
    )
    assert returns_of(rows, bad)["agency"].tolist() == ["x", ""]


def test_returns__of_sources_that_are_no_returns__are_left_out(batches, refused):
    rows = batches(
        {"source": "appraisal"}, {"source": "gone_plugin"}, {"outcome": "refused"}, {"outcome": "unavailable"}
    )
    assert returns_of(rows, refused({})).empty
    assert len(refused_files(rows)) == 1


def test_in_force__later_return__also_where_nothing_of_the_earlier_was_accepted(framework, form, batches):
    def later(book):
        book["CQS"]["B5"] = 2

    contents = {"1": form(), "2": form(change=later)}
    rows = batches(
        {"snapshot_sha256": "1", "origin": "z", "outcome": "quarantined"},
        {"snapshot_sha256": "2", "origin": "a", "outcome": "accepted"},
    )
    assert in_force(rows, contents.__getitem__, framework, "2020")["snapshot_sha256"].tolist() == ["2"]


def test_desk__return_with_refused_rows__gives_one_workbook(desk, form):
    one = desk(
        [{"snapshot_sha256": "1", "content": form(), "outcome": "quarantined"}],
        [{"snapshot_sha256": "1", "agency": "UBND tỉnh Bắc Ninh", "locator": "CQS!E10"}],
    )
    assert one.agencies() == ["UBND tỉnh Bắc Ninh"]
    assert len(list(one.workbooks("UBND tỉnh Bắc Ninh"))) == 1


def test_desk__refused_file_beside_a_sound_return__gives_the_list(desk, form):
    one = desk(
        [
            {"snapshot_sha256": "1", "content": form(), "origin": "a"},
            {"snapshot_sha256": "2", "content": form(rows=[]), "outcome": "refused", "message": "No.", "agency": ""},
        ],
        [{"snapshot_sha256": "9", "locator": "CQS!E10"}],
    )
    assert one.agencies() == ["UBND tỉnh Bắc Ninh"]
    assert len(list(one.workbooks("UBND tỉnh Bắc Ninh"))) == 1


def test_desk__superseded_return_with_refused_rows__is_not_handed_back(desk, form):
    def later(book):
        book["CQS"]["B5"] = 2

    one = desk(
        [
            {"snapshot_sha256": "1", "content": form(), "origin": "a", "outcome": "quarantined"},
            {"snapshot_sha256": "2", "content": form(change=later), "origin": "b"},
        ],
        [{"snapshot_sha256": "1", "agency": "UBND tỉnh Bắc Ninh", "locator": "CQS!E10"}],
    )
    assert one.agencies() == []
    assert list(one.workbooks("UBND tỉnh Bắc Ninh")) == []
    assert one.has_return("UBND tỉnh Bắc Ninh")


def test_desk__files_of_nobody__are_counted(desk):
    rows = [{"snapshot_sha256": "2", "content": None, "outcome": "refused", "message": "No.", "agency": ""}]
    assert desk(rows, [{"snapshot_sha256": "9"}]).of_nobody() == 1


def test_desk__lost_bytes__are_told_for_their_agency_only(desk, form):
    one = desk(
        [
            {"snapshot_sha256": "1", "content": None, "origin": "a", "agency": "A"},
            {"snapshot_sha256": "2", "content": None, "origin": "b", "agency": "A"},
            {"snapshot_sha256": "3", "content": form(), "origin": "c", "agency": "B"},
        ],
        [{"snapshot_sha256": "1", "agency": "A"}, {"snapshot_sha256": "3", "agency": "B", "locator": "CQS!E10"}],
    )
    assert one.agencies() == ["A", "B"]
    assert len(list(one.workbooks("B"))) == 1
    with pytest.raises(SnapshotError):
        list(one.workbooks("A"))
