"""The views of the warehouse as the queries see them: names and columns. Their SQL stands in the migrations."""

from typing import Any

import sqlalchemy as sa

from warehouse.columns import UtcDateTime
from warehouse.frames import COUNT, NUMBER, TEXT
from warehouse.online_services import COLUMNS

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    TEXT: sa.Text(),
    NUMBER: sa.Double(),
    COUNT: sa.BigInteger(),
    "flag": sa.Boolean(),
    "day": sa.Date(),
    "time": UtcDateTime(),
}


def _view(name: str, columns: dict[str, str]) -> sa.TableClause:
    found: list[sa.ColumnClause[Any]] = [
        sa.column(column, _TYPES[kind]) for kind, text in columns.items() for column in text.split()
    ]
    return sa.table(name, *found)


MART_VINTAGE = _view(
    "mart_vintage",
    {
        TEXT: """framework title_vi title_en round round_kind period state
                 digest framework_digest code_version run_id note""",
        COUNT: "vintage seed",
        "flag": "framework_is_reconstructed is_latest",
        "day": "period_end",
        "time": "created_at published_at",
    },
)

MART_SCORE = _view(
    "mart_score",
    {
        TEXT: """framework title_vi title_en round round_kind period state
                 agency agency_name agency_full_name agency_name_en agency_kind
                 node node_name_vi node_name_en parent level node_status group status""",
        COUNT: "vintage position rank group_rank",
        NUMBER: "value points max_points share",
        "flag": "framework_is_reconstructed is_latest",
    },
)

_RANK_ENDS = "simulated_low simulated_high marginal_low marginal_high simultaneous_low simultaneous_high"
_RANK_NUMBERS = """share_error share_low share_high top10_probability above_next_probability interval_level"""

MART_LEAGUE_TABLE = _view(
    "mart_league_table",
    {
        TEXT: """framework title_vi title_en round round_kind period state
                 node node_name_vi node_name_en level node_status
                 agency agency_name agency_full_name agency_name_en agency_kind group alike""",
        COUNT: f"vintage rank group_rank {_RANK_ENDS}",
        NUMBER: f"share points max_points {_RANK_NUMBERS}",
        "flag": "framework_is_reconstructed",
    },
)

MART_RANK_INTERVAL = _view(
    "mart_rank_interval",
    {
        TEXT: """framework title_vi title_en round round_kind period state
                 node node_name_vi node_name_en level node_status
                 agency agency_name agency_full_name agency_name_en agency_kind
                 ranked_in alike drawn measured settings""",
        COUNT: f"vintage rank {_RANK_ENDS} draws set_draws seed",
        NUMBER: f"share {_RANK_NUMBERS}",
        "flag": "framework_is_reconstructed is_latest",
    },
)

MART_RANK_EFFECT = _view(
    "mart_rank_effect",
    {
        TEXT: """framework round round_kind period state node agency agency_name agency_full_name ranked_in
                 perturbation""",
        COUNT: "vintage effect_draws seed",
        NUMBER: "first_order first_order_low first_order_high total total_low total_high interval_level",
        "flag": "is_latest",
    },
)

MART_QUARANTINE = _view(
    "mart_quarantine",
    {
        TEXT: """framework round period source snapshot_sha256 origin locator rule
                 agency agency_full_name agency_text item part stage value_text unit reason_vi reason_en""",
    },
)

MART_WARNING = _view(
    "mart_warning",
    {
        TEXT: """framework round period source snapshot_sha256 origin locator rule
                 agency agency_full_name agency_text item part stage value_text unit reason_vi reason_en
                 observation_id""",
    },
)

MART_INSPECTION = _view(
    "mart_inspection",
    {
        TEXT: """framework round period agency agency_name agency_full_name check family outcome reason unit url
                 snapshot_sha256 origin locator extract""",
        NUMBER: "value",
        "time": "inspected_at",
    },
)

_COMPARED = """node node_name_vi node_name_en level node_status
               agency agency_name agency_full_name agency_name_en agency_kind
               group previous_group status previous_status"""
_PLACES = "rank previous_rank places_up group_rank previous_group_rank group_places_up"
_AMOUNTS = """value previous_value value_change points previous_points points_change
              share previous_share share_change"""

MART_MOVEMENT = _view(
    "mart_movement",
    {
        TEXT: f"framework title_vi title_en round round_kind period state previous_period previous_state {_COMPARED}",
        COUNT: f"vintage previous_vintage {_PLACES}",
        NUMBER: _AMOUNTS,
        "flag": "framework_is_reconstructed",
    },
)

MART_REVISION = _view(
    "mart_revision",
    {
        TEXT: f"framework title_vi title_en round round_kind period state previous_state {_COMPARED}",
        COUNT: f"vintage previous_vintage {_PLACES}",
        NUMBER: _AMOUNTS,
        "flag": "framework_is_reconstructed is_latest",
    },
)

MART_DECISION = _view(
    "mart_decision",
    {
        TEXT: "framework round round_kind period state outcome decided_by reason shown_digest digest run_id",
        COUNT: "vintage",
        "time": "decided_at",
    },
)

MART_EXCLUSION = _view(
    "mart_exclusion",
    {TEXT: "framework round period agency agency_name agency_full_name reason", COUNT: "vintage"},
)

MART_ONLINE_SERVICES = sa.table(
    "mart_online_services", *(sa.column(name, _TYPES[kind]) for name, (kind, _) in COLUMNS.items())
)

VIEWS = (
    MART_VINTAGE,
    MART_SCORE,
    MART_LEAGUE_TABLE,
    MART_RANK_INTERVAL,
    MART_RANK_EFFECT,
    MART_MOVEMENT,
    MART_REVISION,
    MART_ONLINE_SERVICES,
    MART_QUARANTINE,
    MART_WARNING,
    MART_INSPECTION,
    MART_DECISION,
    MART_EXCLUSION,
)
