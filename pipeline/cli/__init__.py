"""argv in, exit code out; one file per verb. The only place that exits."""
