"""Made up rounds: returns at full shape, with the dirt of real ones and a known truth. Everything says SYNTHETIC."""
