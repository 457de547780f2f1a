"""The monthly online services as statisticians read them: the columns of `mart_online_services`, and their meaning."""

TITLE = "One row per agency, share and month of the newest vintage of each round of the framework online_services."

# Column to its kind (as in warehouse/views.py) and its meaning; the order is that of the view.
COLUMNS: dict[str, tuple[str, str]] = {
    "framework": ("str", "edition of the framework that the month was measured by"),
    "round": ("str", "name of the round (đợt đánh giá): one set of inputs"),
    "round_kind": ("str", "official, press or synthetic"),
    "period": ("str", "the month, 2020-08"),
    "period_end": ("day", "last day of the month"),
    "month_number": ("Int64", "year x 12 + month: counts months without gaps"),
    "vintage": ("Int64", "number of the vintage: the newest of the round and month"),
    "state": ("str", "provisional or published"),
    "agency": ("str", "durable agency id"),
    "agency_name": ("str", "short Vietnamese name at the end of the month"),
    "agency_full_name": ("str", "full Vietnamese name at the end of the month"),
    "agency_name_en": ("str", "English name at the end of the month"),
    "agency_kind": ("str", "province, ministry, ministerial_body or government_agency"),
    "group": ("str", "ranking group: ministry or province"),
    "node": ("str", "code of the share in the edition of the month"),
    "node_name_vi": ("str", "Vietnamese name of the share"),
    "node_name_en": ("str", "English name of the share"),
    "series": ("str", "code of the share in the newest edition that it goes on in, by the crosswalk"),
    "status": ("str", "measured, or excluded where a part did not come"),
    "numerator": ("float64", "what is counted, in the unit of the counts; NULL where a count did not come"),
    "denominator": ("float64", "of how many, in the unit of the counts; NULL where a count did not come"),
    "share_percent": ("float64", "the share in %, unrounded; NULL where it could not be computed"),
    "month_before_percent": ("float64", "the share a month before in %; NULL where there is none"),
    "month_before_framework": ("str", "edition that the month before was measured by; empty where there is none"),
    "year_before_percent": ("float64", "the share in the same month a year before in %; NULL where there is none"),
    "year_before_framework": ("str", "edition that month was measured by: another one means a comparable figure"),
    "growth_month_points": ("float64", "growth on the month in percentage points"),
    "growth_year_points": ("float64", "growth on the year in percentage points"),
    "rank": ("Int64", "competition rank (1, 2, 2, 4) among all agencies, on unrounded shares"),
    "group_rank": ("Int64", "competition rank within the group"),
    "target_due": ("day", "day of the target that applies next; where all are past, of the last one; NULL: no target"),
    "target_percent": ("float64", "what is to be reached by then, in %"),
    "target_basis": ("str", "who set or printed the target"),
    "target_distance_points": ("float64", "target less share in percentage points; negative: so far above it"),
    "target_months_left": ("Int64", "months from this one to the one of the target; negative: so many months past"),
    "target_pace_points": ("float64", "points a month that are needed to meet the target; NULL when met or past"),
    "target_is_met": ("flag", "whether the share reaches the target"),
}

MEANING = {name: meaning for name, (_, meaning) in COLUMNS.items()}
