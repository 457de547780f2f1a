"""One module per source: where it is, how it is fetched, how its bytes become readings."""
