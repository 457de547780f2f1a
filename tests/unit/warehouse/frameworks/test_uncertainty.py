"""uncertainty.yaml: what is drawn, and every fault of it by file with what to do."""

import shutil

import pytest

from warehouse.errors import FrameworkError
from warehouse.frameworks.check import parse_folder
from warehouse.frameworks.loader import BUNDLED, framework_digest, load_framework
from warehouse.frameworks.uncertainty import (
    FILE,
    MEASURED,
    PERTURBATIONS,
    Uncertainty,
    known_perturbations,
    load_uncertainty,
)

BUNDLED_WITH = sorted(folder.parent.name for folder in BUNDLED.glob(f"*/{FILE}"))


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(BUNDLED / "province_2020", tmp_path / "province_2020")


def faults(folder, text):
    (folder / FILE).write_text(text, encoding="utf-8")
    parsed, found = parse_folder(folder)
    assert (parsed is None) == bool(found)
    return [fault.message for fault in found if fault.file == FILE]


@pytest.mark.parametrize("name", BUNDLED_WITH)
def test_bundled__is_sound_and_of_its_framework(name):
    framework = load_framework(name)
    declared = load_uncertainty(framework.folder)
    assert declared.framework == framework.name
    assert set(declared.nodes) <= {node.code for node in framework.nodes}
    assert declared.drawn


def test_no_file__what_was_measured_the_council_and_weights_are_drawn(folder):
    (folder / FILE).unlink()
    assert parse_folder(folder)[1] == []
    assert load_uncertainty(folder) == Uncertainty()
    assert load_uncertainty(folder).drawn == (*MEASURED, "appraisal", "weights")


def test_empty_declaration__is_the_default(folder):
    assert faults(folder, "{}") == []
    assert load_uncertainty(folder) == Uncertainty()


def test_drawn__is_in_the_order_of_the_perturbations(folder):
    assert faults(folder, "perturb: [weights, survey, appraisal]") == []
    assert load_uncertainty(folder).drawn == ("survey", "appraisal", "weights")


def test_alternatives__are_drawn_unless_perturb_leaves_them_out(folder):
    text = "alternatives: [{switch: missing, to: [impute]}]"
    assert faults(folder, text) == []
    assert "missing" in load_uncertainty(folder).drawn
    assert "missing" not in load_uncertainty(folder, ["weights"]).drawn


def test_perturb__of_the_command_goes_before_the_file_and_leaves_the_rest(folder):
    assert faults(folder, "perturb: [weights, survey]\nlevel: 0.8\nweights: {strength: 7}\n") == []
    chosen = load_uncertainty(folder, ["expert"])
    assert chosen.drawn == ("expert",)
    assert (chosen.level, chosen.weights.strength) == (0.8, 7)


def test_digest__follows_the_file(folder):
    before = framework_digest(folder)
    (folder / FILE).write_text("level: 0.8\n", encoding="utf-8")
    assert framework_digest(folder) != before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("level: 0.4", "level: Input should be greater than 0.5"),
        ("level: 1", "level: Input should be less than 1"),
        ("level: .nan", "level: "),
        ("weights: {strength: 0}", "weights.strength: Input should be greater than 0"),
        ("weights: {strength: .inf}", "weights.strength: Input should be a finite number"),
        ("appraisal: {reversal: 1.5}", "appraisal.reversal: Input should be less than or equal to 1"),
        ("appraisal: {reversal: .nan}", "appraisal.reversal: "),
        ("appraisal: {reverse: 0.5}", "appraisal.reverse: Extra inputs are not permitted"),
        ("strength: 5", "strength: Extra inputs are not permitted"),
        ("perturb: [Survey]", "(did you mean survey?)"),
        ("perturb: [survey, survey]", "the perturbation survey is named twice"),
        ("perturb: [missing]", "the perturbation missing needs an entry under `alternatives`"),
        ("perturb: survey", "perturb: "),
        ("alternatives: [{switch: missing, to: []}]", "alternatives.1.to: "),
        ("alternatives: [{switch: missing}]", "alternatives.1.to: Field required"),
        ("alternatives: [{switch: missing, to: [ignore]}]", "'ignore' is no missing; write one of zero"),
        ("alternatives: [{switch: normalisation, to: [minmax], of: magic}]", "'magic' is no normalisation"),
        ("alternatives: [{switch: normalisation, to: [count]}]", "'count' is no normalisation"),
        ("alternatives: [{switch: aggregation, to: [mean]}]", "write weighted_mean, which keeps them"),
        ("alternatives: [{switch: missing, to: [impute], level: pilar}]", "the level 'pilar' is not known; "),
        ("nodes: [DTI, NOPE]", "'NOPE' of nodes is not a node of the tree; "),
        ("nodes: [DTI, DTI]", "the node DTI is named twice"),
        ("alternatives: [{switch: missing, to: [impute, impute]}]", "impute is named twice"),
        ("alternatives: [{switch: missing, of: carry_forward, to: [impute]}]", "missing impute touches no node of"),
        ("alternatives: [{switch: normalisation, to: [tier]}]", "cannot be normalised by tier: the rule tier needs"),
        (
            "alternatives: [{switch: missing, to: [impute]}, {switch: missing, to: [exclude_and_reweight]}]",
            "Entries 1 and 2 of alternatives are both about the missing of CQS.1.1.1: ",
        ),
        ("framework: ministry_2020", "it is of the framework 'ministry_2020', not of province_2020"),
        ("- a list", "the file: "),
        ("level: [", "cannot be read: "),
        ("level: 2020-13-45", "cannot be read: "),
        ("level: 0.9  # a\u0302", "is not in Unicode form NFC. Convert the file to NFC"),
    ],
)
def test_fault__is_named_with_file_and_place(folder, text, said):
    found = faults(folder, text)
    assert len(found) == 1
    assert said in found[0]


def test_faults__of_nodes_and_levels_are_named_together(folder):
    text = "nodes: [NOPE, NEITHER]\nalternatives: [{switch: missing, to: [impute], level: pilar}]\nframework: other"
    assert len(faults(folder, text)) == 4


def test_fault__says_what_to_do(folder):
    faults(folder, "level: 2")
    with pytest.raises(FrameworkError) as caught:
        load_uncertainty(folder)
    assert "level: Input should be less than 1" in str(caught.value)
    assert "docs/methods.md" in caught.value.hint


@pytest.mark.parametrize(
    ("perturb", "said"),
    [
        (["survye"], "This cannot be drawn: the perturbation 'survye' is not known; "),
        (["survey", "survey"], "This cannot be drawn: the perturbation survey is named twice."),
        (["aggregation"], "This cannot be drawn: the perturbation aggregation needs an entry under `alternatives`."),
    ],
)
def test_perturb__of_the_command_that_cannot_be_drawn__is_refused(folder, perturb, said):
    with pytest.raises(FrameworkError) as caught:
        load_uncertainty(folder, perturb)
    assert said in str(caught.value)


def test_known_perturbations__gives_them_as_they_are():
    assert known_perturbations(PERTURBATIONS) == PERTURBATIONS
    assert known_perturbations([]) == ()
