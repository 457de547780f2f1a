"""Keyed pseudonyms: the same person has the same one, and nobody without the key can tell who it is.

A pseudonym is HMAC-SHA256 (RFC 2104) under a secret key, over the kind of identity and the text, shortened to 128 bits.
A plain hash would not do: telephone numbers are few enough to be tried out.

The key is `DTI_PSEUDONYM_KEY`, at least 32 characters; where it is not set, a random one is made once in
`DTI_HOME/secrets/pseudonym.key`, readable by its owner only. **Rotation**: set another key (or move the file away) and
gather the round again from its snapshots; the answers in the lake are then replaced under new pseudonyms, and the
estimates do not change, because they depend on which pseudonyms are equal only. Do so between rounds, or at once where
the key may have become known; pseudonyms of different keys never match, so that nobody can be followed over a rotation.
To make a round's pseudonyms irreversible for good, destroy its key and its snapshots.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import pandas as pd

from tasks.evidence.surveys.coding import REJECTED, code_column
from tasks.evidence.surveys.mapping import question_columns, shown_name
from tasks.harmonise.persons import person_key
from warehouse.errors import InputError
from warehouse.frameworks.survey import Survey, SurveyDeclaration
from warehouse.frameworks.survey_tables import STANDARD_COLUMNS
from warehouse.settings import Settings

_SHORTEST_KEY = 32
_DIGITS = 32  # hexadecimal: 128 bits
_FILE = "pseudonym.key"
NOT_UNDERSTOOD = "?"


class Pseudonyms:
    """Gives pseudonyms under one key.

    Args:
        key: The secret key.

    Raises:
        InputError: The key is shorter than 32 characters.
    """

    def __init__(self, key: str) -> None:
        if len(key) < _SHORTEST_KEY:
            raise InputError(
                f"The key of the pseudonyms is shorter than {_SHORTEST_KEY} characters.",
                "Set DTI_PSEUDONYM_KEY to a long random text, or leave it out: one is then made.",
            )
        self._key = key.encode()

    def __repr__(self) -> str:
        return "Pseudonyms(key=<secret>)"

    def of(self, kind: str, text: str) -> str:
        """Pseudonym of a text; empty for an empty text.

        Args:
            kind: What is named, so that equal texts of different kinds do not match.
            text: Name, telephone number, id, as people mistype them: see `tasks.harmonise.persons`.
        """
        folded = person_key(text)
        if not folded:
            return ""
        return hmac.new(self._key, f"{kind}\0{folded}".encode(), hashlib.sha256).hexdigest()[:_DIGITS]

    def exact(self, kind: str, texts: pd.Series) -> pd.Series:
        """Pseudonyms of names that a machine gave, where every letter counts; empty for empty ones."""

        def one(text: str) -> str:
            return hmac.digest(self._key, f"{kind}\0{text}".encode(), "sha256").hex()[:_DIGITS] if text else ""

        found = {text: one(text) for text in texts.unique()}
        return texts.map(found)

    def column(self, kind: str, texts: pd.Series) -> pd.Series:
        """Pseudonyms of a column."""
        found = {text: self.of(kind, str(text)) for text in texts.dropna().unique()}
        return texts.map(found).fillna("")


def load_pseudonyms(settings: Settings) -> Pseudonyms:
    """Take the key from the settings, or from its file, which is made at the first need.

    Raises:
        InputError: The key is too short, or its file cannot be used or is readable by others.
    """
    given = settings.pseudonym_key.get_secret_value()
    return Pseudonyms(given or _key_of(settings.secrets / _FILE))


def pseudonymise(answers: pd.DataFrame, declaration: SurveyDeclaration, pseudonyms: Pseudonyms) -> pd.DataFrame:
    """Replace whatever says who answered; everything that the declaration does not name is dropped.

    The submission id, the identity columns, the interviewer and the cluster become pseudonyms. An answer that its scale
    does not understand becomes `?`: people write words, even names, where a mark is wanted. Contact columns, columns
    that nobody mapped and all answers on a form or version that nobody mapped are dropped; of the last only the
    standard columns stay, so that they can be counted. An empty cell stays empty.

    Args:
        answers: One row a submission: the standard columns and every question, as text.
        declaration: The surveys.
        pseudonyms: Gives the pseudonyms.

    Returns:
        The standard columns and the declared questions, under their declared names without groups; grain as before.
    """
    parts = []
    for key, rows in answers.groupby(["form", "form_version"], sort=False):
        form, version = key if isinstance(key, tuple) else (key, "")
        parts.append(_pseudonymised(rows, _survey_of(declaration, str(form)), str(version), pseudonyms))
    whole = pd.concat(parts).reindex(answers.index) if parts else answers[_standard(answers)]
    return whole.fillna("").astype(str).reset_index(drop=True)


def _pseudonymised(rows: pd.DataFrame, survey: Survey | None, version: str, pseudonyms: Pseudonyms) -> pd.DataFrame:
    kept = rows[_standard(rows)].copy()
    kept["submission_id"] = pseudonyms.column("submission", kept["submission_id"])
    kept["submitted_at"] = _as_time(kept["submitted_at"])
    if "review_state" in kept:
        kept["review_state"] = kept["review_state"].map({text: _state(text) for text in kept["review_state"].unique()})
    form = survey.form_of(str(rows["form"].iloc[0]), version) if survey else None
    if survey is None or form is None:
        # Of a form or version that nobody mapped nothing is known, not even that its name is one.
        unknown = {"form_version": shown_name(version)} | (
            {"form": shown_name(str(rows["form"].iloc[0]))} if not survey else {}
        )
        return kept.assign(**unknown)
    fields = form.fields
    kinds = {fields.cluster: "cluster", fields.interviewer: "interviewer"}
    kinds |= dict.fromkeys(form.identity, f"{survey.survey}:identity")
    scales = {
        name: survey.scales[item.scale] for item in form.criteria.values() for name in (item.question, item.denominator)
    }
    plain = {fields.weight: _as_number, fields.population: _as_number, fields.started: _as_time, fields.ended: _as_time}
    # A column that is empty here belongs to another form of the same frame, whose groups may be named otherwise.
    columns = question_columns(name for name in rows if bool((rows[name].fillna("") != "").any()))
    for question in form.questions:
        if question in columns and question not in form.contact:
            column = rows[columns[question]]
            if question in kinds:
                column = pseudonyms.column(kinds[question], column)
            elif question in scales:
                column = column.mask(code_column(column, scales[question])[1], NOT_UNDERSTOOD)
            elif question in plain:
                column = plain[question](column)
            kept[question] = column
    return kept


def _state(text: str) -> str:
    return REJECTED[0] if text.casefold() in REJECTED else shown_name(text)


def _as_number(texts: pd.Series) -> pd.Series:
    return texts.where(pd.to_numeric(texts, errors="coerce").notna(), "")


def _as_time(texts: pd.Series) -> pd.Series:
    return texts.where(pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601").notna(), "")


def _standard(answers: pd.DataFrame) -> list[str]:
    return [name for name in STANDARD_COLUMNS if name in answers]


def _survey_of(declaration: SurveyDeclaration, form: str) -> Survey | None:
    return next((survey for survey in declaration.surveys if any(form in entry.forms for entry in survey.forms)), None)


def _key_of(file: Path) -> str:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            # Made whole under another name first: of two processes that start together one wins, and both read its key.
            made = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
            handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600) if not file.exists() else None
            if handle is not None:
                with os.fdopen(handle, "w") as writer:
                    writer.write(secrets.token_hex(32))
                try:
                    os.link(made, file)
                finally:
                    made.unlink()
        except FileExistsError:
            pass
        if file.stat().st_mode & 0o077:
            raise InputError(f"The key file {file} can be read by others.", f"Run `chmod 600 {file}`.")
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise InputError(
            f"The key of the pseudonyms in {file} cannot be used: {error.strerror}.",
            "Set DTI_PSEUDONYM_KEY, or make the folder writable.",
        ) from None
