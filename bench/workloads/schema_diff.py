"""Two databases of a thousand tables that differ in fifteen ways, and who says so first.

Each contender reads both and tells the differences that it can see; that takes in two connections, but no start
of an interpreter. Those that come from elsewhere see fewer kinds of difference; see ``contenders/``.
"""

import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.contest import Aim, Contender, Stage, Workload
from bench.measure import Command
from bench.schemas import Databases, databases, script

NAME = "schema-diff"
TABLES = 1000
ONE = "expected"
OTHER = "live"
DRIFT = """
SET search_path = public;
CREATE TABLE extra (id integer PRIMARY KEY);
DROP TABLE t999;
ALTER TABLE t1 ADD COLUMN extra integer;
ALTER TABLE t2 DROP COLUMN note;
ALTER TABLE t4 ALTER COLUMN quantity TYPE bigint;
ALTER TABLE t5 ALTER COLUMN amount SET DEFAULT 1;
ALTER TABLE t7 ALTER COLUMN name DROP NOT NULL;
ALTER TABLE t8 DROP CONSTRAINT t8_amount_check;
DROP INDEX t11_parent_id_idx;
CREATE INDEX t13_extra ON t13 (note);
CREATE OR REPLACE FUNCTION t10_touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
DROP TRIGGER t20_touch ON t20;
CREATE OR REPLACE VIEW t30_open AS SELECT id, name, amount FROM t30;
COMMENT ON TABLE t40 IS 'something else';
GRANT SELECT ON t50 TO pg_monitor;
"""
"""Fifteen kinds of change; no enum, for which one contender would rewrite every column of the type."""


def _prepare(folder: Path) -> AbstractContextManager[Stage]:
    return databases(folder, {ONE: TABLES, OTHER: TABLES}, extra={OTHER: DRIFT})


@contextmanager
def _pipeline(stage: Stage) -> Generator[Command]:
    assert isinstance(stage, Databases)
    yield script(sys.executable, "compare", [stage.url(ONE), stage.url(OTHER)])


WORKLOAD = Workload(
    name=NAME,
    question=f"how long does it take to compare two databases of {TABLES:,} tables?",
    rounds=3,
    prepare=_prepare,
    aims=(
        Aim("pipeline", "wall ratio", 1 / 4, against="migradiff"),
        Aim("pipeline", "wall ratio", 1 / 10, against="alembic"),
    ),
)
CONTENDERS = (Contender(NAME, "pipeline", _pipeline),)
