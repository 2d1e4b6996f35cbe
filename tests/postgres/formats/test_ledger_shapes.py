"""The table that ``create`` makes is the real tool's to the last name, wherever it lies."""

import pytest
from psycopg import sql

from tests.postgres.formats.places import Kept

FLYWAY = [
    ("installed_rank", "integer", True, None),
    ("version", "character varying(50)", False, None),
    ("description", "character varying(200)", True, None),
    ("type", "character varying(20)", True, None),
    ("script", "character varying(1000)", True, None),
    ("checksum", "integer", False, None),
    ("installed_by", "character varying(100)", True, None),
    ("installed_on", "timestamp without time zone", True, "now()"),
    ("execution_time", "integer", True, None),
    ("success", "boolean", True, None),
]
PRISMA = [
    ("id", "character varying(36)", True, None),
    ("checksum", "character varying(64)", True, None),
    ("finished_at", "timestamp with time zone", False, None),
    ("migration_name", "character varying(255)", True, None),
    ("logs", "text", False, None),
    ("rolled_back_at", "timestamp with time zone", False, None),
    ("started_at", "timestamp with time zone", True, "now()"),
    ("applied_steps_count", "integer", True, "0"),
]
GOLANG = [("version", "bigint", True, None), ("dirty", "boolean", True, None)]
COLUMNS = {"flyway": FLYWAY, "prisma": PRISMA, "golang-migrate": GOLANG}
INDEXES = {
    "flyway": [("{}_pk", "installed_rank", True), ("{}_s_idx", "success", False)],
    "prisma": [("{}_pkey", "id", True)],
    "golang-migrate": [("{}_pkey", "version", True)],
}
TABLE = """
select c.oid, pg_catalog.pg_get_userbyid(c.relowner) = current_user, c.relpersistence, c.reltablespace
  from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname = %s and c.relname = %s and c.relkind = 'r'
"""
ASK_COLUMNS = """
select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid)
  from pg_catalog.pg_attribute as a
  left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attrelid = %s and a.attnum > 0 order by a.attnum
"""
ASK_INDEXES = """
select c.relname, pg_catalog.pg_get_indexdef(i.indexrelid, 1, false), i.indisprimary
  from pg_catalog.pg_index as i join pg_catalog.pg_class as c on c.oid = i.indexrelid
 where i.indrelid = %s and i.indnatts = 1 order by i.indisprimary desc
"""
OTHERS = """
select count(*) from pg_catalog.pg_constraint where conrelid = %s and contype not in ('p', 'n')
"""


@pytest.fixture
def table(here: Kept) -> int:
    """The number of the table that was created; the role owns it, and it lies where tables lie."""
    here.create()
    ((oid, *facts),) = here.session.connection.execute(TABLE, here.place.ledger.table).fetchall()
    assert facts == [True, "p", 0]
    return int(oid)


def test_its_columns_are_the_real_tools(here: Kept, table: int) -> None:
    found = here.session.connection.execute(ASK_COLUMNS, [table]).fetchall()
    assert found == COLUMNS[here.place.format_name]


def test_its_key_and_its_indexes_have_the_real_tools_names(here: Kept, table: int) -> None:
    found = here.session.connection.execute(ASK_INDEXES, [table]).fetchall()
    name = here.place.ledger.table[1]
    assert found == [
        (index.format(name), column, key) for index, column, key in INDEXES[here.place.format_name]
    ]
    assert here.session.connection.execute(OTHERS, [table]).fetchone() == (0,)


def test_it_is_empty_and_there_only_once_it_was_created(here: Kept) -> None:
    assert (here.history().exists, here.head()) == (False, ())
    here.create()
    assert (here.history().exists, here.history().rows, here.rows()) == (True, (), [])


def test_a_view_of_that_name_is_no_ledger(here: Kept) -> None:
    view = sql.SQL("create view {} as select 1 as one").format(sql.Identifier(*here.place.ledger.table))
    here.session.connection.execute(view)
    assert not here.history().exists
