"""Flyway's conventions, as the free edition (5 to 13) has them on PostgreSQL.

``naming`` file names and versions · ``settings`` Flyway's options · ``placeholders`` · ``checksum`` ·
``reading`` a folder becomes a release · ``ledger`` flyway_schema_history · ``states`` info and validate ·
``format`` joins them.
"""
