"""Programs that take part in a workload of another file; a new file here is found by itself."""
