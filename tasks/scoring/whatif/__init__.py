"""What if: figures that are not, scored by the same engine, and nothing written."""
