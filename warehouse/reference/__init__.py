"""Facts that the project keeps by hand: agencies with their dates, spellings, units."""
