import shutil

import pytest
import yaml

from warehouse.errors import FrameworkError
from warehouse.frameworks.experts import FILE, load_experts
from warehouse.frameworks.loader import load_framework

PANEL = {"framework": "x", "scale": {"low": 1, "high": 10}, "consensus": {"iqr": 2}}


def load(folder, said):
    (folder / FILE).write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return load_experts(folder)


def test_load_experts__has_defaults(tmp_path):
    panel = load(tmp_path, PANEL)
    assert (panel.estimate.statistic, panel.minimum_experts) == ("confidence_weighted_mean", 7)
    assert (panel.bootstrap.replicates, panel.counted, panel.alpha) == (2000, "last_of_expert", "interval")
    assert (panel.confidence.low, panel.confidence.high) == (1.0, 5.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "colour"),
        ({"scale": {"low": 10, "high": 1}}, "scale: .*greater `high`"),
        ({"scale": {"low": 1}}, r"scale\.high"),
        ({"confidence": {"low": 0, "high": 5}}, r"confidence\.low"),
        ({"estimate": {"statistic": "mode"}}, r"estimate\.statistic"),
        ({"estimate": {"statistic": "trimmed_mean"}}, "needs a `trim`"),
        ({"estimate": {"statistic": "median", "trim": 0.1}}, "only trimmed_mean"),
        ({"estimate": {"statistic": "trimmed_mean", "trim": 0.5}}, r"estimate\.trim"),
        ({"criteria": ["A", "A"]}, "A is named twice"),
        ({"minimum_experts": 1}, "minimum_experts"),
        ({"bootstrap": {"replicates": 10}}, r"bootstrap\.replicates"),
        ({"consensus": {"iqr": -1}}, r"consensus\.iqr"),
        ({"alpha": "cosine"}, "alpha"),
        ({"counted": "all"}, "counted"),
    ],
)
def test_load_experts__names_what_is_wrong(tmp_path, change, said):
    with pytest.raises(FrameworkError, match=said):
        load(tmp_path, PANEL | change)


@pytest.mark.parametrize("said", [[], None, "text"])
def test_load_experts__refuses_what_is_no_declaration(tmp_path, said):
    with pytest.raises(FrameworkError, match="the file"):
        load(tmp_path, said)


@pytest.mark.parametrize(
    ("content", "said"), [(b"a: [", "cannot be read"), (b"\xff\xfe", "cannot be read"), ("t: a\u0301".encode(), "NFC")]
)
def test_load_experts__refuses_a_file_that_is_not_yaml_or_nfc(tmp_path, content, said):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(FrameworkError, match=said):
        load_experts(tmp_path)


def test_load_experts__says_that_there_is_none(tmp_path):
    with pytest.raises(FrameworkError, match=r"holds no experts\.yaml"):
        load_experts(tmp_path)


def test_framework_digest__covers_the_panel(tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(load_framework("ministry_2020").folder, folder)
    before = load_framework(folder).digest
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert load_framework(folder).digest != before
