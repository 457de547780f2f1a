"""Expert panels: from ratings to estimates by agency and criterion, with standard errors. Pure: no Prefect, no SQL."""
