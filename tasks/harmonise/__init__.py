"""From what agencies and reporters write to what is meant: names, items, numbers, units, dates; nothing is judged."""
