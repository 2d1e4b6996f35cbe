"""``URL``: our snapshot of the schema ``public`` and its fingerprint, on a connection that was just made."""

import sys

import psycopg

from bench.clock import against_the_clock
from pipeline.schema.digest import fingerprint
from pipeline.schema.snapshot import take

with psycopg.connect(sys.argv[1], autocommit=True, prepare_threshold=None) as connection:
    against_the_clock(lambda: fingerprint(take(connection, ["public"])))
