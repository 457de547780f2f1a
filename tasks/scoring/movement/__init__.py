"""Movement: what made a share and a place change between two sides, taken apart exactly."""
