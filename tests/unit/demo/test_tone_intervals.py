"""Whether intervals hold in small demo rounds: posts that no classifier knows, of twelve provinces, with an audit.

One round says little: eight agencies are measured in it. Here the posts of many seeds go the way of a real round from
the lake on; `tests/flows/test_web_round.py` goes the whole way with one.
"""

import json
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import binom

from tasks.demo.cyberspace import write_web
from tasks.evidence.surveys.values import Round
from tasks.evidence.tone.audit import Audits, draw, join
from tasks.evidence.tone.classify import POSTS, Reader, classify
from tasks.evidence.tone.confusion import confusions
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.local import train
from tasks.evidence.tone.measure import Corrections, measure
from tasks.evidence.tone.normalise import mask
from tasks.evidence.tone.weigh import weigh
from tasks.harmonise.periods import period_end, period_start
from tasks.returns.recipients import ranked_agencies
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.tone import load_tone

pytestmark = pytest.mark.slow

FRAMEWORK, PERIOD, SEEDS, AGENCIES, AUDITED = "province_2020", "2020", range(1, 25), 12, 400
WHOLE = "CQS.1.1.4"  # the criterion that every relevant post tells of
RARE = 0.001  # how seldom intervals that hold 95 times of 100 may fail


def lines_of(file):
    return pd.DataFrame([json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()])


def posts_of(folder):
    """All posts of a round that can be reached, as they stand in the lake, with their true polarity."""
    served = lines_of(folder / "web" / "posts.jsonl")
    served = served[served["kind"] != "unreachable"].assign(post_id=served["portal"] + "/" + served["id"])
    place = folder / "exports" / "comment"
    names = {"message": "text", "created_at": "date", "noi_dung": "text", "ngay": "date", "nguoi_gui": "author"}
    names |= {"id": "post_id", "comment_id": "post_id", "user": "author"}
    exports = [
        lines_of(place / "mang-xa-hoi.jsonl"),
        pd.read_csv(place / "gop-y.csv", dtype=str, keep_default_na=False),
        pq.read_table(place / "dien-dan.parquet").to_pandas(),
    ]
    exported = pd.concat([one.rename(columns=names) for one in exports], ignore_index=True)
    truth = pd.read_csv(folder / "truth_of_exports.csv", keep_default_na=False).set_index("id")["polarity"]
    exported = exported.assign(channel="comment", true_polarity=exported["post_id"].map(truth), portal="exports")
    columns = ["post_id", "portal", "channel", "author", "date", "title", "text", "about", "true_polarity"]
    return pd.concat([served, exported], ignore_index=True).reindex(columns=columns).fillna("")


def in_the_lake(posts):
    days = [
        date.fromisoformat(said[:10] if said[4] == "-" else "-".join(said[:10].split("/")[::-1]))
        for said in posts["date"]
    ]
    columns = {
        "author": posts["portal"] + "/" + posts["author"],
        "day": pa.array(days, pa.date32()),
        "title": posts["title"].map(mask),
        "text": posts["text"].map(mask),
        "snapshot": [""] * len(posts),
    }
    return (
        pa.table({**{name: posts[name] for name in ("post_id", "channel", "about")}, **columns})
        .select(POSTS.names)
        .cast(POSTS)
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Grain seed x agency: measured and true tone, and whether the interval holds it; each round with its own audit."""
    framework, model = load_framework(FRAMEWORK), train(corpus("train"))
    declaration = load_tone(framework.folder)
    declaration = declaration.model_copy(update={"criteria": {WHOLE: declaration.criteria[WHOLE]}})
    span = period_start(PERIOD), period_end(PERIOD)
    reader = Reader(model, model, declaration.criteria, tuple(framework.description.population), *span)
    judged = ranked_agencies(framework, PERIOD)[:AGENCIES]
    rows = []
    for seed in SEEDS:
        folder = tmp_path_factory.mktemp("round")
        truth = write_web(folder, {FRAMEWORK: judged}, seed, PERIOD)
        posts = posts_of(folder)
        mentions = classify(in_the_lake(posts), reader).mentions
        sample, labels = draw(mentions, model.card, AUDITED, seed, [WHOLE]), posts.set_index("post_id")["true_polarity"]
        audits = Audits(join(sample, {"an": dict(zip(sample["key"], sample["post_id"].map(labels), strict=True))}))
        matrices = confusions(model, corpus("validation"), audits.rows, list(declaration.channels), model.held_out)
        known = Corrections(model.card, matrices, audits.by_stratum("2020-01", "2020-12"))
        counts = weigh(mentions, [WHOLE])
        counts = counts[counts["agency"].isin([one.agency_id for one in judged])]
        found, _, _ = measure(counts, framework, declaration, known, Round("r", PERIOD, "tone"))
        tones = {(one.agency, one.channel): one.positive - one.negative for one in truth}
        for row in found.itertuples():
            said = json.loads(row.detail)
            true = np.mean([tones[row.agency, one] for one in [*said["channels"], *said["channels_taken_from_others"]]])
            low, high = said["interval"]
            rows.append({"seed": seed, "error": row.value - true, "covered": low <= true <= high})
    return pd.DataFrame(rows)


def test_intervals__of_small_audited_rounds__hold_as_often_as_they_say(measured):
    assert len(measured) > 5 * len(SEEDS)
    assert measured["covered"].sum() >= binom.ppf(RARE, len(measured), 0.95), measured["covered"].mean()


def test_tone__of_small_audited_rounds__is_right_on_average(measured):
    by_round = measured.groupby("seed")["error"].mean()
    assert abs(by_round.mean()) < 4 * by_round.std(ddof=1) / np.sqrt(len(by_round))
    assert abs(by_round.mean()) < 0.03
