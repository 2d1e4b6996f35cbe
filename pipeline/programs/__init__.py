"""The only door to other programs: pg_dump, pg_restore, git and the servers' own binaries."""
