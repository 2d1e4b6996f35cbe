"""``URL URL``: our comparison of two databases, read at the same time; fails when it finds no difference."""

import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg

from bench.clock import against_the_clock
from pipeline.schema.diff import diff
from pipeline.schema.model import Snapshot
from pipeline.schema.snapshot import take


def compare() -> None:
    with ThreadPoolExecutor() as readers:
        one, other = readers.map(_snapshot, sys.argv[1:])
    differences = diff(one, other)
    assert differences, "no differences"
    print(*differences, sep="\n")


def _snapshot(url: str) -> Snapshot:
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        return take(connection, ["public"])


against_the_clock(compare)
