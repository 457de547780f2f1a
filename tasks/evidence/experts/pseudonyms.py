"""What of a rating may reach the lake: no name, no words of the expert, no employer."""

import pandas as pd

from tasks.evidence.experts.coding import round_of
from tasks.evidence.experts.places import OTHER, OWN, UNKNOWN, Places
from tasks.evidence.surveys.pseudonyms import Pseudonyms
from tasks.harmonise.items import ItemIndex
from tasks.harmonise.numbers import numeric_cell, parse_number

KEPT_COLUMNS = ("expert", "employed", "agency", "criterion", "round", "rating", "confidence")
NOT_UNDERSTOOD = "?"


def pseudonymise_ratings(
    ratings: pd.DataFrame, pseudonyms: Pseudonyms, places: Places, items: ItemIndex
) -> pd.DataFrame:
    """Replace whatever says who rated.

    The expert becomes a keyed pseudonym. The employer becomes a flag, whether it is the judged agency: with a few dozen
    experts an employer would often name the person. The justification is dropped, because people are known by their
    words, and so is any other column. A remark that was written into another cell, or a table whose columns slipped,
    must not bring words back: of the other cells only what is understood stays.

    Args:
        ratings: One row a rating as `expert_panel` reads it, text as written.
        pseudonyms: Gives the pseudonyms.
        places: Knows the agencies.
        items: Knows the criteria.

    Returns:
        KEPT_COLUMNS, with the id of the agency, the code of the criterion, and numbers without notes; `?` where a text
        is not understood, empty where a cell is empty. Grain and order as before.
    """
    texts = ratings.fillna("").astype(str).apply(lambda column: column.str.strip())
    persons = pseudonyms.column("expert", texts["expert"])
    nodes = {text: items.find(text) for text in texts["criterion"].unique()}
    codes = {text: node.code if node else "" for text, node in nodes.items()}
    kept = {
        "expert": persons,
        "employed": _employed(persons, texts, places),
        "agency": _understood(texts["agency"], {text: places.agency_of(text) for text in texts["agency"].unique()}),
        "criterion": _understood(texts["criterion"], codes),
        "round": _understood(texts["round"], {text: str(round_of(text) or "") for text in texts["round"].unique()}),
        "rating": _understood(texts["rating"], {text: _number(text) for text in texts["rating"].unique()}),
        "confidence": _understood(texts["confidence"], {text: _number(text) for text in texts["confidence"].unique()}),
    }
    return pd.DataFrame(kept, columns=list(KEPT_COLUMNS)).astype(str).reset_index(drop=True)


def _employed(persons: pd.Series, texts: pd.DataFrame, places: Places) -> list[str]:
    """Whether each rating is on an employer of the expert; an expert need not name the employer in every row."""
    named: dict[str, set[str]] = {}
    for person, employer in zip(persons, texts["employer"], strict=True):
        if person and employer:
            named.setdefault(person, set()).add(employer)
    found = []
    for person, own, agency in zip(persons, texts["employer"], texts["agency"], strict=True):
        said = {places.employment(employer, agency) for employer in {own} | named.get(person, set())}
        found.append(next(word for word in (OWN, OTHER, UNKNOWN) if word in said))
    return found


def _understood(texts: pd.Series, meanings: dict[str, str]) -> pd.Series:
    return texts.map({text: (meanings[text] or NOT_UNDERSTOOD) if text else "" for text in meanings})


def _number(text: str) -> str:
    """A number that `parse_number` reads back, with at most a per cent sign beside it; empty where there is none."""
    number = parse_number(text)
    if number.value is None:
        return ""
    return f"{number.value!r}%".replace(".", ",") if number.unit_hint == "%" else numeric_cell(number.value)
