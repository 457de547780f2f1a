"""What became of the answers of persons, in sentences: counts and names of columns, never a respondent or an expert."""

from typing import Any

from flows.labels import counted


def surveyed(account: dict[str, Any]) -> list[str]:
    """Say what became of each survey, and what its declaration does not know yet.

    Args:
        account: `surveys.json` of the round; empty where no answers came.
    """
    lines = []
    for survey in account.get("surveys", ()):
        lines.append(f"Survey {survey['survey']}: {_counts(survey)}.")
        if survey["oversampled"]:
            strata = ", ".join(survey["oversampled"])
            lines.append(f"Survey {survey['survey']}: more clusters than survey_population.csv has in {strata}.")
        for words, found in (("nobody mapped", survey["unmapped"]), ("nobody answered", survey["unused"])):
            lines += [
                f"Survey {survey['survey']}, {form}: {words} {', '.join(names)}." for form, names in found.items()
            ]
    forms = account.get("unknown_forms", {})
    return lines + [
        f"{counted(count, 'submission')} on the form {name}: no survey maps it." for name, count in forms.items()
    ]


def judged(account: dict[str, Any]) -> list[str]:
    """Say what became of the ratings of the experts.

    Args:
        account: `experts.json` of the round; empty where no ratings came.
    """
    if not account:
        return []
    refused, few = _listed(account["refused"]), counted(len(account["suppressed"]), "cell")
    who = f"{counted(account['experts'], 'expert')} in {counted(account['rounds'], 'round')}"
    ratings = counted(account["ratings"], "rating")
    return [
        f"Expert panel: {account['used']} of {ratings} by {who} count, each expert's last ones"
        + (f", cannot be used: {refused}" if refused else "")
        + f"; {account['own_agency']} on the own employer left out, {few} below the minimum."
    ]


def _counts(survey: dict[str, Any]) -> str:
    said = [f"{survey['used']} of {counted(survey['submissions'], 'submission')} count"]
    if survey["refused"]:
        said.append(f"cannot be used: {_listed(survey['refused'])}")
    if survey["excluded"]:
        said.append(f"left out by rule: {_listed(survey['excluded'])}")
    if survey["suppressed"]:
        said.append(f"{counted(len(survey['suppressed']), 'cell')} below the minimum kept back")
    if survey["no_respondent"]:
        said.append(f"{counted(len(survey['no_respondent']), 'agency')} without a respondent")
    return "; ".join(said)


def _listed(found: dict[str, int]) -> str:
    return ", ".join(f"{count} {why}" for why, count in found.items())
