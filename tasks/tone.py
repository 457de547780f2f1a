"""The tone of cyberspace in a round: from posts in the lake to measurements, the monthly series and an account."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.answers import Measured, answers_file
from tasks.evidence.surveys.values import Round
from tasks.evidence.tone.audit import Audits, read_audits
from tasks.evidence.tone.classify import Reader
from tasks.evidence.tone.confusion import by_writer, confusions
from tasks.evidence.tone.corpus import corpus
from tasks.evidence.tone.measure import Corrections, measure, series
from tasks.evidence.tone.models import local_model, model_called
from tasks.evidence.tone.processes import count_posts
from tasks.evidence.tone.weigh import ALL, RELEVANT
from tasks.harmonise.periods import period_end, period_start
from tasks.job import Job, source_of
from tasks.lake import TONE, forget_texts
from tasks.sources.registry import is_micro
from warehouse.files import write_parquet
from warehouse.frames import ERROR_FACTOR, MEASUREMENT
from warehouse.frameworks.tone import FILE, ToneDeclaration, load_tone
from warehouse.settings import get_settings

Told = Callable[[int, int], None]


def measure_tone(job: Job, parts: Sequence[str], *, told: Told | None = None) -> Measured:
    """Measure what the posts of a round say, whatever portals they came from.

    Args:
        job: The round at hand.
        parts: Workspace partitions of all entries of the round.
        told: Called with the number of pieces done and of all.

    Returns:
        MEASUREMENT rows, grain agency x criterion; ERROR_FACTOR rows; and the account of what became of the posts. All
        empty where no posts came or the framework declares no tone.
    """
    files = post_files(job, parts)
    framework = job.loaded_framework
    if not files or not (framework.folder / FILE).is_file():
        return MEASUREMENT.empty(), ERROR_FACTOR.empty(), {}
    forget_texts()
    declaration = load_tone(framework.folder)
    reader = reader_of(job, declaration)
    counts, account, _ = count_posts(files, reader, pieces_folder(), told=told)
    if (ranked := job.ranked_agencies) is not None:
        counts = counts[counts["agency"].isin(ranked)]  # bodies of the same kind that the edition does not rank
    audits = read_audits(audits_folder(), reader.model.card)
    corrections = corrections_of(reader, declaration, audits)
    where = Round(job.round.round, job.period, TONE)
    found, factors, few = measure(counts, framework, declaration, corrections, where)
    monthly = series(counts, declaration, corrections)
    write_parquet(monthly, series_file(job))
    told_of = _account(account, counts, few, corrections, declaration) | {"months": monthly["month"].nunique()}
    return found, factors, told_of


def post_files(job: Job, parts: Sequence[str]) -> list[Path]:
    """Return the files of posts of a round that are in the lake."""
    files = []
    for part in parts:
        source = source_of(job, part)
        if is_micro(source) and source.evidence == TONE and answers_file(job, source.name, part).is_file():
            files.append(answers_file(job, source.name, part))
    return files


def reader_of(job: Job, declaration: ToneDeclaration) -> Reader:
    """Return what reading the posts of a round needs."""
    local = local_model(get_settings().models)
    return Reader(
        model=model_called(declaration.model, get_settings(), local),
        local=local,
        criteria=declaration.criteria,
        kinds=tuple(job.loaded_framework.description.population),
        period_start=period_start(job.period),
        period_end=period_end(job.period),
    )


def corrections_of(reader: Reader, declaration: ToneDeclaration, audits: Audits) -> Corrections:
    """Return what corrects the labels of a model: audited posts where there are enough, else the validation posts."""
    channels = list(declaration.channels)
    model, local = reader.model, reader.local
    held_out = local.held_out if model is local else by_writer(model, corpus())
    matrices = confusions(model, corpus("validation"), audits.rows, channels, held_out)
    months = (f"{day:%Y-%m}" for day in (reader.period_start, reader.period_end))
    return Corrections(reader.model.card, matrices, audits.by_stratum(*months), audits.sha256)


def pieces_folder() -> Path:
    """Folder of classified pieces."""
    return get_settings().lake / "tone" / "pieces"


def audits_folder() -> Path:
    """Folder of audits."""
    return get_settings().lake / "tone" / "audits"


def series_file(job: Job) -> Path:
    """File of the monthly series of a round."""
    scope = job.scope
    return get_settings().lake / "tone" / "series" / f"{scope['framework']}-{scope['period']}-{scope['round']}.parquet"


def _account(
    account: dict[str, int],
    counts: pd.DataFrame,
    few: list[dict[str, Any]],
    corrections: Corrections,
    declaration: ToneDeclaration,
) -> dict[str, Any]:
    whole = counts[(counts["criterion"] == RELEVANT) & (counts["month"] == "") & (counts["variant"] == ALL)]
    return {
        "model": corrections.card.as_dict(),
        "minimum_n": declaration.minimum_n,
        "posts": account.pop("posts", 0),
        "mentions": account.pop("mentions", 0),
        "left_out": account,
        "channels": {
            str(channel): {
                "mentions": int(of_channel["posts"].sum()),
                "stories": int(of_channel["stories"].sum()),
                "removed_as_spam": int(of_channel["removed"].sum()),
                "corrected_by": f"{corrections.confusions[str(channel)][0].n:.0f} posts of "
                f"{corrections.confusions[str(channel)][1]}",
            }
            for channel, of_channel in whole.groupby("channel")
        },
        "too_few": few,
    }
