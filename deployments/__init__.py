"""How the system runs: deployments, container image, services. Data only; no code of the warehouse lives here."""
