"""A model trained from the project's corpus, posts as they stand in the lake, and a reader of them."""

from datetime import date

import pyarrow as pa
import pytest

from tasks.evidence.tone.classify import POSTS, Reader
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.local import save, train
from warehouse.frameworks.tone import ToneCriterion

CRITERIA = {
    "X.1": ToneCriterion(aspects=("online_service", "delay", "attitude", "technical_fault", "fees", "one_stop")),
    "X.2": ToneCriterion(words=("an toàn thông tin", "lừa đảo")),
    "X.3": ToneCriterion(aspects=("payment",), words=("mã QR",), within=True),
}


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The default model, kept in a file."""
    return save(train(corpus("train")), tmp_path_factory.mktemp("model") / "local.npz")


@pytest.fixture(scope="session")
def reader(model):
    return Reader(model, model, CRITERIA, (), date(2020, 1, 1), date(2020, 12, 31))


@pytest.fixture(scope="session")
def make_posts():
    """Posts by what is special about each; the rest is an ordinary comment of its own author."""

    def make(*changes):
        plain = {
            "channel": "comment",
            "day": date(2020, 8, 3),
            "title": "",
            "text": "Nộp hồ sơ ở Hà Nội nhanh gọn, cán bộ nhiệt tình",
            "about": "",
            "snapshot": "a" * 64,
        }
        rows = [{"post_id": f"p{at:04d}", "author": f"a{at}", **plain, **change} for at, change in enumerate(changes)]
        return pa.Table.from_pylist(rows, schema=POSTS)

    return make
