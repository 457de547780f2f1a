"""`dti tone`: the audit of the classifier, how well it does, and training one's own."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from flows.cli.numbers import number
from flows.cli.output import console, show
from warehouse.errors import InputError
from warehouse.frames import records
from warehouse.settings import get_settings

app = App(name="tone", help="The tone of cyberspace: audit the labels, measure the classifier, train one of your own.")


@app.command
def audit(
    *,
    sample: Annotated[int | None, number()] = None,
    import_: Annotated[tuple[Path, ...], Parameter(name="--import", consume_multiple=True, negative="")] = (),
    framework: str = "province_2020",
    period: str = "2020",
    round: Path | None = None,
    out: Path = Path("audit.xlsx"),
    annotators: Annotated[int, number()] = 2,
    seed: Annotated[int, number()] = 2020,
    accept: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Draw posts for annotators, or take in what they labelled.

    Args:
        sample: Number of posts to draw; one workbook an annotator is written.
        import_: Workbooks that came back, all of one sample.
        framework: Name of the framework.
        period: Period that was measured.
        round: Folder of the round's inputs.
        out: File of the workbooks.
        annotators: Number of people who label the same posts without seeing each other's labels.
        seed: Seed of the draw.
        accept: Use labels on which the annotators agree too little.
    """
    if (sample is None) == (not import_):
        raise InputError("An audit draws a sample or takes one in.", "Give either --sample 400 or --import FILE FILE.")
    if import_:
        _import(import_, accept=accept)
        return
    if not sample or sample < 1 or annotators < 1 or seed < 0 or out.suffix != ".xlsx":
        raise InputError(
            "A sample has posts, annotators, a seed of at least 0 and a file .xlsx.",
            "Give --sample 400 --out audit.xlsx.",
        )
    from flows.jobs import job_of
    from flows.parameters import AnnualParameters
    from tasks.audit import make_sample
    from tasks.harmonise.periods import parse_period
    from tasks.job import parts_of

    job = job_of(AnnualParameters(framework=framework, period=parse_period(period), round_folder=round))
    with console().status("drawing posts"):
        books = make_sample(job, list(parts_of(job)), sample, seed, out, annotators)
    print("Written, one for each annotator: " + ", ".join(str(book) for book in books))
    print("When they are filled in: dti tone audit --import " + " ".join(str(book) for book in books))


def _import(books: tuple[Path, ...], *, accept: bool) -> None:
    from tasks.audit import AGREEMENT, import_labels

    found = import_labels(books, accept=accept)
    print(f"{found.labelled} posts are labelled, {found.missing} are not.")
    if found.kappas:
        show(found.kappas, "table", "Agreement of the annotators (Cohen's kappa)")
    show(records(found.confusion.reset_index()), "table", "Posts by true label (rows) and the model's label (columns)")
    show(records(found.drift), "table", "The model month by month")
    if found.used:
        print("The labels correct the next measurement.")
    else:
        print(f"Annotators agree less than {AGREEMENT}, so the labels are not used: discuss docs/tone-labels.md,")
        print("label again, or use them all the same with --accept.")
    if found.drift["drifted"].any():
        months = ", ".join(found.drift.loc[found.drift["drifted"], "month"])
        print(f"The model did differently in {months} than the month before: look at what people write there.")


@app.command
def evaluate(
    *,
    data: Path | None = None,
    text: str = "text",
    label: str = "label",
    model: Literal["local", "underthesea", "transformer"] = "local",
) -> None:
    """Say how well the model does: on the project's own test posts, or on a labelled file of your own.

    Args:
        data: CSV, JSON Lines or Parquet of labelled posts; left out: the project's test posts.
        text: Column of the texts.
        label: Column of the labels: negative, neutral, positive, or what they are called there.
        model: The model that judges the file.
    """
    from tasks.evidence.tone.models import local_model, model_called

    if data is None:
        from tasks.evidence.tone.evaluate import main

        main([])
        return
    from tasks.evidence.tone.labelled import read_labelled, score

    posts = read_labelled(data, text, label)
    with console().status(f"judging {len(posts)} posts"):
        found = score(model_called(model, get_settings(), local_model(get_settings().models)), posts)
    show(found, "table", f"{data.name}: {len(posts)} posts")


@app.command
def train(*, data: Path, text: str = "text", label: str = "label", keep_own_corpus: bool = True) -> None:
    """Train the local model with labelled posts of your own; the next measurement uses it.

    Args:
        data: CSV, JSON Lines or Parquet of labelled posts; check that its licence allows the use.
        text: Column of the texts.
        label: Column of the labels.
        keep_own_corpus: Learn from the project's corpus too; without it nothing is known of aspects.
    """
    from tasks.evidence.tone.labelled import read_labelled
    from tasks.evidence.tone.models import train_own

    posts = read_labelled(data, text, label)
    with console().status(f"training with {len(posts)} posts"):
        model = train_own(posts, get_settings().models, keep_own_corpus=keep_own_corpus)
    print(f"Trained: {model.card.name} {model.card.version}, sha256 {model.card.sha256}.")
    print(f"To go back to the project's model delete {get_settings().models / 'own.npz'}.", file=sys.stderr)
