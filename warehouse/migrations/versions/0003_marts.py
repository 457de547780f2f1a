"""The views that statisticians read: vintages, scores with names, league tables, the quarantine."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MART_VINTAGE = """
SELECT v.framework, f.title_vi, f.title_en, f.is_reconstructed AS framework_is_reconstructed,
       v."round", v.kind AS round_kind, v.period, p.last_day AS period_end, v.vintage, v.state,
       row_number() OVER (PARTITION BY v.framework, v."round", v.period ORDER BY v.vintage DESC) = 1 AS is_latest,
       v.digest, v.framework_digest, v.code_version, v.seed, v.run_id, v.created_at, v.published_at, v.note
FROM vintage AS v
JOIN dim_framework AS f ON f.framework = v.framework AND f.digest = v.framework_digest
JOIN dim_period AS p ON p.period = v.period
"""

MART_SCORE = """
SELECT v.framework, v.title_vi, v.title_en, v.framework_is_reconstructed,
       v."round", v.round_kind, v.period, v.vintage, v.state, v.is_latest,
       s.agency, coalesce(a.name_vi, s.agency) AS agency_name, coalesce(a.full_name_vi, s.agency) AS agency_full_name,
       coalesce(a.name_en, s.agency) AS agency_name_en, coalesce(a.kind, '') AS agency_kind,
       s.node, coalesce(n.name_vi, '') AS node_name_vi, coalesce(n.name_en, '') AS node_name_en,
       coalesce(n.parent, '') AS parent, s.level, n.position, coalesce(n.status, '') AS node_status,
       s.value, s.points, s.max_points, s.share, s."rank", s."group", s.group_rank, s.status
FROM score AS s
JOIN mart_vintage AS v
  ON v.framework = s.framework AND v."round" = s."round" AND v.period = s.period AND v.vintage = s.vintage
LEFT JOIN dim_node AS n
  ON n.framework = s.framework AND n.framework_digest = v.framework_digest AND n.code = s.node
LEFT JOIN dim_agency AS a
  ON a.agency_id = s.agency AND a.replaced_at IS NULL
 AND a.valid_from <= v.period_end AND (a.valid_to IS NULL OR a.valid_to >= v.period_end)
"""

MART_LEAGUE_TABLE = """
SELECT framework, title_vi, title_en, framework_is_reconstructed, "round", round_kind, period, vintage, state,
       node, node_name_vi, node_name_en, level, node_status,
       "rank", agency, agency_name, agency_full_name, agency_name_en, agency_kind,
       share, points, max_points, "group", group_rank
FROM mart_score
WHERE is_latest AND "rank" IS NOT NULL
"""

MART_QUARANTINE = """
SELECT q.framework, q."round", q.period, q.source, q.snapshot_sha256,
       coalesce((SELECT min(s.origin) FROM snapshot AS s
                 WHERE s.sha256 = q.snapshot_sha256 AND s.source = q.source AND s."round" = q."round"), '') AS origin,
       q.locator, q.rule, q.agency, coalesce(a.full_name_vi, q.agency_text) AS agency_full_name, q.agency_text,
       q.item, q.part, q.stage, q.value_text, q.unit, q.reason_vi, q.reason_en
FROM quarantine AS q
LEFT JOIN dim_period AS p ON p.period = q.period
LEFT JOIN dim_agency AS a
  ON a.agency_id = q.agency AND a.replaced_at IS NULL
 AND a.valid_from <= p.last_day AND (a.valid_to IS NULL OR a.valid_to >= p.last_day)
"""

VIEWS = {
    "mart_vintage": (MART_VINTAGE, "One row per vintage; is_latest marks the newest of its round."),
    "mart_score": (MART_SCORE, "One row per score of every vintage, with names as of the period."),
    "mart_league_table": (MART_LEAGUE_TABLE, "One row per ranked agency and node of the newest vintage of each round."),
    "mart_quarantine": (MART_QUARANTINE, "One row per refused row and rule, with the file it stands in."),
}


def upgrade() -> None:
    for name, (select, comment) in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {select}")
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"COMMENT ON VIEW {name} IS '{comment}'")


def downgrade() -> None:
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")
