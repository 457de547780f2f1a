"""Where the numbers live: tables, frameworks and reference data. The lowest room; it imports none of the others."""
