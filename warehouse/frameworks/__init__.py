"""The indices as data: one folder per edition, and the code that reads, proves and imports such folders."""
