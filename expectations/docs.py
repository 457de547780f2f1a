"""Data Docs: the results of a run as static pages that open without a network."""

import copy
import itertools
import json
import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView

from expectations.outcome import WARNED, Outcome
from expectations.scope import Scope
from warehouse.files import writing

TEMPLATES = Path(__file__).parent / "templates"
PAGE, INDEX = "data_docs_page.j2", "data_docs_index.j2"
_WARNING_ICON = ["fas", "fa-exclamation-triangle", "text-warning"]
_NOTHING = "--"  # as Great Expectations writes it for other rules
_UNSAFE = re.compile(r"[^\w.-]+")


def write_docs(result: Any, outcome: Outcome, scope: Scope, folder: Path) -> Path:
    """Write the page of a framework, period and round, over that of an earlier run, and the index of all pages.

    Args:
        result: `ExpectationSuiteValidationResult` of the run.
        outcome: What became of the rows.
        scope: What the rows were held against.
        folder: Folder of the pages; made if it is not there.

    Returns:
        Path of the index page.
    """
    view = DefaultJinjaPageView(custom_views_directory=str(TEMPLATES))
    document = ValidationResultsPageRenderer().render(_without_rows(result))
    _mend(document, outcome)
    name = "_".join(_UNSAFE.sub("-", part) for part in (scope.framework.name, scope.period, scope.round_name))
    facts = _facts(outcome, scope, name)
    checks = outcome.checks.to_dict("records")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / f"{name}.html", view.render(document, template=PAGE, facts=facts, checks=checks))
        _replace(folder / f"{name}.json", json.dumps(facts, ensure_ascii=False, indent=1))
        runs = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
        index = folder / "index.html"
        _replace(index, view.env.get_template(INDEX).render(runs=runs))
    return index


def _facts(outcome: Outcome, scope: Scope, name: str) -> dict[str, Any]:
    rows = outcome.quarantined.drop_duplicates(["snapshot_sha256", "locator"])
    return {
        "framework": scope.framework.name,
        "period": scope.period,
        "round_name": scope.round_name,
        "page": quote(f"{name}.html"),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": outcome.verdict,
        "accepted": len(outcome.accepted),
        "quarantined": len(rows),
        "warned": len(outcome.warnings.drop_duplicates(["snapshot_sha256", "locator"])),
        "crashed": outcome.crashed,
    }


def _without_rows(result: Any) -> Any:
    """A copy of the result without the rows that fail, which are in the quarantine with their reasons.

    Their number goes too: Great Expectations would print it with the share of the rows that the rule applied to, but as
    a share of all rows. The table of the rules states number and share.
    """
    shown = copy.copy(result)
    shown.results = [copy.copy(one) for one in result.results]
    for one in shown.results:
        one.result = {
            name: value for name, value in one.result.items() if "index_list" not in name and name != "unexpected_count"
        }
    shown.meta = {}
    return shown


def _mend(document: Any, outcome: Outcome) -> None:
    """Show doubted rows as a warning and not as a failure, and no "NaN%" where a rule applied to no row."""
    checks = outcome.checks.set_index("rule")
    tables = (getattr(block, "table", ()) for section in document.sections for block in section.content_blocks)
    for row in itertools.chain.from_iterable(tables):
        rule = _rule_of(row)
        if rule not in checks.index:
            continue
        if checks.at[rule, "status"] == WARNED:
            row[0].string_template = copy.deepcopy(row[0].string_template)
            row[0].string_template["styling"]["params"]["icon"]["classes"] = _WARNING_ICON
        if checks.at[rule, "rows_checked"] == 0:
            row[2] = _NOTHING


def _rule_of(row: Any) -> str:
    """Rule that a row of a table is about: its description begins with the name; empty for any other row."""
    cell = row[1] if len(row) > len(("status", "expectation")) else None
    first = cell[0] if isinstance(cell, list) and cell else cell
    written = getattr(first, "string_template", None)
    return str(written["template"]).partition(":")[0] if written else ""


def _replace(file: Path, text: str) -> None:
    """Write a file whole or not at all: two rounds may be at work, and a reader may have the page open."""
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(file)
