"""The form that agencies fill in: its version, its sheets and checks, and one workbook for each agency."""
