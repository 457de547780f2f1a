"""The two editions of online services as far as the demo needs them: which counts each has."""

from pathlib import Path

from warehouse.frameworks.model import Description, Framework, Level, Node

COMMON = ("C.TTHC", "C.DK", "C.PAY", "C.CQG", "C.DVC_HS", "C.HS_ON", "C.HS", "C.DV", "C.TSLCD", "C.VB", "C.VB_DT")
OF_EDITION = {"online_services_2019": ("C.M3", "C.M4"), "online_services_2022": ("C.MP", "C.TT", "C.HS_TT")}
KINDS = ("province", "ministry", "ministerial_body", "government_agency")


def edition_of(period):
    name = "online_services_2022" if period >= "2022-06" else "online_services_2019"
    leaves = [
        Node(code, "DVC", "indicator", f"Chỉ tiêu {code}", evidence="report", rule="count", unit="dịch vụ")
        for code in (*COMMON, *OF_EDITION[name])
    ]
    ndxp = Node("C.NDXP", "DVC", "indicator", "NDXP", evidence="report", rule="count", parameters={"valid_max": 1.0})
    nodes = (Node("DVC", "", "dashboard", "Bảng theo dõi", aggregation="none"), *leaves, ndxp)
    levels = (Level(level="dashboard"), Level(level="indicator"))
    return Framework(Description(framework=name, levels=levels, population=KINDS), nodes, {}, Path("/nonexistent"), "")
