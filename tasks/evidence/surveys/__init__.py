"""The sociological survey: from answers to estimates by agency, with standard errors. Pure: no Prefect, no SQL."""
