"""How a cell of the result came about; the codes of the engine and the words of docs/frameworks.md."""

STATUSES = (
    "measured",
    "published",
    "aggregated",
    "missing_zero",
    "excluded",
    "carried_forward",
    "imputed",
    "covered",
    "appraised",
    "side_by_side",
    "merged",
)
(
    MEASURED,
    PUBLISHED,
    AGGREGATED,
    MISSING_ZERO,
    EXCLUDED,
    CARRIED_FORWARD,
    IMPUTED,
    COVERED,
    APPRAISED,
    SIDE_BY_SIDE,
    MERGED,
) = range(len(STATUSES))
