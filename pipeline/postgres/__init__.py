"""The only hands on a server: connections, locks, ledgers, execution. psycopg is spoken nowhere else."""
