"""The view of the monthly online services: growth, ranks, targets and pace, on both databases alike."""

import itertools
from datetime import date

import pandas as pd
import pytest
import sqlalchemy as sa

from tasks.evidence.derived import derive
from tasks.harmonise.groups import agency_groups
from tasks.scoring.engine import score
from tasks.scoring.revision import changes
from warehouse.engine import downgrade, reading, transaction, upgrade
from warehouse.frames import MEASUREMENT
from warehouse.frameworks.editions import framework_of
from warehouse.frameworks.loader import load_framework
from warehouse.load import load_reference
from warehouse.online_services import COLUMNS
from warehouse.periods import month_number
from warehouse.queries import choose_vintage, online_services, values
from warehouse.reference.agencies import load_agencies
from warehouse.schema import CROSSWALK, DIM_PERIOD, SHARE_PART, TARGET
from warehouse.vintages import publish, write_vintage

HA_NOI, HUE, FINANCE = "province-ha-noi", "province-thua-thien-hue", "ministry-tai-chinh"
OLD, NEW = "online_services_2019", "online_services_2022"


def write(engine, period, cells, *, round_name="monthly", framework=None, final=True):
    """Write and publish a month: agency to code to value."""
    tree = load_framework(framework or framework_of("online_services", period))
    load_reference(engine, load_agencies(), tree)
    scope = {"framework": tree.name, "round": round_name, "period": period}
    rows = [
        {**scope, "agency": agency, "node": node, "value": value, "stage": "final", "observation_ids": "[]"}
        for agency, figures in cells.items()
        for node, value in figures.items()
    ]
    counts = MEASUREMENT.conform(pd.DataFrame(rows))
    measured = pd.concat([counts, derive(counts, tree).measurements], ignore_index=True)
    scores = score(tree, measured, groups=agency_groups(tree, period)).assign(**scope)
    write_vintage(
        engine,
        framework=tree,
        round_name=round_name,
        kind="synthetic",
        period=period,
        measurements=measured,
        scores=scores,
        run_id="r",
        code_version="1",
    )
    if final:
        publish(engine, framework=tree.name, round_name=round_name, period=period)


def month(level4, total=100):
    return {"C.M4": level4, "C.TTHC": total}


def row(engine, period, node="S.M4", agency=HA_NOI, round_name="monthly"):
    rows = online_services(engine, round_name, period)
    found = rows[(rows["node"] == node) & (rows["agency"] == agency)]
    assert len(found) == 1
    return found.iloc[0]


def test_share__with_its_counts_and_names(engine):
    write(engine, "2020-08", {HA_NOI: month(25)})
    found = row(engine, "2020-08")
    assert (found["numerator"], found["denominator"], found["share_percent"]) == (25, 100, 25)
    assert (found["agency_name"], found["agency_kind"], found["group"]) == ("Hà Nội", "province", "province")
    assert (found["framework"], found["series"], found["month_number"]) == (OLD, "S.TT", 2020 * 12 + 8)


def test_share__of_a_sum_of_counts(engine):
    write(engine, "2020-08", {HA_NOI: {"C.M3": 30, "C.M4": 10, "C.PAY": 10}})
    found = row(engine, "2020-08", "S.PAY")
    assert (found["numerator"], found["denominator"], found["share_percent"]) == (10, 40, 25)


def test_share__count_that_did_not_come__blank_and_not_zero(engine):
    write(engine, "2020-08", {HA_NOI: {"C.M4": 10}})
    found = row(engine, "2020-08")
    assert found["numerator"] == 10
    assert found[["denominator", "share_percent", "target_distance_points", "target_pace_points"]].isna().all()
    assert found["status"] == "excluded"


def test_share__that_is_no_quotient__is_over_one(engine):
    write(engine, "2020-08", {HA_NOI: {"C.NDXP": 1}})
    found = row(engine, "2020-08", "S.NDXP")
    assert (found["numerator"], found["denominator"], found["share_percent"]) == (1, 1, 100)


def test_growth__on_the_month_and_on_the_year(engine):
    for period, level4 in (("2019-08", 5), ("2020-07", 20), ("2020-08", 26)):
        write(engine, period, {HA_NOI: month(level4)})
    found = row(engine, "2020-08")
    assert (found["month_before_percent"], found["growth_month_points"]) == (20, 6)
    assert (found["year_before_percent"], found["growth_year_points"]) == (5, 21)


def test_growth__across_new_year__is_on_december(engine):
    write(engine, "2020-12", {HA_NOI: month(20)})
    write(engine, "2021-01", {HA_NOI: month(21)})
    assert row(engine, "2021-01")["growth_month_points"] == 1


def test_growth__a_month_is_missing__none_is_made_up(engine):
    write(engine, "2020-06", {HA_NOI: month(20)})
    write(engine, "2020-08", {HA_NOI: month(26)})
    assert pd.isna(row(engine, "2020-08")["growth_month_points"])


def test_growth__earlier_month_is_revised__moves(engine):
    write(engine, "2020-07", {HA_NOI: month(20)})
    write(engine, "2020-08", {HA_NOI: month(26)})
    write(engine, "2020-07", {HA_NOI: month(24)})
    assert row(engine, "2020-07")["vintage"] == 2
    assert row(engine, "2020-08")["vintage"] == 1
    assert row(engine, "2020-08")["growth_month_points"] == 2


def test_growth__across_the_change_of_edition__by_the_crosswalk(engine):
    write(engine, "2022-05", {HA_NOI: month(40)})
    write(engine, "2022-06", {HA_NOI: {"C.TT": 30, "C.TTHC": 100}})
    found = row(engine, "2022-06", "S.TT")
    assert (found["growth_month_points"], found["month_before_framework"], found["framework"]) == (-10, OLD, NEW)


def test_growth__share_that_the_earlier_edition_did_not_have__none(engine):
    write(engine, "2022-05", {HA_NOI: {"C.HS_ON": 1, "C.HS": 2}})
    write(engine, "2022-06", {HA_NOI: {"C.HS_TT": 1, "C.HS": 2, "C.HS_ON": 2}})
    assert pd.isna(row(engine, "2022-06", "S.HS_TT")["month_before_percent"])
    assert row(engine, "2022-06", "S.HS")["growth_month_points"] == 50


def test_growth__of_another_round__is_not_looked_at(engine):
    write(engine, "2020-07", {HA_NOI: month(20)}, round_name="other")
    write(engine, "2020-08", {HA_NOI: month(26)})
    assert pd.isna(row(engine, "2020-08")["growth_month_points"])


def test_rows__two_editions_of_one_month__the_later_one_is_shown(engine):
    write(engine, "2022-05", {HA_NOI: month(40)})
    write(engine, "2022-05", {HA_NOI: {"C.TT": 30, "C.TTHC": 100}}, framework=NEW)
    write(engine, "2022-06", {HA_NOI: {"C.TT": 31, "C.TTHC": 100}})
    rows = online_services(engine, "monthly")
    assert set(rows["framework"]) == {NEW}
    assert not rows.duplicated(["period", "agency", "series"]).any()
    assert row(engine, "2022-06", "S.TT")["growth_month_points"] == 1


def test_ranks__overall_and_in_the_group(engine):
    write(engine, "2020-08", {HA_NOI: month(30), HUE: month(50), FINANCE: month(40)})
    found = {agency: row(engine, "2020-08", agency=agency) for agency in (HA_NOI, HUE, FINANCE)}
    assert [(one["rank"], one["group_rank"]) for one in found.values()] == [(3, 2), (1, 1), (2, 1)]
    assert found[FINANCE]["group"] == "ministry"


@pytest.mark.parametrize(
    ("period", "level4", "left", "pace", "met"),
    [
        ("2020-08", 22, 4, 2.0, False),
        ("2020-11", 22, 1, 8.0, False),
        ("2020-08", 30, 4, None, True),
        ("2020-08", 31, 4, None, True),
        ("2020-12", 29, 0, None, False),
        ("2021-02", 29, -2, None, False),
        ("2021-02", 30, -2, None, True),
    ],
)
def test_target__of_2020__months_left_and_pace(engine, period, level4, left, pace, met):
    write(engine, period, {HA_NOI: month(level4)})
    found = row(engine, period)
    assert (found["target_due"], found["target_percent"]) == (date(2020, 12, 31), 30)
    assert (found["target_distance_points"], found["target_months_left"]) == (30 - level4, left)
    assert (None if pd.isna(found["target_pace_points"]) else found["target_pace_points"]) == pace
    assert bool(found["target_is_met"]) is met


def test_target__of_the_group__goes_before_nothing_and_the_country_is_nobodys(engine):
    write(engine, "2024-06", {HA_NOI: {"C.HS_TT": 1, "C.HS": 4}, FINANCE: {"C.HS_TT": 1, "C.HS": 4}})
    found = [row(engine, "2024-06", "S.HS_TT", agency) for agency in (HA_NOI, FINANCE)]
    assert [one["target_percent"] for one in found] == [30, 70]
    assert [one["target_pace_points"] for one in found] == [5 / 6, 7.5]
    assert pd.isna(row(engine, "2024-06", "S.HS")["target_percent"])


def test_target__several__the_next_one_applies_and_the_last_one_after_all(engine):
    tree = load_framework(OLD)
    load_reference(engine, load_agencies(), tree)
    write(engine, "2020-08", {HA_NOI: month(10)})
    write(engine, "2021-06", {HA_NOI: month(10)})
    write(engine, "2022-05", {HA_NOI: month(10)})
    with transaction(engine) as connection:
        found = dict(connection.execute(sa.select(TARGET).where(TARGET.c.node == "S.M4")).mappings().one())
        later = {"due": date(2021, 12, 31), "due_month": 2021 * 12 + 12, "value": 60.0, "position": 90}
        group = later | {"applies_to": "province", "value": 70.0, "position": 91}
        connection.execute(sa.insert(TARGET), [found | later, found | group])
    assert [row(engine, period)["target_percent"] for period in ("2020-08", "2021-06", "2022-05")] == [30, 70, 70]


def test_view__both_databases__say_the_same_to_the_last_digit(sqlite_engine, postgres_engine):
    cells = {
        period: {agency: month(3 * number + 7 * at + 1, 997) for at, agency in enumerate((HA_NOI, HUE, FINANCE))}
        for number, period in enumerate(("2019-11", "2020-10", "2020-11"))
    }
    found = []
    for engine in (sqlite_engine, postgres_engine):
        for period, figures in cells.items():
            write(engine, period, figures)
        found.append(online_services(engine, "monthly"))
    pd.testing.assert_frame_equal(*found, check_exact=True)
    assert found[0]["growth_year_points"].notna().any()
    assert found[0]["target_pace_points"].notna().any()


def test_columns__of_the_view__are_those_that_are_documented(engine):
    found = [column["name"] for column in sa.inspect(engine).get_columns("mart_online_services")]
    assert found == list(COLUMNS)


def test_load_reference__again__changes_nothing(engine):
    tree = load_framework(NEW)
    load_reference(engine, load_agencies(), tree)
    again = load_reference(engine, load_agencies(), tree)
    tables = (TARGET.name, SHARE_PART.name, CROSSWALK.name)
    assert [(again[name].inserted, again[name].updated, again[name].removed) for name in tables] == [(0, 0, 0)] * 3
    assert again[TARGET.name].unchanged == len(tree.targets)


def test_values__of_two_vintages__are_what_a_revision_changed(engine):
    for level4 in (20, 24):
        write(engine, "2020-07", {HA_NOI: month(level4)})
    chosen = [choose_vintage(engine, OLD, "2020-07", "monthly", number) for number in (1, 2)]
    found = changes(*(values(engine, one) for one in chosen))
    assert found[["node", "earlier", "later", "change"]].to_numpy().tolist() == [
        ["C.M4", 20.0, 24.0, "changed"],
        ["S.M4", 20.0, 24.0, "changed"],
    ]


def test_migration__periods_that_are_there__are_numbered(engine):
    write(engine, "2020-08", {HA_NOI: month(20)})
    with transaction(engine) as connection:
        connection.execute(
            sa.insert(DIM_PERIOD).values(period="2020", first_day=date(2020, 1, 1), last_day=date(2020, 12, 31))
        )
    downgrade(engine, "0006")
    upgrade(engine)
    with reading(engine) as connection:
        found = dict(connection.execute(sa.select(DIM_PERIOD.c.period, DIM_PERIOD.c.month_number)).all())
    assert found == {"2020-08": 2020 * 12 + 8, "2020": None}


def test_month_numbers__follow_each_other():
    months = [f"{year}-{month:02d}" for year in (2019, 2020) for month in range(1, 13)]
    numbers = [month_number(period) for period in months]
    assert all(later - earlier == 1 for earlier, later in itertools.pairwise(numbers))
    assert month_number("2020") is None
