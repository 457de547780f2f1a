"""The ministry's annex replaces a reconstructed tree, or nothing changes."""

import csv
import zipfile
from pathlib import Path

import openpyxl
import pytest

from warehouse.errors import FrameworkError
from warehouse.frameworks.importer import import_annex
from warehouse.frameworks.loader import load_framework

YAML = """\
framework: tiny_2020
title_vi: Bộ chỉ số nhỏ
total: 10
levels:
  - {level: index, name_vi: Chỉ số chung, aggregation: sum}
  - {level: pillar, name_vi: Trụ cột, aggregation: sum}
  - {level: criterion, name_vi: Tiêu chí, count: 3}
groups:
  - {group: north}
"""
NODES = """\
code,parent,level,name_vi,name_en,max_points,evidence,rule,parameters,unit,status,source
D,,index,Chỉ số,Index,10,,,,,official,decision
1,D,pillar,Chính quyền số,Digital government,6,,,,,reconstructed,ours
1.1,1,criterion,Tỷ lệ hồ sơ trực tuyến,Share of online dossiers,2,report,ratio,target=80,%,reconstructed,ours
1.2,1,criterion,Mức độ hài lòng,Satisfaction,4,survey,likert,,1-5,reconstructed,ours
2,D,pillar,Xã hội số,Digital society,4,,,,,reconstructed,ours
2.1,2,criterion,Đánh giá của chuyên gia,Expert opinion,4,expert,likert,low=1; high=10,1-10,reconstructed,ours
"""
TITLE = [["BỘ THÔNG TIN VÀ TRUYỀN THÔNG"], [], ["PHỤ LỤC I. BỘ CHỈ SỐ"]]
HEADER = ["Mã tiêu chí", "Chỉ tiêu/Tên", "Điểm tối đa"]
TREE = [
    ["1.", "Chính quyền số", 7],
    ["1.1", "Tỷ lệ hồ sơ trực tuyến", 3],
    ["1.2", "Mức độ hài lòng", 4],
    ["2", "Xã hội số", 3],
    ["2.1", "Tỷ lệ người dân có tài khoản", 3],
]


@pytest.fixture
def base(tmp_path):
    folder = tmp_path / "base"
    folder.mkdir()
    folder.joinpath("framework.yaml").write_text(YAML, encoding="utf-8")
    folder.joinpath("nodes.csv").write_text(NODES, encoding="utf-8")
    folder.joinpath("groups.csv").write_text("agency,group\nHà Nội,north\n", encoding="utf-8")
    return load_framework(folder)


def xlsx(file: Path, *sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Bảng {number}")
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file


def imported(annex: Path, base, out: Path):
    return load_framework(import_annex(annex, base, out))


def test_import__xlsx_with_titles_and_vietnamese_headers(tmp_path, base):
    annex = xlsx(
        tmp_path / "annex.xlsx", [*TITLE, HEADER, *TREE, [None, "Tổng cộng", 10], ["Ghi chú: theo Quyết định"]]
    )
    framework = imported(annex, base, tmp_path / "out")
    assert [(node.code, node.parent, node.level, node.max_points) for node in framework.nodes] == [
        ("D", "", "index", 10.0),
        ("1", "D", "pillar", 7.0),
        ("1.1", "1", "criterion", 3.0),
        ("1.2", "1", "criterion", 4.0),
        ("2", "D", "pillar", 3.0),
        ("2.1", "2", "criterion", 3.0),
    ]
    assert {(node.status, node.source) for node in framework.nodes[1:]} == {("official", "annex.xlsx")}


def test_import__keeps_the_base_of_a_node_with_the_same_code_and_name(tmp_path, base):
    framework = imported(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE]), base, tmp_path / "out")
    kept = framework.by_code["1.1"]
    assert (kept.rule, kept.parameters, kept.unit, kept.evidence) == ("ratio", {"target": 80.0}, "%", "report")
    assert kept.name_en == "Share of online dossiers"


def test_import__another_criterion_under_a_known_code_takes_points(tmp_path, base):
    framework = imported(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE]), base, tmp_path / "out")
    other = framework.by_code["2.1"]
    assert (other.rule, other.evidence, other.name_en) == ("points", "", "")


def test_import__facts_and_groups_are_those_of_the_base(tmp_path, base):
    framework = imported(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE]), base, tmp_path / "out")
    assert framework.description == base.description
    assert framework.groups == {"Hà Nội": "north"}


def test_import__what_the_annex_says_of_rules_goes_first(tmp_path, base):
    header = [*HEADER, "Quy tắc", "Tham số", "Đơn vị"]
    rows = [[*TREE[0], "", "", ""], [*TREE[1], "Bậc thang", "tiers=0:0|50:1", "%"], *TREE[2:]]
    node = imported(xlsx(tmp_path / "a.xlsx", [header, *rows]), base, tmp_path / "out").by_code["1.1"]
    assert (node.rule, node.parameters) == ("tier", {"tiers": ((0.0, 0.0), (50.0, 1.0))})


def test_import__parameters_of_another_rule_are_not_kept(tmp_path, base):
    header = [*HEADER, "Quy tắc"]
    rows = [TREE[0], [*TREE[1], "binary"], *TREE[2:]]
    node = imported(xlsx(tmp_path / "a.xlsx", [header, *rows]), base, tmp_path / "out").by_code["1.1"]
    assert (node.rule, node.parameters) == ("binary", {})


def test_import__csv_with_semicolons_and_vietnamese_numbers(tmp_path, base):
    annex = tmp_path / "annex.csv"
    lines = [
        "STT;Tên tiêu chí;Điểm",
        "1;Chính quyền số;7,5",
        "1.1;Một;3,25",
        "1.2;Hai;4,25",
        "2;Xã hội số;2,5",
        "2.1;Ba;2,5",
    ]
    annex.write_text("\n".join(lines), encoding="utf-8-sig")
    framework = imported(annex, base, tmp_path / "out")
    assert [node.max_points for node in framework.nodes] == [10.0, 7.5, 3.25, 4.25, 2.5, 2.5]


def test_import__csv_with_the_columns_of_nodes_csv(tmp_path, base):
    framework = imported(base.folder / "nodes.csv", base, tmp_path / "out")
    assert [(node.code, node.rule, node.max_points) for node in framework.nodes] == [
        (node.code, node.rule, node.max_points) for node in base.nodes
    ]
    assert not framework.is_reconstructed


def test_import__root_and_parents_named_by_the_annex(tmp_path, base):
    header = ["Mã", "Mã cha", "Cấp", "Tên", "Điểm tối đa"]
    rows = [
        ["X", "", "Chỉ số chung", "Tất cả", 10],
        ["a", "X", "2", "Trụ cột một", 10],
        *([f"k{number}", "a", "Tiêu chí", f"Tiêu chí {number}", points] for number, points in ((1, 2), (2, 3), (3, 5))),
    ]
    framework = imported(xlsx(tmp_path / "a.xlsx", [header, *rows]), base, tmp_path / "out")
    assert [(node.code, node.parent, node.level) for node in framework.nodes] == [
        ("X", "", "index"),
        ("a", "X", "pillar"),
        ("k1", "a", "criterion"),
        ("k2", "a", "criterion"),
        ("k3", "a", "criterion"),
    ]


def test_import__several_sheets_make_one_tree(tmp_path, base):
    annex = xlsx(
        tmp_path / "a.xlsx", [["Lời nói đầu"]], [HEADER, *TREE[:3]], [*TITLE, HEADER, ["(1)", "(2)", "(3)"], *TREE[3:]]
    )
    assert len(imported(annex, base, tmp_path / "out").nodes) == 6


def test_import__a_leaf_of_no_points_does_not_score(tmp_path, base):
    rows = [*TREE[:2], ["1.2", "Mới", 4], TREE[3], ["2.1", "Ba", 3], ["2.2", "Không tính điểm", 0]]
    base.folder.joinpath("framework.yaml").write_text(YAML.replace("count: 3", "count: 4"), encoding="utf-8")
    framework = imported(xlsx(tmp_path / "a.xlsx", [HEADER, *rows]), base, tmp_path / "out")
    assert framework.by_code["2.2"].max_points == 0


def test_import__replaces_an_imported_framework(tmp_path, base):
    out = import_annex(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE]), base, tmp_path / "out")
    second = [TREE[0], ["1.1", "Khác", 1], ["1.2", "Khác nữa", 6], *TREE[3:]]
    framework = imported(xlsx(tmp_path / "b.xlsx", [HEADER, *second]), base, out)
    assert framework.by_code["1.1"].source == "b.xlsx"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx", "base", "out"]


FAULTY = {
    "points": (
        [TREE[0], ["1.1", "Một", 1], *TREE[2:]],
        "row 2: the points of the children of 1 add up to 5, but 1 has 7",
    ),
    "counts": (TREE[:4], "annex.xlsx: the annex has 2 criteria, framework.yaml counts 3"),
    "total": (
        [*TREE[:3], ["2", "Xã hội số", 30], ["2.1", "Ba", 30]],
        "root of tiny_2020: the points of the children of D add up to 37",
    ),
    "rule": ([*TREE[:4], ["2.1", "Ba", 3, "ration"]], "row 6: the rule 'ration' is not known"),
    "no name": ([*TREE[:4], ["2.1", None, 3]], "row 6: 2.1 has no name"),
    "not a number": ([*TREE[:4], ["2.1", "Ba", "ba điểm"]], "row 6: max_points: 'ba điểm' is not a number"),
    "code twice": ([*TREE, ["2.1", "Ba", 3]], "row 7: the code '2.1' stands already in sheet 'Bảng 1', row 6"),
    "no code": ([*TREE[:4], [None, "Ba", 3]], "row 6: the row has no code"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_import__a_fault_names_sheet_and_row_and_nothing_is_written(tmp_path, base, case):
    rows, words = FAULTY[case]
    annex = xlsx(tmp_path / "annex.xlsx", [[*HEADER, "Quy tắc"], *rows])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FrameworkError) as caught:
        import_annex(annex, base, tmp_path / "out")
    listed = tmp_path / "out.faults.txt"
    assert words in (listed.read_text(encoding="utf-8") if listed.exists() else caught.value.message)
    assert "Nothing was imported" in caught.value.hint
    assert [path for path in sorted(tmp_path.iterdir()) if path != listed] == before


def test_import__several_faults_are_listed_one_a_line_in_a_file_that_the_hint_names(tmp_path, base):
    rows = [*TREE[:3], ["2", "Xã hội số", 30]]
    with pytest.raises(FrameworkError) as caught:
        import_annex(xlsx(tmp_path / "annex.xlsx", [HEADER, *rows]), base, tmp_path / "out")
    listed = tmp_path / "out.faults.txt"
    lines = listed.read_text(encoding="utf-8").splitlines()
    assert str(listed) in caught.value.hint
    assert caught.value.message == f"{lines[0].rstrip('.')} (the first of {len(lines)} faults)."
    assert len(lines) == len(set(lines)) > 1
    assert all(line.startswith("annex.xlsx") and line.endswith(".") for line in lines)
    assert not [line for line in lines if "nodes.csv" in line or "framework.yaml:" in line]


def test_import__another_row_is_named_as_the_annex_shows_it(tmp_path, base):
    header = ["Mã", "Mã cha", "Tên", "Điểm tối đa"]
    rows = [["X", "D", "Một", 10], ["D", "", "Tất cả", 10], ["Y", "Z", "Hai", 1], ["Z", "Y", "Ba", 1]]
    with pytest.raises(FrameworkError):
        import_annex(xlsx(tmp_path / "a.xlsx", [header, *rows]), base, tmp_path / "out")
    assert "a.xlsx, sheet 'Bảng 1', row 4: nodes stand below themselves" in (tmp_path / "out.faults.txt").read_text()


def test_import__every_repeated_code_is_listed(tmp_path, base):
    with pytest.raises(FrameworkError, match=r"row 7: the code '1' .* \(the first of 5 faults\)"):
        import_annex(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE, *TREE]), base, tmp_path / "out")
    assert len((tmp_path / "out.faults.txt").read_text().splitlines()) == 5


def test_import__a_sound_annex_takes_the_list_of_faults_away(tmp_path, base):
    with pytest.raises(FrameworkError):
        import_annex(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE, *TREE]), base, tmp_path / "out")
    import_annex(xlsx(tmp_path / "b.xlsx", [HEADER, *TREE]), base, tmp_path / "out")
    assert not (tmp_path / "out.faults.txt").exists()


def test_import__counts_of_a_decision_are_said_to_be_its_own(tmp_path, base):
    base.folder.joinpath("framework.yaml").write_text(f"legal_basis: Quyết định 1\n{YAML}", encoding="utf-8")
    with pytest.raises(FrameworkError, match=r"the annex has 2 criteria, the decision counts 3"):
        import_annex(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE[:4]]), load_framework(base.folder), tmp_path / "out")


def test_import__a_fault_leaves_the_earlier_import_as_it_was(tmp_path, base):
    out = import_annex(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE]), base, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(FrameworkError):
        import_annex(xlsx(tmp_path / "b.xlsx", [HEADER, *TREE[:3]]), base, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_import__does_not_replace_another_folder(tmp_path, base):
    other = tmp_path / "papers"
    other.mkdir()
    with pytest.raises(FrameworkError, match="is not a framework folder"):
        import_annex(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE]), base, other)
    assert other.is_dir()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 cut off", "is not a readable workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 locked", "is not a readable workbook"),
        (b"", "is not an XLSX workbook, although its name says so"),
        ("Mã,Tên,Điểm\n1,Một,10\n".encode(), "is not an XLSX workbook, although its name says so"),
    ],
)
def test_import__unusable_workbook(tmp_path, base, content, words):
    annex = tmp_path / "annex.xlsx"
    annex.write_bytes(content)
    with pytest.raises(FrameworkError, match=words):
        import_annex(annex, base, tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has no table of criteria"),
        (b"<html><body>404</body></html>", "has no table of criteria"),
        (b"Ma,Ten\n1,Mot\n", "has no table of criteria"),
        (b"\xff\xfe\x00\x01", "neither a workbook nor text in UTF-8"),
    ],
)
def test_import__unusable_text(tmp_path, base, content, words):
    annex = tmp_path / "annex.csv"
    annex.write_bytes(content)
    with pytest.raises(FrameworkError, match=words):
        import_annex(annex, base, tmp_path / "out")


def test_import__missing_file(tmp_path, base):
    with pytest.raises(FrameworkError, match=r"absent\.xlsx cannot be read"):
        import_annex(tmp_path / "absent.xlsx", base, tmp_path / "out")


def test_import__header_below_row_thirty_is_not_looked_for(tmp_path, base):
    annex = xlsx(tmp_path / "a.xlsx", [*([["x"]] * 30), HEADER, *TREE])
    with pytest.raises(FrameworkError, match="has no table of criteria"):
        import_annex(annex, base, tmp_path / "out")


def test_import__nodes_csv_has_one_line_per_node(tmp_path, base):
    rows = [["1", "Chính quyền\nsố", 7], *TREE[1:]]
    out = import_annex(xlsx(tmp_path / "a.xlsx", [HEADER, *rows]), base, tmp_path / "out")
    with (out / "nodes.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        assert sum(1 for _ in reader) == reader.line_num == 7


def test_import__a_bomb_is_not_unpacked(tmp_path, base):
    annex = tmp_path / "annex.xlsx"
    with (
        zipfile.ZipFile(annex, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("x", "w") as member,
    ):
        for _ in range(21):
            member.write(bytes(10_000_000))
    with pytest.raises(FrameworkError, match="unpacks to more than 200 MB"):
        import_annex(annex, base, tmp_path / "out")


def test_import__where_nothing_can_be_written(tmp_path, base):
    tmp_path.joinpath("file").write_text("")
    with pytest.raises(FrameworkError, match="cannot be written to"):
        import_annex(xlsx(tmp_path / "a.xlsx", [HEADER, *TREE]), base, tmp_path / "file" / "out")


def test_import__levels_that_framework_yaml_does_not_know(tmp_path, base):
    rows = [[*row, level] for row, level in zip(TREE, ["Trụ cột", "Nhóm", "3", "2", "Tiêu chí"], strict=True)]
    with pytest.raises(FrameworkError, match="the annex has 2 criteria"):
        import_annex(xlsx(tmp_path / "a.xlsx", [[*HEADER, "Cấp"], *rows]), base, tmp_path / "out")
    listed = (tmp_path / "out.faults.txt").read_text(encoding="utf-8")
    assert "row 3: the level 'Nhóm' does not stand in framework.yaml" in listed
