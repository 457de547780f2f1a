"""How a node is treated, weighted and aggregated is proved with the folder, each fault with its line and remedy."""

import pytest

from warehouse.frameworks.check import parse_folder

YAML = """\
framework: tiny
levels:
  - {level: index, aggregation: weighted_mean}
  - {level: leaf}
"""
HEADER = "code,parent,level,name_en,max_points,weight,aggregation,rule,parameters,direction"
ROWS = (
    "T,,index,Tiny,,,,,,",
    "a,T,leaf,One,,,,minmax,,",
    "b,T,leaf,Two,,,,ratio,,",
)


@pytest.fixture
def parsed(tmp_path):
    def parse(rows=ROWS, yaml=YAML):
        tmp_path.joinpath("framework.yaml").write_text(yaml, encoding="utf-8")
        tmp_path.joinpath("nodes.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        return parse_folder(tmp_path)

    return parse


def root(parameters, aggregation=""):
    return (f"T,,index,Tiny,,,{aggregation},,{parameters},", *ROWS[1:])


def leaf(parameters, rule="minmax", direction=""):
    return (ROWS[0], f"a,T,leaf,One,,,,{rule},{parameters},{direction}", ROWS[2])


FAULTS = {
    "unknown aggregation": (root("", "harmonic"), 2, "did you mean harmonic_mean?"),
    "unknown rule": (leaf("", "percentil"), 3, "did you mean percentile?"),
    "unknown weights": (root("weights=optimized"), 2, "did you mean optimised?"),
    "unknown outliers": (leaf("outliers=winsorize"), 3, "did you mean winsorise?"),
    "unknown ties": (leaf("ties=low", "rank"), 3, "did you mean lowest?"),
    "unknown parameter": (leaf("outlier=winsorise"), 3, "did you mean outliers?"),
    "weights without effect": (
        root("weights=pca", "mean"),
        2,
        "weights=pca has no effect, because the aggregation is mean",
    ),
    "available": (root("available=1.5"), 2, "available is 1.5; write the share of the weight"),
    "penalty without effect": (root("penalty_low=1"), 2, "penalty_low has no effect"),
    "penalty crossed": (root("penalty_low=130; penalty_high=70", "penalised_mean"), 2, "the first below the second"),
    "weights of a leaf": (leaf("weights=pca"), 3, "has no parameter 'weights'"),
    "treatment of an inner node": (root("outliers=log"), 2, "has no parameter 'outliers'"),
    "caps crossed": (leaf("cap=1; cap_below=2"), 3, "cap_below (2) is not below cap (1); exchange them"),
    "goalposts crossed": (leaf("minimum=5; maximum=2"), 3, "minimum (5) is above maximum (2); exchange them"),
    "goalposts meet": (leaf("minimum=5; maximum=5"), 3, "minimum and maximum are equal (5); they must differ"),
    "limits without a method": (leaf("skewness=3"), 3, "skewness has no effect without outliers"),
    "limits": (leaf("outliers=winsorise; skewness=0"), 3, "skewness is 0; write the limit"),
    "points": (leaf("outliers=winsorise; outlier_points=0.5"), 3, "outlier_points is 0.5"),
    "outliers of a binary": (leaf("outliers=winsorise", "binary"), 3, "the rule binary has no outliers to treat"),
    "log against a goalpost": (
        leaf("outliers=log; minimum=0"),
        3,
        "which a fixed goalpost of the rule minmax does not fit",
    ),
    "log against a target": (leaf("outliers=winsorise_log", "ratio"), 3, "write outliers=winsorise, or transform=log"),
    "distance without a target": (leaf("", "distance"), 3, "the rule distance needs the parameter target"),
    "per unknown": (leaf("per=c"), 3, "per names 'c', which is not the code of a row"),
    "per itself": (leaf("per=a"), 3, "a cannot be divided by itself"),
    "per an inner node": (leaf("per=T"), 3, "per names T, which has children; name a leaf"),
    "per scale": (leaf("per=b; per_scale=0"), 3, "per_scale is 0; write a number above 0"),
    "scale without per": (leaf("per_scale=1000"), 3, "per_scale has no effect without per"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_parse_folder__one_fault_of_a_method(parsed, case):
    rows, line, words = FAULTS[case]
    found = parsed(rows)[1]
    assert [(fault.file, fault.line) for fault in found] == [("nodes.csv", line)]
    assert words in found[0].message


def test_parse_folder__divided_by_what_is_itself_divided(parsed):
    rows = (ROWS[0], "a,T,leaf,One,,,,minmax,per=b,", "b,T,leaf,Two,,,,ratio,per=c,", "c,T,leaf,Three,,,,ratio,,")
    assert [fault.message for fault in parsed(rows)[1]] == [
        "per names b, which is itself divided by c; name what was counted."
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("weighted_mean", "wheighted_mean", "did you mean weighted_mean?"),
        ("weighted_mean}", "weighted_mean, weights: equall}", "did you mean equal?"),
        ("weighted_mean}", "weighted_mean, available: 2}", "available is 2"),
        ("levels:", "outliers: winsorise_lg\nlevels:", "did you mean winsorise_log?"),
    ],
)
def test_parse_folder__unknown_method_of_framework_yaml(parsed, old, new, words):
    found = parsed(yaml=YAML.replace(old, new))[1]
    assert any(words in fault.message for fault in found)
    assert {fault.file for fault in found} == {"framework.yaml"}


def test_parse_folder__weights_that_are_given_and_computed(parsed):
    rows = (ROWS[0], "a,T,leaf,One,,1,,minmax,,", "b,T,leaf,Two,,2,,ratio,,")
    found = parsed(rows, YAML.replace("weighted_mean}", "weighted_mean, weights: pca}"))[1]
    assert [fault.line for fault in found] == [3, 4]
    assert "but the weights below T are pca; leave weight blank, or write weights=given" in found[0].message


def test_parse_folder__a_node_may_differ_from_its_level(parsed):
    rows = ("T,,index,Tiny,,,,,weights=given; available=0,", "a,T,leaf,One,,1,,minmax,,", "b,T,leaf,Two,,2,,ratio,,")
    folder, found = parsed(rows, YAML.replace("weighted_mean}", "weighted_mean, weights: pca, available: 0.5}"))
    assert found == []
    assert (folder.nodes[0].parameter("weights"), folder.nodes[0].parameter("available")) == ("given", 0)


def test_parse_folder__outliers_of_framework_yaml_go_to_rules_that_compare(parsed):
    rows = (
        *ROWS,
        "c,T,leaf,Three,,,,zscore,,",
        "d,T,leaf,Four,,,,minmax,minimum=0,",
        "e,T,leaf,Five,,,,minmax,outliers=none,",
        "f,T,leaf,Six,,,,minmax,minimum=0; maximum=1,",
    )
    folder, found = parsed(rows, f"{YAML}outliers: winsorise_log\n")
    assert found == []
    methods = {node.code: node.parameter("outliers") for node in folder.nodes}
    assert methods == {
        **dict.fromkeys(("T", "b", "e", "f"), "none"),
        **dict.fromkeys(("a", "c"), "winsorise_log"),
        "d": "winsorise",
    }


def test_parse_folder__every_new_method_is_sound(parsed):
    rows = (
        "T,,index,Tiny,,,penalised_mean,percentile,penalty_low=50; available=0.5; ties=lowest; weights=optimised,",
        "a,T,leaf,One,,,,zscore,outliers=winsorise_log; skewness=2; outlier_points=3; per=b; per_scale=1000,",
        "b,T,leaf,Two,,,,ratio,cap=5; cap_below=1; transform=log10; target=100,",
        "c,T,leaf,Three,,,,distance,target=5; outliers=winsorise; outlier_pass=both,negative",
        "d,T,leaf,Four,,,,borda,ties=lowest,",
    )
    assert parsed(rows)[1] == []
