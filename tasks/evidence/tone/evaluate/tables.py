"""What is measured, as tables that a person reads."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tasks.evidence.tone.confusion import predict
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.counting import table, transfer
from tasks.evidence.tone.evaluate.choices import compare
from tasks.evidence.tone.evaluate.injected import distinct, duplicate_quality, inject
from tasks.evidence.tone.evaluate.linking import labelled_mentions, link_all, link_quality
from tasks.evidence.tone.evaluate.quality import (
    SEED,
    Estimate,
    aspect_quality,
    judged,
    macro_f1,
    places,
    quality,
)
from tasks.evidence.tone.evaluate.simulation import SETTINGS, Setting, simulated
from tasks.evidence.tone.local import LocalModel, train, words_in
from tasks.evidence.tone.model import POLARITIES
from tasks.evidence.tone.names import Names
from tasks.evidence.tone.normalise import fold

ROUNDS = 100
LOSS, RECALL, PRECISION, COVERAGE = 0.02, 0.95, 0.99, (0.92, 0.98)  # what the project promises
_DAY = date(2024, 12, 31)  # posts of the corpus have no date; on that day all 63 provinces exist

_NAMES = {
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "calibration_error": "calibration error (15 bins)",
    "coverage": "posts judged with a probability of 0.5 or more",
    "accuracy_when_sure": "accuracy on those",
    "macro_f1_unaccented": "macro-F1, all diacritics left out",
    "unaccented_loss": "what that costs",
    "new_wordings": "macro-F1 on wordings that no training post has",
    "aspect_accuracy": "aspect (11 labels), accuracy",
    "relevance_accuracy": "about public services or not, accuracy",
    "link_precision": "precision",
    "link_recall": "recall",
    "link_f1": "F1",
    "duplicate_recall": "recall of copies",
    "duplicate_precision": "precision of pairs",
}


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: Its title.
        columns: Names of its columns.
        rows: Its cells as text.
        note: What must be known to read it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def measured(rounds: int = ROUNDS) -> list[Table]:
    """Measure the default model, trained anew, and everything around it.

    Args:
        rounds: Rounds of each simulation.
    """
    training, validation, test = corpus("train"), corpus("validation"), corpus("test")
    model = train(training)
    of_test = quality(model, test)
    aspects = aspect_quality(model.aspect([words_in(text) for text in test["text"]]).argmax(axis=1), test["aspect"])
    links = _links(test)
    copies = duplicate_quality(inject(distinct(corpus()["text"].tolist()), SEED))
    worlds = simulated(SETTINGS, rounds, SEED)
    others = simulated([_other_writers(model, validation, test)], rounds, SEED)
    return [
        _promises(of_test, copies, worlds, others),
        _polarity(of_test, new_wordings(model, training, test), aspects, len(test)),
        _parts(of_test),
        _linking(links),
        _estimates("Near-duplicates", copies, "Copies with known changes, put among all posts of the corpus."),
        _intervals(pd.concat([worlds, others], ignore_index=True), rounds),
        _choices(compare(training, validation), len(validation)),
    ]


def new_wordings(model: LocalModel, training: pd.DataFrame, test: pd.DataFrame) -> Estimate:
    """Return the macro-F1 on test posts whose words, without marks, are not those of a training post."""
    seen = set(_wordings(training))
    new = np.array([wording not in seen for wording in _wordings(test)])
    probabilities = judged(model, test["text"][new])
    return macro_f1(places(test["polarity"][new], POLARITIES), probabilities.argmax(axis=1))


def _wordings(posts: pd.DataFrame) -> list[str]:
    return [" ".join(map(fold, words_in(text))) for text in posts["text"]]


def _links(test: pd.DataFrame) -> dict[str, dict[str, Estimate]]:
    names = Names.bundled()
    mentions = labelled_mentions()
    dated = test.assign(date=_DAY.isoformat())
    return {
        "labelled mentions": link_quality(mentions, link_all(mentions, names)),
        "test posts of the corpus": link_quality(dated, link_all(dated, names)),
    }


def _other_writers(model: LocalModel, validation: pd.DataFrame, test: pd.DataFrame) -> Setting:
    """Posts as the test writer writes them, corrected by what the validation writer's posts say of the model."""
    counts = [
        table(places(posts["polarity"], POLARITIES), predict(model, posts["text"].tolist()))
        for posts in (validation, test)
    ]
    rates = counts[1] / counts[1].sum(axis=1, keepdims=True)
    return replace(
        SETTINGS[0], name="matrix of other writers", rates=rates, matrix=transfer(model.held_out)[:, None] * counts[0]
    )


def _promises(
    of_test: pd.DataFrame, copies: Mapping[str, Estimate], worlds: pd.DataFrame, others: pd.DataFrame
) -> Table:
    loss = _one(of_test, "unaccented_loss")
    rows = [
        ("macro-F1 lost without diacritics", _with_interval(loss), f"at most {LOSS:.2f}", loss.value <= LOSS),
        *(
            (
                _NAMES[name] + " (near-duplicates)",
                _with_interval(copies[name]),
                f"at least {least}",
                copies[name].value >= least,
            )
            for name, least in (("duplicate_recall", RECALL), ("duplicate_precision", PRECISION))
        ),
        *(
            (
                f"coverage of 95 % intervals, {name}",
                f"{found['coverage'].min():.3f} to {found['coverage'].max():.3f}",
                f"{COVERAGE[0]} to {COVERAGE[1]}",
                bool(found["coverage"].between(*COVERAGE).all()),
            )
            for name, found in (("made-up settings", worlds), ("corrected by posts of other writers", others))
        ),
    ]
    cells = tuple((what, found, promised, "kept" if kept else "NOT kept") for what, found, promised, kept in rows)
    return Table("Promises", ("what", "measured", "promised", ""), cells)


def _polarity(of_test: pd.DataFrame, new: Estimate, aspects: Mapping[str, Estimate], posts: int) -> Table:
    whole = of_test[(of_test["part"] == "") | (of_test["measure"] == "f1_label")]
    cells = [
        (_NAMES.get(row["measure"], f"F1 {row['part']}"), _with_interval(_estimate(row)), str(row["posts"]))
        for row in whole.to_dict("records")
    ]
    cells += [
        (_NAMES[name], _with_interval(one), str(one.posts)) for name, one in {"new_wordings": new, **aspects}.items()
    ]
    note = f"{posts} posts of a writer of whom the model learned nothing. 95 % intervals: bootstrap over posts."
    return Table("Polarity and aspect, test posts", ("what", "measured", "posts"), tuple(cells), note)


def _parts(of_test: pd.DataFrame) -> Table:
    found = {(row["measure"], row["part"]): _estimate(row) for row in of_test.to_dict("records")}
    cells = tuple(
        (part, _with_interval(one), _with_interval(found["accuracy", part]), str(one.posts))
        for (measure, part), one in found.items()
        if measure == "macro_f1" and part
    )
    note = "Where nearly all posts of a part have one label (praise, irony), accuracy says more than macro-F1."
    return Table("By register and phenomenon, test posts", ("part", "macro-F1", "accuracy", "posts"), cells, note)


def _linking(links: Mapping[str, Mapping[str, Estimate]]) -> Table:
    cells = tuple(
        (f"{_NAMES[name]}, {where}", _with_interval(one), str(one.posts))
        for where, found in links.items()
        for name, one in found.items()
    )
    return Table("Linking posts to agencies", ("what", "measured", "posts"), cells)


def _estimates(title: str, found: Mapping[str, Estimate], note: str) -> Table:
    cells = tuple((_NAMES[name], _with_interval(one), str(one.posts)) for name, one in found.items())
    return Table(title, ("what", "measured", "of"), cells, note)


def _intervals(worlds: pd.DataFrame, rounds: int) -> Table:
    cells = tuple(
        (
            str(row["setting"]),
            f"{row['coverage']:.3f} ± {1.96 * row['error']:.3f}",
            *(f"{row[name]:.3f}" for name in ("counted", "width", "tau", "tau_counted")),
        )
        for row in worlds.to_dict("records")
    )
    note = (
        f"{rounds} made-up rounds of each setting, three times as many of six agencies. The last setting takes the "
        "matrix from the validation posts and the errors from the test posts."
    )
    columns = ("setting", "95 % intervals hold", "classify-and-count", "half width", "tau of ranks", "of raw ranks")
    return Table("Intervals in simulated rounds", columns, cells, note)


def _choices(found: pd.DataFrame, posts: int) -> Table:
    cells = tuple(
        (
            str(row["choice"]),
            *(_with_interval(_estimate(row, name)) for name in ("macro_f1", "macro_f1_unaccented")),
            _with_interval(_estimate(row, "gain")) if at else "",
        )
        for at, row in enumerate(found.to_dict("records"))
    )
    note = f"{posts} validation posts; the test posts have no part in any choice."
    return Table("Choices, validation posts", ("choice", "macro-F1", "without diacritics", "gain"), cells, note)


def _one(found: pd.DataFrame, measure: str) -> Estimate:
    rows = found[(found["measure"] == measure) & (found["part"] == "")].to_dict("records")
    return _estimate(rows[0])


def _estimate(row: Mapping[Hashable, Any], name: str = "") -> Estimate:
    ends = (name, f"{name}_low", f"{name}_high") if name else ("value", "low", "high")
    value, low, high = (float(row[end]) for end in ends)
    return Estimate(value, low, high, int(row.get("posts", 0)))


def _with_interval(one: Estimate) -> str:
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
