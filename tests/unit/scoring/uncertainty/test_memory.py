"""What is not written is not read: draws with memory full of something else are the same."""

import numpy as np
import pytest

from tasks.scoring.scratch import Scratch
from tasks.scoring.uncertainty.simulate import simulate
from warehouse.errors import FrameworkError

HEADER = "code,parent,rule,missing,evidence"


class Dirty(Scratch):
    """Memory in which something stands already."""

    def get(self, name, shape):
        found = super().get(name, shape)
        found.fill(7.0)
        return found


def test_draws__memory_that_held_something_else__gives_the_same(build, erring, sampler):
    framework = build(
        HEADER, "T,,,,", "A,T,,,", "a,A,published,,survey", "B,T,,,", "b,B,published,exclude_and_reweight,survey"
    )
    rows = erring(
        {"p": {"a": (0.5, 0.1), "b": (0.4, 0.1)}, "q": {"a": (0.3, 0.1)}, "r": {"B": (0.9, 0.0), "a": (0.1, 0)}}
    )
    prepared = sampler(framework, rows)
    nodes = list(range(len(prepared.tree.codes)))
    clean, dirty = (prepared.draw_twice(0, nodes, memory()) for memory in (Scratch, Dirty))
    for one, other in zip(clean, dirty, strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_alternative_that_takes_a_share_away__is_refused_whatever_the_memory_holds(build, erring, sampler):
    framework = build(
        HEADER,
        "T,,,,",
        "A,T,,,",
        "a,A,published,zero,survey",
        "B,T,,exclude_and_reweight,",
        "b,B,published,zero,survey",
    )
    rows = erring({"p": {"a": (0.5, 0.1), "b": (0.4, 0.1)}, "q": {"a": (0.3, 0.1)}})
    alternatives = [{"switch": "missing", "to": ["exclude_and_reweight"]}]
    prepared = sampler(framework, rows, perturb=("survey", "missing"), alternatives=alternatives)
    with pytest.raises(FrameworkError, match="none under one of the alternatives"):
        simulate(prepared, [prepared.tree.codes.index("B")], 64, [], drawn=prepared.drawn)
