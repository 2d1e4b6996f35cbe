"""Flyway's conventions, as the free edition (5 to 13) has them on PostgreSQL.

``naming`` file names and versions · ``settings`` Flyway's options · ``configuration`` flyway.conf and .toml ·
``locations`` the folders · ``script_settings`` V1__x.sql.conf · ``placeholders`` · ``checksum`` ·
``callbacks`` · ``reading`` folders become a release · ``rows`` and ``ledger`` flyway_schema_history ·
``mending`` baseline and repair · ``states`` info and validate · ``format`` joins them.
"""
