"""The decision before a ranking is published: asked for in the Prefect UI, by a run that waits without a process."""

from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.input.actions import filter_flow_run_input
from pydantic import Field, StringConstraints, ValidationError

from flows.report import Report
from tasks.decide import agency_ids
from warehouse.decisions import Decision, Outcome
from warehouse.errors import AgencyError, DecisionRefused

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRunInput

DAY = 24 * 60 * 60
PREFIX = "approval"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]


class Approval(RunInput):
    """The form: what is decided about the result that was shown.

    It has no list to choose from: in the UI of Prefect 3.8 a click on such a list opens it and closes it again.
    """

    approve: bool = Field(
        default=False,
        title="Approve (phê duyệt)",
        description="On: what was shown is published. Off: it is rejected and nothing is published.",
        json_schema_extra={"position": 0},
    )
    decided_by: Name = Field(
        title="Who decides (người quyết định)",
        description="Your name; it is kept with the vintage.",
        json_schema_extra={"position": 1},
    )
    reason: str = Field(
        default="",
        max_length=2_000,
        title="Reason (lý do)",
        description="Needed to reject, or to leave agencies out; kept with the vintage.",
        json_schema_extra={"position": 2},
    )
    agencies: list[str] = Field(
        default=[],
        max_length=200,
        title="Agencies to leave out (cơ quan không xếp hạng)",
        description="Only where the rest is approved: one name or code an entry. They keep their scores.",
        json_schema_extra={"position": 3},
    )


def ask(report: Report, days: int) -> Decision:
    """Ask what is to become of the result that the report shows.

    The run is suspended: nothing waits in memory. When it is resumed, the flow begins again, comes here, and finds the
    answer. An answer that does not hold together is asked for again, with the reason; a run that is retried after its
    question has lapsed asks anew.

    Args:
        report: What came of the round.
        days: How long the question stays open; after that the run fails and the vintage stays provisional.

    Raises:
        Pause: Nobody has answered yet; Prefect then suspends the run.
    """
    fault, attempt = "", 0
    while True:
        attempt += 1
        key = f"{PREFIX}-{report.digest[:12]}-{attempt}"
        asked, answer = _stored(key)
        try:
            if answer is not None:
                return decision_of(report, Approval.model_validate(answer))
            if not asked:
                form = Approval.with_initial_data(description=question(report, fault))
                return decision_of(report, suspend_flow_run(wait_for_input=form, timeout=days * DAY, key=key))
        except (DecisionRefused, AgencyError) as error:
            fault = str(error)
        except ValidationError as error:
            fault = f"{error.errors()[0]['loc'][0]}: {error.errors()[0]['msg']}."


def has_asked() -> bool:
    """Whether this run has asked before: Prefect counts a run that goes on as the same attempt."""
    return bool(filter_flow_run_input(key_prefix=f"suspended-{PREFIX}-", limit=1))


def _stored(key: str) -> tuple[bool, Any]:
    """Whether a question was asked by this run, and what was answered; None where nobody has."""
    stored = cast("list[FlowRunInput]", filter_flow_run_input(key_prefix=f"suspended-{key}-", limit=10))
    found = {one.key: one for one in stored}
    answer = found.get(f"suspended-{key}-response")
    return bool(found), None if answer is None else answer.decoded_value


def decision_of(report: Report, answer: Approval) -> Decision:
    """Turn what was filled in into a decision.

    Raises:
        DecisionRefused: A reason or an agency is missing.
        AgencyError: A name stands for no agency that is ranked.
    """
    excluded = agency_ids(report.shown, answer.agencies) if answer.approve else ()
    outcome: Outcome = "approved_with_exclusions" if excluded else "approved"
    return Decision(outcome if answer.approve else "rejected", answer.decided_by, answer.reason, excluded)


def question(report: Report, fault: str = "") -> str:
    """What stands above the form, as Markdown.

    Args:
        report: What is to be decided about.
        fault: Why the answer before was not taken.
    """
    from flows.artifacts import inert

    again = [f"**The answer before was not taken.** {inert(fault)}", ""] if fault else []
    warnings = [f"- {inert(line)}" for line in report.warnings]
    return "\n".join(
        [
            *again,
            f"**{report.framework} {report.period}, round {report.round}: vintage {report.vintage}**, content "
            f"`{report.digest[:12]}`. {inert(report.verdict)}",
            "",
            *(["Look at these first:", "", *warnings, ""] if warnings else []),
            "The league table, the coverage and the quarantine stand among the artifacts of this run. "
            "What is published is exactly what they show.",
        ]
    )


def resume(run_id: str, decision: Decision) -> bool:
    """Let a run that waits for a decision go on, where a Prefect server knows it.

    Args:
        run_id: The run.
        decision: What was decided elsewhere, and was carried out already.

    Returns:
        Whether the run goes on.
    """
    import httpx
    from prefect.exceptions import PrefectException
    from prefect.flow_runs import resume_flow_run

    answer: dict[str, Any] = {
        "approve": decision.outcome != "rejected",
        "decided_by": decision.decided_by,
        "reason": decision.reason,
        "agencies": list(decision.excluded),
    }
    try:
        resume_flow_run(UUID(run_id), run_input=answer)
    except (PrefectException, httpx.HTTPError, RuntimeError, ValueError):
        return False
    return True
