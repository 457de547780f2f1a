"""From observations to measurements with a standard error, one module per kind of evidence."""
