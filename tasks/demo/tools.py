"""Which tool asks whom in a synthetic round, and the entries of round.yaml for them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasks.demo.records import Truth
from tasks.demo.servers.forms import write_form
from tasks.demo.servers.survey import FOLDER
from tasks.demo.survey import draw_survey
from warehouse.frameworks.model import Framework
from warehouse.frameworks.survey import Survey, load_surveys
from warehouse.reference.agencies import Agency

CREDENTIAL = "synthetic"
# Population to the tool, its source and its folder of the server: each of the three is in use somewhere.
_TOOLS = {"officials": ("limesurvey", "limesurvey"), "enterprises": ("odk", "odk_central"), "people": ("kobo", "kobo")}


def write_survey(
    folder: Path, framework: Framework, agencies: Sequence[Agency], seed: int, period: str, url: str
) -> tuple[list[Truth], list[dict[str, Any]]]:
    """Draw the survey of a framework and write what the tools will serve.

    Args:
        folder: The round's folder.
        framework: The framework; one without a survey.yaml has no survey.
        agencies: The agencies that are judged.
        seed: Seed of the round.
        period: Period of the round.
        url: Address of the server of the tools.

    Returns:
        The true values, and the entries of round.yaml.
    """
    if not (framework.folder / "survey.yaml").is_file():
        return [], []
    drawn = draw_survey(framework, agencies, seed, period)
    entries = []
    for survey in load_surveys(framework.folder).surveys:
        tool, source = _TOOLS[survey.population]
        form = _form(survey, tool)
        write_form(
            folder / FOLDER / framework.name / f"{survey.survey}.jsonl", tool, form, drawn.submissions[survey.survey]
        )
        entry = {"source": source, "framework": framework.name, "url": f"{url}/{tool}", "form": form}
        entries.append(entry | ({"project": 1} if tool == "odk" else {}) | {"credential": CREDENTIAL})
    return drawn.truth, entries


def _form(survey: Survey, tool: str) -> str:
    """The name by which the tool knows the form: LimeSurvey has numbers."""
    names = survey.forms[0].forms
    return next((name for name in names if name.isdigit() == (tool == "limesurvey")), names[0])
