"""Many scenarios of one agency at once: each is one more unit, or one more panel of units, of the same engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tasks.scoring.arrays import FloatArray, IntArray
from tasks.scoring.evaluate import Result, evaluate
from tasks.scoring.inputs import Cells, cells_of
from tasks.scoring.movement.rules import ALONE
from tasks.scoring.tree import Tree
from tasks.scoring.weights import weighted
from tasks.scoring.whatif.change import Change
from warehouse.errors import InputError
from warehouse.frameworks.model import Framework, Node

CELLS = 2_000_000  # nodes x units that go through the engine together: some 100 MB
# What makes nobody's score depend on the others: all else that a framework may say is taken to make it so.
_OWN_PARAMETERS = {
    *("target", "floor", "tiers", "items", "low", "high", "scale", "minimum", "maximum", "transform", "clip"),
    *("valid_min", "valid_max", "entry", "numerator", "denominator", "per", "per_scale", "cap", "cap_below"),
    *("weights", "available", "penalty_low", "penalty_high"),
}
_OWN_KEYS = {
    *("framework", "title_vi", "title_en", "legal_basis", "periods", "first_period", "last_period", "population"),
    *("total", "levels", "branches", "missing", "entry", "normalise_over", "undecided", "groups", "bands", "headline"),
    *("precedence", "tolerance", "critical_sources", "citations", "mergers", "units"),
}
# Takes tree, units and their result; gives the units that are ranked and their result.
Afterwards = Callable[[Tree, Cells, Result], tuple[Cells, Result]]


@dataclass(frozen=True)
class Outcome:
    """What became of some scenarios.

    Attributes:
        shares: Shares of the node that ranks, of all agencies, shape (agencies, scenarios).
        own: Shares of all nodes of the agency, shape (nodes, scenarios).
    """

    shares: FloatArray
    own: FloatArray


class Bench:
    """A vintage with everything that is needed to score it again.

    Args:
        framework: The framework as the vintage was scored.
        measurements: MEASUREMENT rows of the vintage, of one period, the stage that counts.
        agency: Id of the agency whose figures are supposed.
        node: Code of the node that ranks.
        groups: Agency to ranking group; left out, what groups.csv of the framework says.
        afterwards: What happens to the units after they are scored, such as a merger.
        follow: Id of the agency whose place is looked at; left out: `agency`.

    Attributes:
        tree: The framework in the shape of the engine.
        cells: The measurements.
        unit: The agency among them.
        node: Index of the node that ranks.
        base: The result as it is.
        agencies: Ids of the agencies of the result.
        own: The agency among them.
        followed: The agency whose place is looked at.
        is_alone: Whether the others stand still whatever is supposed.

    Raises:
        InputError: The agency has no measurements, or these cannot be scored.
    """

    def __init__(
        self,
        framework: Framework,
        measurements: pd.DataFrame,
        agency: str,
        node: str,
        *,
        groups: Mapping[str, str] | None = None,
        afterwards: Afterwards | None = None,
        follow: str = "",
    ) -> None:
        alone = framework.description.model_copy(update={"normalise_over": "period"})
        self.framework = framework
        plain = _of_one_period(Tree.of(replace(framework, description=alone)))
        self.cells = cells_of(measurements.drop(columns="period", errors="ignore"), plain, "The vintage", groups)
        self.tree, _ = weighted(plain, self.cells)  # weights of the data stay as they are, whatever is supposed
        if agency not in self.cells.agencies:
            raise InputError(
                f"{agency} has no measurements of its own in this vintage.", "`dti rank` lists who is scored."
            )
        self.unit = self.cells.agencies.index(agency)
        self.node = self.tree.codes.index(node)
        self.afterwards = afterwards
        cells, self.base = self._scored(self.cells)
        self.agencies = cells.agencies
        self.own = self.agencies.index(agency)
        self.followed = self.agencies.index(follow or agency)
        self.is_alone = afterwards is None and depends_on_nobody(framework)

    def run(self, scenarios: Sequence[Sequence[Change]]) -> Outcome:
        """Score scenarios, each with all of its changes.

        Args:
            scenarios: What is supposed of the agency in each.

        Raises:
            InputError: A figure cannot be scored.
        """
        if self.is_alone:
            return self._alone(scenarios)
        size = 1 if _looks_at_other_periods(self.framework) else max(1, CELLS // self.cells.values.size)
        parts = [self._together(scenarios[start : start + size]) for start in range(0, len(scenarios), size)]
        return Outcome(
            np.concatenate([part.shares for part in parts], axis=1),
            np.concatenate([part.own for part in parts], axis=1),
        )

    def _alone(self, scenarios: Sequence[Sequence[Change]]) -> Outcome:
        """The others stand still: only the agency is scored, once a scenario."""
        units = np.full(len(scenarios), self.unit)
        own = evaluate(self.tree, self._supposed(units, np.arange(len(scenarios)), scenarios)).shares
        shares = np.repeat(self.base.shares[self.node][:, None], len(scenarios), axis=1)
        shares[self.unit] = own[self.node]
        return Outcome(shares, own)

    def _together(self, scenarios: Sequence[Sequence[Change]]) -> Outcome:
        """Everybody is scored in each scenario, compared with those of the same scenario only."""
        size, number = len(self.cells.agencies), len(scenarios)
        units = np.tile(np.arange(size), number)
        cells, result = self._scored(self._supposed(units, np.arange(number) * size + self.unit, scenarios))
        shape = (len(self.tree.codes), number, len(cells.unit_agency) // number)
        shares = result.shares.reshape(shape)
        return Outcome(shares[self.node].T, shares[:, :, self.own])

    def _scored(self, cells: Cells) -> tuple[Cells, Result]:
        result = evaluate(self.tree, cells)
        return self.afterwards(self.tree, cells, result) if self.afterwards else (cells, result)

    def _supposed(self, units: IntArray, changed: IntArray, scenarios: Sequence[Sequence[Change]]) -> Cells:
        """Copies of units, one panel a scenario, with what is supposed of the `changed` ones.

        Scenarios stand where periods do, so that units are compared within theirs.
        """
        number = len(scenarios)
        values, points = self.cells.values[:, units].copy(), self.cells.points[:, units].copy()
        place = self._place
        for unit, changes in zip(changed, scenarios, strict=True):
            for change in changes:
                values[place[change.node], unit] = change.value
                points[place[change.node], unit] = change.points
        return replace(
            self.cells,
            periods=tuple(f"{scenario:06d}" for scenario in range(number)),
            unit_period=np.repeat(np.arange(number), len(units) // number),
            unit_agency=self.cells.unit_agency[units],
            values=values,
            points=points,
        )

    @property
    def _place(self) -> Mapping[str, int]:
        return {code: index for index, code in enumerate(self.tree.codes)}


def _of_one_period(tree: Tree) -> Tree:
    """A tree that carries nothing forward: scenarios stand where periods do, and a vintage has one."""
    return replace(tree, policy=np.where(tree.policy == "carry_forward", "zero", tree.policy))


def _looks_at_other_periods(framework: Framework) -> bool:
    """Whether a missing value is drawn between periods, which scenarios are not."""
    return any(node.parameters.get("impute") == "interpolate" for node in framework.nodes)


def depends_on_nobody(framework: Framework) -> bool:
    """Whether the figures of one agency move no score of another: no rule, imputation or aggregation compares them."""
    keys = {name for name in framework.description.model_fields_set if getattr(framework.description, name)}
    return keys <= _OWN_KEYS and all(_is_alone(node) for node in framework.nodes)


def _is_alone(node: Node) -> bool:
    fixed = node.rule == "minmax" and {"minimum", "maximum"} <= node.parameters.keys()
    return (
        (node.rule in (*ALONE, "count") or fixed)
        and node.missing != "impute"
        and node.aggregation != "copeland"
        and node.parameters.keys() <= _OWN_PARAMETERS
    )
