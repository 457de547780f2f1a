"""When and in what order: Prefect flows, their parameters, artifacts, and the `dti` command line."""
