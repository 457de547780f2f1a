"""A synthetic return with dirt: handed back, mended, sent again, accepted; the first version stays, superseded."""

import hashlib
import io
import re

import openpyxl
import pandas as pd
import pytest

from expectations.runner import validate
from tasks.demo.round import make_round
from tasks.feedback.marks import TO_MEND
from tasks.feedback.words import LIST_TITLE
from tasks.feedback.workbook import Subject, feedback_workbook
from tasks.harmonise.agencies import Registry
from tasks.harmonise.standardise import standardise, supersede
from tasks.sources.agency_report import SOURCE
from warehouse.frameworks.loader import load_framework

ROUND = {"round_name": "synthetic", "period": "2020"}


@pytest.fixture(scope="module")
def framework():
    return load_framework("province_2020")


@pytest.fixture(scope="module")
def sent(framework, tmp_path_factory):
    """The synthetic returns that have dirt in them: their bytes by file name."""
    made = make_round(tmp_path_factory.mktemp("round"), seed=3, frameworks=[framework], limit=8)
    dirty = {one.file for one in made.dirt if one.outcome == "quarantined"}
    return {file: (made.folder / file).read_bytes() for file in sorted(dirty) if file.endswith(".xlsx")}


def candidates(content, framework):
    return standardise(
        SOURCE.read(content, framework),
        framework=framework,
        source=SOURCE.name,
        snapshot_sha256=hashlib.sha256(content).hexdigest(),
        registry=Registry.bundled(),
        evidence_needed=True,
        **ROUND,
    )


def hand_back(content, framework):
    rows = candidates(content, framework)
    refused = validate(rows, framework, **ROUND).quarantined
    return refused, feedback_workbook(content, refused, framework, Subject("Cơ quan", "2020", "synthetic", "a.xlsx"))


def mended(content):
    """What the agency does: it takes out the rows it cannot mend, and raises the number of the return."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for cell in (cell for sheet in book.worksheets[1:] for row in sheet.iter_rows() for cell in row):
        if cell.fill.fgColor.rgb == TO_MEND:
            cell.value = None
        elif cell.comment and "số lần gửi" in cell.comment.text:
            cell.value = re.sub(r"\d+", lambda number: str(int(number[0]) + 1), str(cell.value))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_mended_return__is_accepted_and_supersedes_the_first_whose_rows_remain(sent, framework):
    for content in sent.values():
        refused, back = hand_back(content, framework)
        again = mended(back)
        first, second = candidates(content, framework), candidates(again, framework)
        assert len(refused) > 0
        assert validate(second, framework, **ROUND).verdict == "accepted"
        both = supersede(pd.concat([first, second], ignore_index=True))
        by_snapshot = both.groupby("snapshot_sha256")["superseded_by"].unique().map(list).to_dict()
        digests = [hashlib.sha256(one).hexdigest() for one in (content, again)]
        assert by_snapshot == {digests[0]: [digests[1]], digests[1]: [""]}
        assert (both["snapshot_sha256"] == digests[0]).sum() == len(first)


def test_workbook_that_was_handed_back__is_read_as_the_original(sent, framework):
    for content in sent.values():
        _, back = hand_back(content, framework)
        assert SOURCE.read(back, framework).equals(SOURCE.read(content, framework))


def test_every_refused_cell__is_marked_commented_and_listed(sent, framework):
    for content in sent.values():
        refused, back = hand_back(content, framework)
        book = openpyxl.load_workbook(io.BytesIO(back))
        for locator, reason in zip(refused["locator"], refused["reason_vi"], strict=True):
            sheet, _, cell = locator.rpartition("!")
            assert book[sheet][cell].fill.fgColor.rgb == TO_MEND
            assert reason.replace("=", "")[:9] in book[sheet][cell].comment.text.replace("=", "")
        links = {cell.hyperlink.location for row in book[LIST_TITLE].iter_rows() for cell in row if cell.hyperlink}
        assert len(links) == refused["locator"].nunique()
