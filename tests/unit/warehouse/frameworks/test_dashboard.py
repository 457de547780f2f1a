"""Counts, derived shares and nodes without a total: what a framework folder may say of them."""

import pytest

from warehouse.frameworks.check import parse_folder
from warehouse.frameworks.loader import load_framework

YAML = """\
framework: dash_2020
levels:
  - {level: top, aggregation: none}
  - {level: leaf}
population: [province, ministry]
first_period: 2020-01
last_period: 2020-12
headline: S
groups:
  - {group: provinces, kinds: [province]}
"""
HEADER = "code,parent,level,name_en,max_points,weight,aggregation,evidence,rule,parameters,unit,direction,missing"
ROWS = (
    "T,,top,All,,,,,,,,,",
    "C.a,T,leaf,A,,,,report,count,,,,",
    "C.b,T,leaf,B,,,,report,count,,,,",
    "S,T,leaf,Share,100,,,derived,ratio,numerator=C.a; denominator=C.a+C.b,%,,",
)


def faults(folder, *, yaml=YAML, rows=ROWS):
    (folder / "framework.yaml").write_text(yaml, encoding="utf-8")
    (folder / "nodes.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return [str(fault) for fault in parse_folder(folder)[1]]


def test_dashboard__sound__defaults_are_filled_in(tmp_path):
    assert faults(tmp_path) == []
    found = load_framework(tmp_path)
    assert [node.max_points for node in found.nodes] == [0, 0, 0, 100]
    assert [node.missing for node in found.nodes] == ["zero", "exclude_and_reweight", "exclude_and_reweight", "zero"]
    assert (found.by_code["S"].numerator_codes, found.by_code["S"].denominator_codes) == (("C.a",), ("C.a", "C.b"))
    assert found.headline_node.code == "S"


def test_headline__none__the_root(tmp_path):
    assert faults(tmp_path, yaml=YAML.replace("headline: S\n", "")) == []
    assert load_framework(tmp_path).headline_node.code == "T"


def test_derived__words_of_its_parts__it_is_no_ratio_that_is_reported():
    node = load_framework("online_services_2019").by_code["S.M4"]
    assert (bool(node.numerator_vi), bool(node.denominator_vi), node.parts) == (True, True, ("value",))


@pytest.mark.parametrize(
    ("position", "row", "said"),
    [
        (0, "T,,top,All,5,,,,,,,,", "T has no points"),
        (0, "T,,top,All,,,,,minmax,,,,", "T has no aggregate that the rule minmax could rescale"),
        (0, "T,,top,All,,,,,,entry=share,,,", "T has no value, so it takes no parameters"),
        (0, "T,,top,All,,,sum,,,,,,", "a count has no share, but T needs one of C.a"),
        (1, "C.a,T,leaf,A,,2,,report,count,,,,", "C.a has a weight, but T has no value of its own"),
        (1, "C.a,T,leaf,A,3,,,report,count,,,,", "C.a has no points"),
        (1, "C.a,T,leaf,A,,,,report,count,,,,zero", "a count that did not come is not zero"),
        (1, "C.a,T,leaf,A,,,,report,count,,,negative,", "a count is neither good nor bad"),
        (1, "C.a,T,leaf,A,,,,report,count,transform=log,,,", "the rule count has no parameter 'transform'"),
        (3, "S,T,leaf,S,,,,derived,binary,,%,,", "has the rule binary; write ratio"),
        (3, "S,T,leaf,S,,,,derived,ratio,,%,,", "needs the parameter numerator"),
        (3, "S,T,leaf,S,,,,derived,ratio,numerator=C.c,%,,", "'C.c' is not the code of a row; did you mean C."),
        (3, "S,T,leaf,S,,,,derived,ratio,numerator=T,%,,", "T is not counted itself"),
        (3, "S,T,leaf,S,,,,derived,ratio,numerator=S,%,,", "S is not counted itself"),
        (3, "S,T,leaf,S,,,,derived,ratio,numerator=C.a+,%,,", "'C.a+' is not a sum of codes"),
        (3, "S,T,leaf,S,,,,derived,ratio,numerator=C.a+C.a,%,,", "names a code twice"),
        (3, "S,T,leaf,S,,,,report,ratio,numerator=C.a,%,,", "but S is not derived; write derived into evidence"),
    ],
)
def test_row__at_fault__is_named_with_its_line(tmp_path, position, row, said):
    found = faults(tmp_path, rows=(*ROWS[:position], row, *ROWS[position + 1 :]))
    assert any(said in fault and fault.startswith("nodes.csv:") for fault in found), found


def test_none__below_a_total__is_a_fault(tmp_path):
    yaml = YAML.replace("{level: top, aggregation: none}", "{level: top}\n  - {level: mid}").replace(
        "headline: S\n", ""
    )
    rows = ("T,,top,All,,,sum,,,,,,", "M,T,mid,Mid,,,none,,,,,,", "a,M,leaf,A,,,,,binary,,,,")
    assert any("write none as the aggregation of T too" in fault for fault in faults(tmp_path, yaml=yaml, rows=rows))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("headline: S", "headline: X", "the headline 'X' is not the code of a node"),
        ("headline: S", "headline: C.a", "the headline C.a has no share to rank by"),
        ("headline: S", "headline: T", "the headline T has no share to rank by"),
        ("first_period: 2020-01", "first_period: 2020-13", "first_period is '2020-13'; write a month"),
        ("first_period: 2020-01", "first_period: 2021-01", "last_period is before first_period"),
        ("first_period: 2020-01", 'first_period: 2020-01\nperiods: ["2020-01"]', "say the periods already"),
        ("kinds: [province]", "kinds: [commune]", "'commune' of the group provinces is not in population"),
        ("kinds: [province]}", "kinds: [province]}\n  - {group: all, kinds: [province]}", "keep it in one"),
        ("headline: S", "headline: S\nprecedence: [a, a]", "'a' stands 2 times in precedence"),
        ("headline: S", "headline: S\ntolerance: -1", "tolerance is -1"),
    ],
)
def test_description__at_fault__is_named_with_its_line(tmp_path, old, new, said):
    found = faults(tmp_path, yaml=YAML.replace(old, new))
    assert any(said in fault and fault.startswith("framework.yaml:") for fault in found), found


@pytest.mark.parametrize(
    ("period", "serves"),
    [("2019-12", False), ("2020-01", True), ("2020-12", True), ("2021-01", False), ("2020", True), ("2021", False)],
)
def test_serves__only_periods_that_lie_within(tmp_path, period, serves):
    faults(tmp_path)
    assert load_framework(tmp_path).description.serves(period) is serves
