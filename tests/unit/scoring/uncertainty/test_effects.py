"""What moves the ranks: Sobol indices of each source that is drawn."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def framework(build):
    return build(
        "code,parent,rule,evidence", "T,,,", "a,T,published,survey", "b,T,published,expert", "c,T,published,tone"
    )


@pytest.fixture(scope="module")
def near(erring):
    """Units that only the errors tell apart: of the survey large ones, of experts small ones, of the tone none."""
    return erring({name: {"a": (0.5, 0.1), "b": (0.5, 0.03), "c": (0.5, 0.0)} for name in "UVWXYZ"})


def test_one_source_alone__explains_all(framework, near, certainty):
    effects = certainty(framework, near, perturb=("survey",), draws=512).effects
    assert effects["perturbation"].unique().tolist() == ["survey"]
    # Everything is the one source: what changes from A to AB is what changes from A to B.
    assert effects["first_order"].tolist() == pytest.approx([1.0] * 6, abs=0.15)
    assert effects["total"].tolist() == pytest.approx([1.0] * 6, abs=0.15)


def test_source__the_larger_error_explains_more_and_the_absent_one_is_not_named(framework, near, certainty):
    effects = certainty(framework, near, perturb=("survey", "expert", "tone"), draws=512).effects
    total = effects.groupby("perturbation")["total"].mean()
    assert set(total.index) == {"survey", "expert"}
    assert total["survey"] > 0.7 > 0.4 > total["expert"] > 0


def test_source__that_moves_no_rank__has_no_effect(build, erring, certainty):
    framework = build("code,parent,rule,evidence", "T,,,", "a,T,published,survey", "b,T,published,expert")
    # The experts err in what is the same for everybody but one, who is last whatever they say.
    cells = erring(
        {name: {"a": (0.5, 0.1), "b": (0.5, 0.0)} for name in "UVWXY"} | {"Z": {"a": (0, 0), "b": (0, 0.01)}}
    )
    effects = certainty(framework, cells, perturb=("survey", "expert"), draws=256).effects.set_index(
        ["perturbation", "agency"]
    )
    assert effects.loc[("expert", "U"), ["first_order", "total"]].tolist() == [0, 0]
    assert np.isnan(effects.at[("expert", "Z"), "total"])  # its rank never varies


def test_first_order__is_no_more_than_total_and_adds_up_to_one_at_most(framework, near, certainty):
    effects = certainty(framework, near, perturb=("survey", "expert", "weights"), draws=1024).effects
    assert (effects["first_order"] <= effects["total"] + 0.15).all()
    sums = effects.groupby("agency")[["first_order", "total"]].sum()
    assert (sums["first_order"] <= 1.15).all()
    assert (sums["total"] >= 0.85).all()
    assert (effects["total"] >= 0).all()


def test_interval__holds_its_index(framework, near, certainty):
    effects = certainty(framework, near, perturb=("survey", "expert"), draws=128).effects
    for name in ("first_order", "total"):
        assert (effects[f"{name}_low"] <= effects[name] + 1e-12).all()
        assert (effects[name] <= effects[f"{name}_high"] + 1e-12).all()


def test_nothing_drawn__there_is_nothing_to_explain(framework, erring, certainty):
    found = certainty(framework, erring({"U": {"a": (0.1, 0.0)}, "V": {"a": (0.2, 0.0)}}), perturb=("survey",))
    assert found.effects.empty
    assert found.intervals["simulated_low"].tolist() == found.intervals["rank"].tolist()
