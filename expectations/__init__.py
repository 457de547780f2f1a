"""What must be true: rules, the suites derived from frameworks, and the four-way outcome of a check."""

import os

# Read when Great Expectations is imported, which only happens below this package: validation never calls home.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
