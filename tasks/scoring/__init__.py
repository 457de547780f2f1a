"""The index engine: measurements and a framework give shares, points and ranks of every node. Pure and vectorised."""
