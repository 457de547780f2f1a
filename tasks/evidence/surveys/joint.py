"""What the estimates of one sample share: the same clusters of respondents answered for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tasks.evidence.surveys.linearised import Floats, LinearisedDesign


@dataclass(frozen=True)
class JointErrors:
    """The errors of the estimates of a sample.

    Attributes:
        domains: Names of the domains, by their code.
        variables: Names of the variables.
        design: The sample; None where nobody answered.
        scores: Variables x pairs of domain and cluster: `DomainEstimates.scores`.
    """

    domains: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    design: LinearisedDesign | None = None
    scores: Floats = field(default_factory=lambda: np.empty((0, 0)))

    def causes(self) -> Iterator[tuple[pd.MultiIndex, Floats]]:
        """Blocks of estimates whose errors go together: (domain, variable) of each, and clusters x estimates."""
        for block in self.design.blocks() if self.design else ():
            found = self.design.deviations(block, self.scores) if self.design else np.empty(0)
            pairs = pd.MultiIndex.from_product([[self.domains[one] for one in block], self.variables])
            yield pairs, found.reshape(len(found), -1)
