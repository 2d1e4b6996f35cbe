"""Questions asked of a live database, one file per question."""
