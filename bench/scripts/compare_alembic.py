"""``URL URL``: Alembic's comparison: one database is reflected, and the other compared with it; in its venv.

Types are compared, as they are by default; server defaults are not: it would ask the server about each.
"""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

from bench.clock import against_the_clock

ENGINES = [create_engine(url) for url in sys.argv[1:]]
"""Made before the clock starts, since that imports the driver."""


def compare() -> None:
    one, other = ENGINES
    wanted = MetaData()
    wanted.reflect(other)
    with one.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), wanted)
    assert differences, "no differences"
    print(*differences, sep="\n")


against_the_clock(compare)
