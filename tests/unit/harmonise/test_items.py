"""From what a form writes to the node of the framework."""

from pathlib import Path

import pytest

from tasks.harmonise.items import ItemIndex, code_key
from warehouse.frameworks.model import Description, Framework, Level, Node

NODES = (
    Node("DTI", "", "index", name_vi="Chỉ số chung", aggregation="sum"),
    Node("CQS.1.1", "DTI", "criterion", name_vi="Số hóa hồ sơ", name_en="Digitised files"),
    Node("CQS.1.11", "DTI", "criterion", name_vi="Đào tạo, bồi dưỡng"),
    Node("KTS.1.1", "DTI", "criterion", name_vi="Đào tạo, bồi dưỡng"),
    Node("KTS.2", "DTI", "criterion", name_vi="5.1 Doanh nghiệp"),
)
INDEX = ItemIndex(
    Framework(
        Description(framework="f_2020", levels=(Level(level="index"), Level(level="criterion"))), NODES, {}, Path(), "0"
    )
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CQS.1.1", "CQS.1.1"),
        (" cqs.1.1 ", "CQS.1.1"),
        ("CQS 1.1", "CQS.1.1"),
        ("CQS1.1", "CQS.1.1"),
        ("CQS-1-11", "CQS.1.11"),
        ("Số hoá hồ sơ", "CQS.1.1"),
        ("digitised files", "CQS.1.1"),
        ("CQS.1.1. Số hóa hồ sơ", "CQS.1.1"),
        ("CQS.1.1 - Số hóa hồ sơ", "CQS.1.1"),
        ("KTS.1.1: Đào tạo, bồi dưỡng", "KTS.1.1"),
        ("5.1 Doanh nghiệp", "KTS.2"),
    ],
)
def test_find__understood(text, code):
    assert INDEX.find(text).code == code


@pytest.mark.parametrize(
    "text", ["", "CQS.9", "CQS.111", "Đào tạo, bồi dưỡng", "CQS.1.1 Đào tạo, bồi dưỡng", "CQS", "."]
)
def test_find__not_understood(text):
    assert INDEX.find(text) is None


def test_code_key__numbers_stay_apart():
    assert code_key("1.11") != code_key("1.1.1") != code_key("11.1")
