"""``URL full|successive``: the snapshot after a migration: everything anew, or what may have changed."""

import sys
from uuid import uuid4

import psycopg
from psycopg import sql

from bench.clock import against_the_clock
from pipeline.schema.snapshot import take
from pipeline.schema.successive import Successive

MIGRATION = sql.SQL("create table {name} (id bigint primary key, at date default now())")

with psycopg.connect(sys.argv[1], autocommit=True, prepare_threshold=None) as connection:
    successive = Successive(["public"])
    successive.take(connection)
    connection.execute(MIGRATION.format(name=sql.Identifier(f"again_{uuid4().hex}")))
    if sys.argv[2] == "full":
        against_the_clock(lambda: take(connection, ["public"]))
    else:
        against_the_clock(lambda: successive.take(connection))
