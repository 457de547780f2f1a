"""A package, because ppi-python installs one of the same name, which would stand before a mere folder."""
