"""How sure a rank is: inputs and method are drawn many times through the same engine, and ranks become intervals."""
