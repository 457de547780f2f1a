"""Local servers that behave like the tools of field teams, for synthetic rounds and for tests; loopback only."""
