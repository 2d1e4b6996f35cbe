"""``URL URL``: migradiff's comparison of two databases, as its own command makes it; runs in its venv."""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

import sys

from migra import Migration
from sqlbag import S

from bench.clock import against_the_clock


def compare() -> None:
    with S(sys.argv[1]) as one, S(sys.argv[2]) as other:
        migration = Migration(one, other)
        migration.set_safety(False)
        migration.add_all_changes()
        assert migration.statements, "no differences"
        print(migration.sql)


against_the_clock(compare)
