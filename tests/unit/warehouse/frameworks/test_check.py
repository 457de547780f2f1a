"""A framework folder is proved whole: every fault at once, each with its file and line."""

from pathlib import Path

import pytest

from warehouse.frameworks.check import Fault, parse_folder

YAML = """\
framework: tiny
title_en: A tiny index
total: 10
levels:
  - {level: index, aggregation: sum, count: 1}
  - {level: pillar, aggregation: sum, count: 2}
  - {level: criterion, count: 3}
branches:
  A: {max_points: 6, criterion: 2}
groups:
  - {group: north}
bands:
  - {band: 1, above: 0.5}
  - {band: 2}
"""
HEADER = (
    "code,parent,level,name_en,max_points,weight,aggregation,evidence,rule,parameters,"
    "unit,direction,missing,items_vi,status"
)
ROWS = (
    "T,,index,Tiny index,10,,,,,,,,,,",
    "A,T,pillar,First,6,,,,,,,,,,official",
    "A.1,A,criterion,One,2,,,report,ratio,,%,,,,official",
    "A.2,A,criterion,Two,4,,,survey,likert,low=1; high=5,1-5,,,,reconstructed",
    "B,T,pillar,Second,4,,,,,,,,,,",
    "B.1,B,criterion,Three,4,,,expert,points,,,,,,",
)


def write(
    folder: Path, *, yaml: str = YAML, rows: tuple[str, ...] = ROWS, header: str = HEADER, groups: str = ""
) -> Path:
    folder.joinpath("framework.yaml").write_text(yaml, encoding="utf-8")
    folder.joinpath("nodes.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    if groups:
        folder.joinpath("groups.csv").write_text(groups, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[Fault]:
    parsed, found = parse_folder(folder)
    assert (parsed is None) == bool(found)
    return found


def replaced(position: int, row: str) -> tuple[str, ...]:
    return (*ROWS[:position], row, *ROWS[position + 1 :])


def test_parse_folder__sound_folder(tmp_path):
    parsed, found = parse_folder(write(tmp_path, groups="agency,group,status\nHà Nội,north,official\n"))
    assert found == []
    assert [node.code for node in parsed.nodes] == ["T", "A", "A.1", "A.2", "B", "B.1"]
    assert parsed.nodes[3].parameters == {"low": 1.0, "high": 5.0}
    assert parsed.nodes[3].line == 5
    assert parsed.groups == {"Hà Nội": "north"}


def test_fault__reads_as_file_line_and_message():
    assert str(Fault("nodes.csv", 12, "the row has no code.")) == "nodes.csv:12: the row has no code."


def test_nodes__depth_first_whatever_the_order_of_the_rows(tmp_path):
    parsed, _ = parse_folder(write(tmp_path, rows=(ROWS[5], ROWS[3], ROWS[4], ROWS[0], ROWS[2], ROWS[1])))
    assert [node.code for node in parsed.nodes] == ["T", "B", "B.1", "A", "A.2", "A.1"]


@pytest.mark.parametrize(
    ("aggregation", "points"), [("sum", [5.0, 2.0, 3.0]), ("mean", [1.0, 2.0, 3.0]), ("weighted_mean", [1.0, 2.0, 3.0])]
)
def test_max_points__derived_where_blank(tmp_path, aggregation, points):
    yaml = f"framework: t\nlevels:\n  - {{level: index, aggregation: {aggregation}}}\n  - {{level: leaf}}\n"
    rows = ("T,,index,Top,,", "a,T,leaf,One,2,points", "b,T,leaf,Two,3,points")
    parsed, found = parse_folder(
        write(tmp_path, yaml=yaml, rows=rows, header="code,parent,level,name_en,max_points,rule")
    )
    assert found == []
    assert [node.max_points for node in parsed.nodes] == points


def test_max_points__blank_leaf_has_one_point(tmp_path):
    yaml = "framework: t\nlevels:\n  - {level: index}\n  - {level: leaf}\n"
    rows = ("T,,index,Top,", "a,T,leaf,One,binary", "b,T,leaf,Two,binary")
    parsed, _ = parse_folder(write(tmp_path, yaml=yaml, rows=rows, header="code,parent,level,name_en,rule"))
    assert [node.max_points for node in parsed.nodes] == [2.0, 1.0, 1.0]


def test_defaults__aggregation_missing_and_entry_come_from_framework_yaml(tmp_path):
    parsed, _ = parse_folder(write(tmp_path, yaml=YAML + "missing: impute\nentry: points\n"))
    root, leaf = parsed.nodes[0], parsed.nodes[2]
    assert (root.aggregation, root.missing, root.parameters["entry"]) == ("sum", "impute", "points")
    assert (leaf.aggregation, leaf.missing, leaf.parameters) == ("", "impute", {})


def test_defaults__a_row_goes_before_framework_yaml(tmp_path):
    row = "A,T,pillar,First,6,,mean,,,entry=value,,,carry_forward,,"
    parsed, found = parse_folder(write(tmp_path, rows=replaced(1, row)))
    assert found == []
    assert (parsed.nodes[1].aggregation, parsed.nodes[1].missing) == ("mean", "carry_forward")
    assert parsed.nodes[1].parameters == {"entry": "value"}


def test_tiers__are_pairs_of_numbers(tmp_path):
    row = "A.1,A,criterion,One,2,,,report,tier,tiers=0:0|50:0.5|80:1,%,,,,"
    parsed, found = parse_folder(write(tmp_path, rows=replaced(2, row)))
    assert found == []
    assert parsed.nodes[2].parameters == {"tiers": ((0.0, 0.0), (50.0, 0.5), (80.0, 1.0))}


ONE_FAULT = {
    "duplicate code": (4, "A.1,T,pillar,Second,4,,,,,,,,,,", 6, "the code A.1 stands already on line 4"),
    "no code": (4, ",T,pillar,Second,4,,,,,,,,,,", 6, "the row has no code"),
    "bad code": (2, "A 1,A,criterion,One,2,,,report,ratio,,%,,,,", 4, "only letters, digits"),
    "unknown parent": (
        2,
        "A.1,AA,criterion,One,2,,,report,ratio,,%,,,,",
        4,
        "the parent 'AA' of A.1 is not the code of a row",
    ),
    "two roots": (4, "B,,pillar,Second,4,,,,,,,,,,", 6, "T on line 2 is the root already"),
    "unknown level": (4, "B,T,pilar,Second,4,,,,,,,,,,", 6, "did you mean pillar?"),
    "level order": (2, "A.1,A,pillar,One,2,,,report,ratio,,%,,,,", 4, "A.1 is a pillar below the pillar A"),
    "root level": (0, "T,,pillar,Tiny index,10,,,,,,,,,,", 2, "T is the root, so its level is index"),
    "unknown rule": (2, "A.1,A,criterion,One,2,,,report,ration,,%,,,,", 4, "did you mean ratio?"),
    "unknown aggregation": (1, "A,T,pillar,First,6,,summ,,,,,,,,", 3, "the aggregation 'summ' is not known"),
    "unknown evidence": (2, "A.1,A,criterion,One,2,,,reports,ratio,,%,,,,", 4, "did you mean report?"),
    "unknown policy": (
        2,
        "A.1,A,criterion,One,2,,,report,ratio,,%,,none,,",
        4,
        "the missing-value policy 'none' is not known",
    ),
    "unknown status": (2, "A.1,A,criterion,One,2,,,report,ratio,,%,,,,draft", 4, "the status 'draft' is not known"),
    "unknown direction": (2, "A.1,A,criterion,One,2,,,report,ratio,,%,down,,,", 4, "the direction 'down' is not known"),
    "no name": (2, "A.1,A,criterion,,2,,,report,ratio,,%,,,,", 4, "A.1 has no name; fill in name_vi or name_en"),
    "leaf without rule": (2, "A.1,A,criterion,One,2,,,report,,,%,,,,", 4, "A.1 is a leaf without a rule"),
    "leaf with aggregation": (
        2,
        "A.1,A,criterion,One,2,,sum,report,ratio,,%,,,,",
        4,
        "A.1 has no children to aggregate",
    ),
    "inner evidence": (1, "A,T,pillar,First,6,,,report,,,,,,,", 3, "A has children, so it has no evidence of its own"),
    "inner rule": (1, "A,T,pillar,First,6,,,,ratio,,,,,,", 3, "the rule ratio cannot rescale their aggregate"),
    "inner direction": (1, "A,T,pillar,First,6,,,,,,,negative,,,", 3, "A has no rule for a direction to turn round"),
    "inner parameter": (1, "A,T,pillar,First,6,,,,,clip=no,,,,,", 3, "a node without a rule has no parameter 'clip'"),
    "leaf entry": (2, "A.1,A,criterion,One,2,,,report,ratio,entry=points,%,,,,", 4, "ratio has no parameter 'entry'"),
    "unknown parameter": (2, "A.1,A,criterion,One,2,,,report,ratio,targets=9,%,,,,", 4, "did you mean target?"),
    "parameter twice": (2, "A.1,A,criterion,One,2,,,report,ratio,target=9; target=8,%,,,,", 4, "target is given twice"),
    "parameter form": (2, "A.1,A,criterion,One,2,,,report,ratio,target 9,%,,,,", 4, "not of the form key=value"),
    "parameter number": (2, 'A.1,A,criterion,One,2,,,report,ratio,"target=9,5",%,,,,', 4, "for example 9.5"),
    "parameter choice": (2, "A.1,A,criterion,One,2,,,report,ratio,clip=maybe,%,,,,", 4, "write one of yes, no"),
    "needed parameter": (2, "A.1,A,criterion,One,2,,,report,linear,floor=1,%,,,,", 4, "needs the parameter target"),
    "needed tiers": (2, "A.1,A,criterion,One,2,,,report,tier,,%,,,,", 4, "for example tiers=0:0|50:0.5|80:1"),
    "tier form": (2, "A.1,A,criterion,One,2,,,report,tier,tiers=0|50,%,,,,", 4, "not of the form from:share"),
    "tier order": (
        2,
        "A.1,A,criterion,One,2,,,report,tier,tiers=50:0|0:1,%,,,,",
        4,
        "the limits of the tiers do not ascend",
    ),
    "tier share": (2, "A.1,A,criterion,One,2,,,report,tier,tiers=0:0|50:50,%,,,,", 4, "gives a share outside 0 to 1"),
    "ratio target": (
        2,
        "A.1,A,criterion,One,2,,,report,ratio,target=0,%,,,,",
        4,
        "target is 0; the rule ratio divides by it",
    ),
    "logarithm of one": (2, "A.1,A,criterion,One,2,,,report,ratio,target=1; transform=log,,,,,", 4, "whose log is 0"),
    "linear flat": (
        2,
        "A.1,A,criterion,One,2,,,report,linear,floor=5; target=5,%,,,,",
        4,
        "floor and target are equal (5)",
    ),
    "linear logarithm": (
        2,
        "A.1,A,criterion,One,2,,,report,linear,target=5; transform=log,,,,,",
        4,
        "floor is 0, which has no log",
    ),
    "minmax flat": (
        2,
        "A.1,A,criterion,One,2,,,report,minmax,minimum=5; maximum=5,%,,,,",
        4,
        "minimum and maximum are equal",
    ),
    "minmax turned": (
        2,
        "A.1,A,criterion,One,2,,,report,minmax,minimum=9; maximum=5,%,,,,",
        4,
        "minimum (9) is above maximum (5)",
    ),
    "scale turned": (2, "A.1,A,criterion,One,2,,,survey,likert,low=5; high=1,,,,,", 4, "low (5) is above high (1)"),
    "checklist without items": (2, "A.1,A,criterion,One,2,,,report,checklist,,,,,,", 4, "a checklist needs its items"),
    "checklist items differ": (
        2,
        "A.1,A,criterion,One,2,,,report,checklist,items=3,,,,x|y,",
        4,
        "items_vi lists 2 items",
    ),
    "checklist empty item": (
        2,
        "A.1,A,criterion,One,2,,,report,checklist,,,,,x||y,",
        4,
        "items_vi holds an empty item",
    ),
    "binary logarithm": (2, "A.1,A,criterion,One,2,,,report,binary,transform=log,,,,,", 4, "a binary value may be 0"),
    "valid bounds": (
        2,
        "A.1,A,criterion,One,2,,,report,ratio,valid_min=9; valid_max=1,%,,,,",
        4,
        "valid_min (9) is above valid_max",
    ),
    "impute alone": (2, "A.1,A,criterion,One,2,,,report,ratio,impute=mean,%,,,,", 4, "no effect while missing is zero"),
    "weight under sum": (
        2,
        "A.1,A,criterion,One,2,1,,report,ratio,,%,,,,",
        4,
        "A.1 has a weight, but A adds up the points",
    ),
    "root weight": (0, "T,,index,Tiny index,10,1,,,,,,,,,", 2, "T is the root and has no siblings"),
    "negative points": (2, "A.1,A,criterion,One,-2,,,report,ratio,,%,,,,", 4, "max_points is -2; write 0 or more"),
    "nan points": (2, "A.1,A,criterion,One,nan,,,report,ratio,,%,,,,", 4, "'nan' is not a number"),
    "infinite points": (2, "A.1,A,criterion,One,inf,,,report,ratio,,%,,,,", 4, "'inf' is not a number"),
    "decimal comma": (2, 'A.1,A,criterion,One,"2,0",,,report,ratio,,%,,,,', 4, "for example 2.0"),
    "points of nothing": (2, "A.1,A,criterion,One,0,,,report,points,,,,,,", 4, "the rule points divides by max_points"),
    "points do not sum": (1, "A,T,pillar,First,6.5,,,,,,,,,,", 3, "of the children of A add up to 6, but A has 6.5"),
    "ragged row": (
        2,
        "A.1,A,criterion,One, Two,2,,,report,ratio,,%,,,,",
        4,
        "the row has 16 cells but the header has 15 columns",
    ),
    "not NFC": (2, "A.1,A,criterion,Ha\u0300,2,,,report,ratio,,%,,,,", 4, "name_en is not in Unicode form NFC"),
}


@pytest.mark.parametrize("case", ONE_FAULT)
def test_nodes__one_fault_is_named_with_its_line(tmp_path, case):
    position, row, line, words = ONE_FAULT[case]
    found = faults(write(tmp_path, rows=replaced(position, row)))
    assert any(fault.file == "nodes.csv" and fault.line == line and words in fault.message for fault in found), found


# These take a row away or move it, so that counts and points no longer fit either.
MOVES_ROWS = {
    *("duplicate code", "no code", "bad code", "unknown parent", "two roots", "unknown level", "level order"),
    *("root level", "points do not sum", "points of nothing", "ragged row"),
}


@pytest.mark.parametrize("case", sorted(ONE_FAULT.keys() - MOVES_ROWS))
def test_nodes__a_fault_in_a_cell_is_the_only_one_reported(tmp_path, case):
    position, row, *_ = ONE_FAULT[case]
    assert len(faults(write(tmp_path, rows=replaced(position, row)))) == 1


def test_nodes__every_fault_is_found_in_one_go(tmp_path):
    rows = replaced(2, "A.1,A,criterion,One,2,,,reports,ratio,,%,,,,")
    rows = (*rows[:5], "B.1,B,criterion,,-4,,,expert,points,,,,,,")
    yaml = YAML.replace("total: 10", "total: 11").replace("above: 0.5", "over: 0.5")
    found = faults(write(tmp_path, yaml=yaml, rows=rows, groups="agency,group\nX,south\n"))
    assert sorted({(fault.file, fault.line) for fault in found}) == [
        ("framework.yaml", 3),
        ("framework.yaml", 13),
        ("groups.csv", 2),
        ("nodes.csv", 4),
        ("nodes.csv", 7),
    ]


def test_nodes__a_loop_is_named(tmp_path):
    rows = (*ROWS, "X,Y,pillar,Ex,1,,,,,,,,,,", "Y,X,pillar,Why,1,,,,,,,,,,")
    found = faults(write(tmp_path, rows=rows))
    assert any(fault.line == 8 and "X under Y under X" in fault.message for fault in found)


def test_nodes__a_node_under_itself_is_named(tmp_path):
    found = faults(write(tmp_path, rows=replaced(0, "T,T,index,Tiny index,10,,,,,,,,,,")))
    assert any("T under T" in fault.message for fault in found)
    assert any("no node is the root" in fault.message for fault in found)


def test_nodes__line_is_the_physical_one_after_a_cell_with_line_breaks(tmp_path):
    rows = ('T,,index,"Tiny\nindex\nof two",10,,,,,,,,,,', *ROWS[1:5], "B.1,B,criterion,Three,4,,,expert,pts,,,,,,")
    assert [fault.line for fault in faults(write(tmp_path, rows=rows))] == [9]


def test_nodes__blank_lines_are_skipped_but_counted(tmp_path):
    rows = (ROWS[0], "", ",,,,,,,,,,,,,,", *ROWS[1:5], "B.1,B,criterion,Three,4,,,expert,pts,,,,,,")
    assert [fault.line for fault in faults(write(tmp_path, rows=rows))] == [9]


def test_points__sum_is_compared_with_relative_tolerance(tmp_path):
    tenths = tuple(f"A.{number},A,criterion,N{number},0.1,,,report,ratio,,%,,,," for number in range(1, 61))
    yaml = YAML.replace("count: 3", "count: 61").replace("criterion: 2", "criterion: 60")
    assert faults(write(tmp_path, yaml=yaml, rows=(*ROWS[:2], *tenths, *ROWS[4:]))) == []


WEIGHTED = "framework: t\nlevels:\n  - {level: index, aggregation: weighted_mean}\n  - {level: leaf}\n"


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (("0", "0"), "all weights below T are 0"),
        (("1", ""), "b has no weight but its siblings have"),
        (("1", "-1"), "weight is -1"),
        (("1", "x"), "'x' is not a number"),
    ],
)
def test_weights__that_cannot_be_used(tmp_path, weights, words):
    rows = ("T,,index,Top,,", f"a,T,leaf,One,{weights[0]},binary", f"b,T,leaf,Two,{weights[1]},binary")
    found = faults(write(tmp_path, yaml=WEIGHTED, rows=rows, header="code,parent,level,name_en,weight,rule"))
    assert [words in fault.message for fault in found] == [True]


def test_weights__under_a_mean_are_refused(tmp_path):
    rows = ("T,,index,Top,,", "a,T,leaf,One,2,binary", "b,T,leaf,Two,3,binary")
    yaml = WEIGHTED.replace("weighted_mean", "mean")
    found = faults(write(tmp_path, yaml=yaml, rows=rows, header="code,parent,level,name_en,weight,rule"))
    assert [fault.line for fault in found] == [3, 4]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("parent,level,name_en,rule", "the column code is missing"),
        ("code,parent,level,rule", "name_vi and name_en are both missing"),
        ("code,parent,level,name_en,rulle", "the column 'rulle' is not known"),
        ("code,parent,level,name_en,rule,code", "the column code stands 2 times"),
        ("code;parent;level;name_en", "separated by semicolons"),
    ],
)
def test_nodes__header_at_fault(tmp_path, header, words):
    found = faults(write(tmp_path, header=header, rows=("T,,index,Top",)))
    assert any(fault.line == 1 and words in fault.message for fault in found), found


def test_nodes__header_without_rows(tmp_path):
    assert "no rows" in faults(write(tmp_path, rows=()))[0].message


def test_nodes__open_quotation_mark(tmp_path):
    found = faults(write(tmp_path, rows=replaced(5, 'B.1,B,criterion,"Three,4,,,expert,points,,,,,,')))
    assert any(fault.line == 7 and "cannot be read as CSV" in fault.message for fault in found)


@pytest.mark.parametrize("name", ["framework.yaml", "nodes.csv", "groups.csv"])
def test_files__empty(tmp_path, name):
    write(tmp_path).joinpath(name).write_text("")
    assert any(fault.file == name and "empty" in fault.message for fault in faults(tmp_path))


@pytest.mark.parametrize("name", ["framework.yaml", "nodes.csv"])
def test_files__missing(tmp_path, name):
    write(tmp_path).joinpath(name).unlink()
    assert any(fault.file == name and "does not exist" in fault.message for fault in faults(tmp_path))


@pytest.mark.parametrize("name", ["framework.yaml", "nodes.csv"])
def test_files__not_utf8_names_the_line(tmp_path, name):
    file = write(tmp_path) / name
    lines = file.read_bytes().split(b"\n")
    lines[1] += b"\xff"
    file.write_bytes(b"\n".join(lines))
    assert any(fault == Fault(name, 2, "the text is not UTF-8; save the file as UTF-8.") for fault in faults(tmp_path))


def test_files__byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    file = write(tmp_path) / "nodes.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert faults(tmp_path) == []


YAML_FAULTS = {
    "syntax": ("total: 10", "total: [10", 4, "not YAML"),
    "unknown key": ("total: 10", "totl: 10", 3, "did you mean total?"),
    "unknown level key": (
        "{level: pillar, aggregation: sum, count: 2}",
        "{level: pillar, agregation: sum}",
        6,
        "aggregation?",
    ),
    "unknown aggregation": ("pillar, aggregation: sum", "pillar, aggregation: add", 6, "levels.2.aggregation is 'add'"),
    "key twice": ("total: 10", "total: 10\ntotal: 10", 4, "'total' stands twice"),
    "needed key": ("framework: tiny", "legal_basis: x", 1, "the key 'framework' is missing"),
    "total": ("total: 10", "total: 12", 3, "the total is 12, but the root T in nodes.csv has 10 points"),
    "total not a number": ("total: 10", "total: .nan", 3, "the total is nan"),
    "level count": ("count: 3", "count: 4", 7, "the level criterion has 4 nodes here, but 3 in nodes.csv"),
    "level twice": ("level: criterion", "level: pillar", 7, "'pillar' stands 2 times in levels"),
    "branch points": ("max_points: 6", "max_points: 7", 9, "the branch A has 7 points here, but 6 in nodes.csv"),
    "branch count": (
        "criterion: 2}",
        "criterion: 3}",
        9,
        "the branch A has 3 nodes of the level criterion here, but 2 in nodes.csv",
    ),
    "branch code": ("  A: {", "  AA: {", 9, "the branch 'AA' is not the code of a node"),
    "branch level": ("criterion: 2}", "criteria: 2}", 9, "did you mean criterion?"),
    "branch code is a number": ("  A: {", "  1.1: {", 9, "put it in quotation marks"),
    "period is a number": ("total: 10", "total: 10\nperiods: [2020]", 4, "put it in quotation marks"),
    "band order": ("{band: 2}", "{band: 2, from: 0.6}", 14, "best first"),
    "band without limit": ("above: 0.5", "above: null", 13, "no later band is ever reached"),
    "band with two limits": ("above: 0.5", "above: 0.5, from: 0.4", 13, "`above` and `from`; keep one"),
    "band twice": ("band: 2", "band: 1", 14, "'1' stands 2 times in bands"),
    "list expected": ("total: 10", "total: 10\nperiods: all", 4, "write a list"),
    "policy": ("total: 10", "total: 10\nmissing: nothing", 4, "missing is 'nothing'"),
    "name": ("framework: tiny", "framework: nhỏ xíu", 1, "serves as a folder name"),
    "impossible date": ("total: 10", "total: 10\nperiods: [2020-13-45]", 1, "not YAML"),
    "level is a text": ("{level: pillar, aggregation: sum, count: 2}", "pillar", 6, "write keys with their values"),
    "count is no number": ("count: 3}", "count: many}", 7, "levels.3.count is 'many'"),
    "count below 0": ("count: 3}", "count: -3}", 7, "a level cannot have fewer than 0 nodes"),
    "band limit": ("above: 0.5", "above: .inf", 13, "the limit of band 1 is not a number"),
    "alias inside itself": ("total: 10", "total: 10\nperiods: &all [*all]", 1, "stands inside what it names"),
    "not NFC": ("A tiny index", "Ha\u0300", 2, "not in Unicode form NFC"),
}


@pytest.mark.parametrize("case", YAML_FAULTS)
def test_description__a_fault_is_named_with_its_line(tmp_path, case):
    old, new, line, words = YAML_FAULTS[case]
    assert old in YAML
    found = faults(write(tmp_path, yaml=YAML.replace(old, new, 1)))
    assert any(fault.file == "framework.yaml" and fault.line == line and words in fault.message for fault in found), (
        found
    )


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "# only a comment\n"])
def test_description__not_keys_and_values(tmp_path, text):
    assert any("keys and values" in fault.message for fault in faults(write(tmp_path, yaml=text)))


def test_description__faults_do_not_hide_those_of_the_nodes(tmp_path):
    yaml = YAML.replace("pillar, aggregation: sum", "pillar, aggregation: add")
    found = faults(write(tmp_path, yaml=yaml, rows=replaced(2, "A.1,A,criterion,One,2,,,report,ration,,%,,,,")))
    assert [(fault.file, fault.line) for fault in found] == [("framework.yaml", 6), ("nodes.csv", 4)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("agency,group\nHà Nội,south\n", 2, "the group 'south' does not stand in framework.yaml"),
        ("agency,group\nHà Nội,north\nHà Nội,north\n", 3, "Hà Nội stands already on line 2"),
        ("agency,group\n,north\n", 2, "lacks an agency or a group"),
        ("agency,group,status\nHà Nội,north,draft\n", 2, "the status 'draft' is not known"),
        ("agency\nHà Nội\n", 1, "the column group is missing"),
    ],
)
def test_groups__a_fault_is_named_with_its_line(tmp_path, text, line, words):
    found = faults(write(tmp_path, groups=text))
    assert [(fault.file, fault.line, words in fault.message) for fault in found] == [("groups.csv", line, True)]


def test_entry__points_at_a_node_without_points(tmp_path):
    rows = (*ROWS, "C,T,pillar,Third,0,,,,,entry=points,,,,,", "C.1,C,criterion,Four,0,,,report,ratio,,%,,,,")
    found = faults(
        write(tmp_path, yaml=YAML.replace("count: 2", "count: 3").replace("count: 3}\nb", "count: 4}\nb"), rows=rows)
    )
    assert any("C has 0 points, so no points can be entered there" in fault.message for fault in found)


def test_description__without_levels(tmp_path):
    found = faults(write(tmp_path, yaml="framework: tiny\nlevels: []\n"))
    assert any(fault.line == 2 and "list the levels from the root down" in fault.message for fault in found)


def test_files__unreadable(tmp_path):
    write(tmp_path).joinpath("nodes.csv").unlink()
    tmp_path.joinpath("nodes.csv").mkdir()
    assert any("cannot be read" in fault.message for fault in faults(tmp_path))
