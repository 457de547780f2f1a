"""Parameters of the flows of daily operation: what their forms in the Prefect UI ask for."""
