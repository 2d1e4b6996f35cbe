"""The ledger tables that we create are those of the real tools, and nobody else writes to them unnoticed."""

import pytest

from pipeline.errors import Refused
from pipeline.postgres.target import Target
from tests.support.sites import applied, ask, site, up

COLUMNS = """
select string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod),
                            case when attnotnull then 'not null' end, pg_get_expr(adbin, adrelid)), E'\n'
                  order by attnum)
  from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
 where attrelid = %s::regclass and attnum > 0
"""
INDEXES = "select pg_get_indexdef(indexrelid) from pg_index where indrelid = %s::regclass order by 1"
FLYWAY = """\
installed_rank integer not null
version character varying(50)
description character varying(200) not null
type character varying(20) not null
script character varying(1000) not null
checksum integer
installed_by character varying(100) not null
installed_on timestamp without time zone not null now()
execution_time integer not null
success boolean not null"""
PRISMA = """\
id character varying(36) not null
checksum character varying(64) not null
finished_at timestamp with time zone
migration_name character varying(255) not null
logs text
rolled_back_at timestamp with time zone
started_at timestamp with time zone not null now()
applied_steps_count integer not null 0"""
HISTORY = "public.flyway_schema_history"
TABLES = {
    "flyway": (
        "flyway_schema_history",
        FLYWAY,
        [
            f"CREATE INDEX flyway_schema_history_s_idx ON {HISTORY} USING btree (success)",
            f"CREATE UNIQUE INDEX flyway_schema_history_pk ON {HISTORY} USING btree (installed_rank)",
        ],
    ),
    "golang-migrate": (
        "schema_migrations",
        "version bigint not null\ndirty boolean not null",
        ["CREATE UNIQUE INDEX schema_migrations_pkey ON public.schema_migrations USING btree (version)"],
    ),
    "prisma": (
        "_prisma_migrations",
        PRISMA,
        ["CREATE UNIQUE INDEX _prisma_migrations_pkey ON public._prisma_migrations USING btree (id)"],
    ),
}
FOREIGN = {
    "flyway": "insert into flyway_schema_history values (2, '2', 'x', 'SQL', 'x', 1, 'other', now(), 1, true)",
    "golang-migrate": "update schema_migrations set version = 2",
    "prisma": "insert into _prisma_migrations (id, checksum, migration_name) values ('x', 'y', 'z')",
}


@pytest.mark.parametrize("format_name", TABLES)
def test_the_ledger_is_created_as_the_real_tool_would(
    owner: Target, database: Target, format_name: str
) -> None:
    table, columns, indexes = TABLES[format_name]
    up(owner, "1", "select 1", format_name)
    assert ask(database, COLUMNS, table) == [(columns,)]
    assert ask(database, INDEXES, table) == [(index,) for index in indexes]
    assert [success for _, success in applied(owner, format_name)] == [True]


@pytest.mark.parametrize("format_name", FOREIGN)
def test_a_ledger_that_somebody_else_wrote_to_is_refused(
    owner: Target, database: Target, format_name: str
) -> None:
    with site(owner, format_name) as at:
        at.up("1", "select 1")
        ask(database, FOREIGN[format_name])
        before = applied(owner, format_name)
        with pytest.raises(Refused, match="the ledger changed while we were at work"):
            at.up("3", "create table a (id int)")
        with pytest.raises(Refused, match="the ledger changed while we were at work"):
            at.up("4", "vacuum")
    assert ask(database, "select to_regclass('public.a') is null") == [(True,)]
    assert applied(owner, format_name) == before


def test_a_ledger_that_appears_after_we_looked_is_refused(owner: Target, database: Target) -> None:
    with site(owner) as at:
        up_by_another = "create table flyway_schema_history (installed_rank int, version text, success bool)"
        ask(database, f"{up_by_another}; grant all on flyway_schema_history to public")
        with pytest.raises(Refused, match="the ledger changed while we were at work"):
            at.up("1", "create table a (id int)")
    assert ask(database, "select to_regclass('public.a') is null") == [(True,)]


def test_a_ledger_that_vanishes_is_refused(owner: Target, database: Target) -> None:
    with site(owner) as at:
        at.up("1", "select 1")
        ask(database, "drop table flyway_schema_history")
        with pytest.raises(Refused, match="the ledger changed while we were at work"):
            at.up("2", "create table a (id int)")


def test_a_role_that_may_not_create_the_ledger_is_refused(owner: Target, database: Target) -> None:
    with site(owner) as at:
        ask(database, "alter schema public owner to postgres; revoke create on schema public from public")
        with pytest.raises(
            Refused, match=r"may not create the ledger public\.flyway_schema_history"
        ) as refusal:
            at.up("1", "select 1")
    assert refusal.value.why == "permission denied for schema public"
    assert "CREATE" in str(refusal.value.todo)
