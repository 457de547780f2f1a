"""The generator says what should become of every cell; here the real path says what does."""

import hashlib

import pandas as pd
import pytest

from expectations.runner import validate
from tasks.demo.round import make_round
from tasks.evidence.appraisal import settle
from tasks.evidence.reports import measure
from tasks.harmonise.agencies import Registry
from tasks.harmonise.corrections import apply_corrections, load_corrections
from tasks.harmonise.returns import supersede
from tasks.harmonise.standardise import standardise
from tasks.scoring.engine import score
from tasks.sources.registry import sources
from tasks.sources.rounds import load_round
from warehouse.errors import BatchRefused
from warehouse.frameworks.loader import load_framework


def candidates_of(found, framework):
    """Read everything a round has for a framework; give the candidates, the origins and the files that were refused."""
    frames, origins, refused = [], {}, set()
    for _, entry in found.entries(framework.name):
        if entry.source not in sources():  # answers of persons: they give no candidates
            continue
        source = sources()[entry.source]
        for receipt in source.gather(entry, found.folder):
            sha256 = hashlib.sha256(receipt.content).hexdigest()
            origins[sha256] = receipt.origin
            try:
                readings = source.read(receipt.content, framework)
            except BatchRefused:
                refused.add(receipt.origin)
                continue
            frames.append(
                standardise(
                    readings,
                    framework=framework,
                    round_name=found.round,
                    period=found.period,
                    source=entry.source,
                    snapshot_sha256=sha256,
                    registry=Registry.bundled(),
                    kinds=framework.description.population,
                    evidence_needed=source.evidence_needed,
                )
            )
    return supersede(pd.concat(frames, ignore_index=True), origins), origins, refused


@pytest.fixture(scope="module", params=["province_2020", "ministry_2020"])
def told_and_found(request, tmp_path_factory):
    framework = load_framework(request.param)
    made = make_round(tmp_path_factory.mktemp("round"), seed=2020, frameworks=[framework], limit=16)
    found = load_round(made.folder)
    candidates, origins, refused = candidates_of(found, framework)
    corrected, applied, faults = apply_corrections(candidates, load_corrections(found.corrections_file))
    outcome = validate(
        corrected, framework, round_name=found.round, period=found.period, ranked_agencies=None, data_docs=None
    )
    quarantined = outcome.quarantined.assign(file=outcome.quarantined["snapshot_sha256"].map(origins))
    measurements = settle(measure(outcome.accepted, framework), outcome.accepted, framework)
    stages = {stage: rows.set_index(["agency", "node"]) for stage, rows in measurements.groupby("stage")}
    scores = score(framework, measurements, groups={})
    by_cell = quarantined.groupby(["file", "locator"])["rule"].agg(set).to_dict()
    return {
        "made": made,
        "refused": refused,
        "applied": applied,
        "faults": faults,
        "quarantined": by_cell,
        "measured": stages["self_reported"]["value"],
        "final": stages["final"],
        "totals": scores.loc[scores["node"] == framework.root.code, "share"],
    }


def test_truth__every_true_value_comes_to_light_and_no_other(told_and_found):
    told = {(t.agency, t.node): t.value for t in told_and_found["made"].truth if t.outcome == "measured"}
    assert told_and_found["measured"].to_dict() == told


def test_decisions__every_one_counts_in_the_end(told_and_found):
    final = told_and_found["final"]
    decisions = told_and_found["made"].decisions
    assert {decision.decision for decision in decisions} == {"Công nhận", "Không công nhận", "Điều chỉnh"}
    for decision in decisions:
        found = final.loc[(decision.agency, decision.node)]
        given = found["points"] if decision.value is None else found["value"]
        assert given == (decision.points if decision.value is None else decision.value), decision


def test_dirt__is_quarantined_by_the_rule_it_names(told_and_found):
    found = told_and_found["quarantined"]
    cells = [dirt for dirt in told_and_found["made"].dirt if dirt.locator]
    for dirt in cells:
        rules = found.get((dirt.file, dirt.locator), set())
        assert bool(rules) == (dirt.outcome == "quarantined"), dirt
        assert not dirt.rule or dirt.rule in rules, dirt


def test_dirt__nothing_else_is_quarantined(told_and_found):
    told = {(dirt.file, dirt.locator) for dirt in told_and_found["made"].dirt if dirt.outcome == "quarantined"}
    assert set(told_and_found["quarantined"]) == told


def test_dirt__whole_files_are_refused_as_told(told_and_found):
    told = {dirt.file for dirt in told_and_found["made"].dirt if dirt.outcome == "refused"}
    assert told_and_found["refused"] == told


def test_corrections__the_declared_one_applies(told_and_found):
    assert len(told_and_found["applied"]) == 1
    assert told_and_found["faults"] == []


def test_scores__lie_where_published_ones_lie(told_and_found):
    totals = told_and_found["totals"]
    assert 0.25 < totals.mean() < 0.5
    assert 0.02 < totals.std() < 0.15
