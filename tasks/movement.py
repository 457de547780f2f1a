"""What a ranking is compared with: the same round a period before, or what was published about this period before."""

from dataclasses import dataclass

from tasks.job import Job
from tasks.load import open_warehouse
from warehouse.earlier import node_ranks, previous_period
from warehouse.queries import vintages
from warehouse.vintages import PUBLISHED


@dataclass(frozen=True)
class Before:
    """The ranks of the last time.

    Attributes:
        what: Which time that was, in words.
        ranks: Agency and ranking (its group, or empty for the one among all) to rank.
    """

    what: str
    ranks: dict[tuple[str, str], int]


def ranks_before(job: Job, node: str) -> Before | None:
    """Ranks to compare a new vintage with: of the period before in the same round, else of the vintage before.

    Args:
        job: The round whose vintage was written.
        node: Code of the node that ranks.

    Returns:
        None where nothing comparable is in the warehouse: the first time, or another framework.
    """
    engine, name = open_warehouse(), job.loaded_framework.name
    if period := previous_period(engine, name, job.round.round, job.period):
        chosen = vintages(engine, name, period, job.round.round).iloc[0]
        return Before(f"{period}, vintage {chosen['vintage']}", node_ranks(engine, dict(chosen), node))
    now = job.workspace.read_json("vintage")["vintage"]
    of_round = vintages(engine, name, job.period, job.round.round)
    earlier = of_round[(of_round["vintage"] < now) & (of_round["state"] == PUBLISHED)]
    if earlier.empty:
        return None
    chosen = earlier.iloc[0]
    return Before(f"vintage {chosen['vintage']} of the same period", node_ranks(engine, dict(chosen), node))
