"""How sure ranks are, as statisticians read it: what the columns of intervals, effects and simulations mean."""

INTERVALS = "One row per ranked agency, node and ranking (all, or a group) of a vintage whose ranks have intervals."
EFFECTS = "One row per ranked agency, ranking and source of uncertainty: which share of its rank's variance it makes."

# Column to its unit and meaning.
MEANING = {
    "above_next_probability": (
        "probability",
        "share of the draws in which the agency is above the one of the next worse rank; half of a tie counts",
    ),
    "alike": ("", "numbers of the groups of agencies that cannot be told apart, e.g. 3 or 3–5; from the best on"),
    "draws": ("draws", "how often inputs and method were drawn"),
    "drawn": ("", "JSON list of what was drawn: survey, expert, tone, appraisal, weights, ..."),
    "effect_draws": ("draws", "draws of each set that the Sobol indices compare"),
    "first_order": ("share of 1", "part of the variance of the rank that goes away if this alone became known"),
    "first_order_high": ("share of 1", "upper end of its bootstrap interval"),
    "first_order_low": ("share of 1", "lower end of its bootstrap interval; may fall below 0 by the error of draws"),
    "interval_level": ("probability", "level of the intervals: 0.9"),
    "marginal_high": ("place", "worst place of the confidence set for this rank alone"),
    "marginal_low": ("place", "best place of the confidence set for this rank alone: covers the true rank"),
    "measured": ("", "JSON list of the kinds of evidence with known errors, of which the confidence sets speak"),
    "perturbation": ("", "what was drawn: survey, expert, tone, appraisal, weights, normalisation, missing, ..."),
    "ranked_in": ("", "ranking group, or empty: among all ranked agencies"),
    "set_draws": ("draws", "draws of the errors of what was measured, for the confidence sets"),
    "settings": ("", "JSON of what uncertainty.yaml said: strength of the weights, reversals, alternatives"),
    "share_high": ("share of 1", "upper end of the simulation interval of the share"),
    "share_low": ("share of 1", "lower end of the simulation interval of the share"),
    "simulated_high": ("place", "worst rank of the simulation interval"),
    "simulated_low": ("place", "best rank of the interval into which ranks fall when inputs and method are redrawn"),
    "simultaneous_high": ("place", "worst place of the confidence sets for all ranks at once"),
    "simultaneous_low": ("place", "best place of the confidence sets that cover all true ranks at once"),
    "share_error": ("share of 1", "standard error of the share, from the errors of what was measured"),
    "top10_probability": ("probability", "share of the draws in which the agency is among the best ten"),
    "total": ("share of 1", "part of the variance of the rank that stays if all but this were known"),
    "total_high": ("share of 1", "upper end of its bootstrap interval"),
    "total_low": ("share of 1", "lower end of its bootstrap interval"),
}
# Where a name means something else in these tables.
OF_INTERVALS = {
    "level": ("probability", "level of the intervals: 0.9"),
    "seed": ("", "seed of the draws: the same seed gives the same numbers"),
    "standard_error": ("share of 1", "standard error of the share, from the errors of what was measured"),
}


def meaning(name: str) -> str:
    """What a column says, with its unit."""
    unit, text = (OF_INTERVALS | MEANING)[name]
    return f"{text} [{unit}]" if unit else text


COMMENTS = {name: meaning(name) for name in OF_INTERVALS | MEANING}
