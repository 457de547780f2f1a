"""The online inspection of portals: what was received from a portal becomes checks, criteria and doubted claims.

Nothing here asks anybody: everything follows from snapshots, so that each outcome can be recomputed from them.
"""
