"""What one step does: thin Prefect tasks at the top, one verb each; pure sub-packages below, without Prefect or SQL."""
