"""Names of statements, and which of them cannot run in a transaction."""

import pytest

from pipeline.sql.split import split
from pipeline.sql.statements import Detach, IndexBuild, IndexDrop, Outcome, Reindex, Repeatable, Unknown

KINDS = {
    "create table t ()": "CREATE TABLE",
    "create table t as select 1": "CREATE TABLE AS",
    "create materialized view v as select 1": "CREATE MATERIALIZED VIEW",
    "create view v as select 1": "CREATE VIEW",
    "create unique index on t (a)": "CREATE INDEX",
    "create type e as enum ('a')": "CREATE TYPE",
    "create type c as (a int)": "CREATE TYPE",
    "create extension hstore": "CREATE EXTENSION",
    "create trigger t after insert on t execute function f()": "CREATE TRIGGER",
    "create procedure p() language sql as ''": "CREATE PROCEDURE",
    "create function f() returns int language sql as ''": "CREATE FUNCTION",
    "create aggregate a (int) (sfunc = f, stype = int)": "CREATE AGGREGATE",
    "alter table t add a int": "ALTER TABLE",
    "alter index i rename to j": "ALTER INDEX",
    "alter table t rename a to b": "ALTER TABLE",
    "alter table t rename constraint a to b": "ALTER TABLE",
    "alter type c rename attribute a to b": "ALTER TYPE",
    "alter type e add value 'x'": "ALTER TYPE",
    "alter table t set schema s": "ALTER TABLE",
    "alter function f() owner to me": "ALTER FUNCTION",
    "drop materialized view v": "DROP MATERIALIZED VIEW",
    "drop table t": "DROP TABLE",
    "grant select on t to me": "GRANT",
    "revoke select on t from me": "REVOKE",
    "comment on table t is 'x'": "COMMENT",
    "set lock_timeout = 1": "SET",
    "reset all": "RESET",
    "do ''": "DO",
    "call p()": "CALL",
    "begin": "BEGIN",
    "start transaction": "START TRANSACTION",
    "commit": "COMMIT",
    "end": "COMMIT",
    "abort": "ROLLBACK",
    "savepoint s": "SAVEPOINT",
    "rollback to s": "ROLLBACK TO SAVEPOINT",
    "prepare transaction 'x'": "PREPARE TRANSACTION",
    "analyze t": "ANALYZE",
    "refresh materialized view concurrently v": "REFRESH MATERIALIZED VIEW",
    "with a as (select 1) update t set b = 1": "UPDATE",
    "merge into t using s on true when matched then delete": "MERGE",
    "create database d": "CREATE DATABASE",
    "discard temp": "DISCARD TEMP",
}

OUTCOMES: dict[str, Outcome] = {
    "create index concurrently i on s.t (a)": IndexBuild("s", "i", "s", "t"),
    'create unique index concurrently if not exists "I x" on t (a)': IndexBuild(
        None, "I x", None, "t", if_not_exists=True
    ),
    "create index concurrently on t (a)": Unknown("CREATE INDEX CONCURRENTLY without a name"),
    "drop index concurrently s.i": IndexDrop("s", "i"),
    "drop index concurrently if exists i": IndexDrop(None, "i", if_exists=True),
    "drop index concurrently i, j": Unknown("DROP INDEX CONCURRENTLY of several indexes"),
    "reindex index concurrently i": Reindex(None, "i"),
    "reindex (concurrently, verbose) table s.t": Reindex("s", "t"),
    "reindex (concurrently true) table t": Reindex(None, "t"),
    "reindex schema s": Repeatable("REINDEX SCHEMA"),
    "reindex schema concurrently s": Unknown("REINDEX SCHEMA CONCURRENTLY"),
    "reindex database d": Repeatable("REINDEX DATABASE"),
    "reindex system d": Repeatable("REINDEX SYSTEM"),
    "vacuum": Repeatable("VACUUM"),
    "vacuum (analyze) t": Repeatable("VACUUM"),
    "cluster": Repeatable("CLUSTER of all tables"),
    "discard all": Unknown("DISCARD ALL"),
    "create database d": Unknown("CREATE DATABASE"),
    "drop database d": Unknown("DROP DATABASE"),
    "alter database d set tablespace s": Unknown("ALTER DATABASE … SET TABLESPACE"),
    "create tablespace s location '/x'": Unknown("CREATE TABLESPACE"),
    "drop tablespace s": Unknown("DROP TABLESPACE"),
    "alter system set a = 1": Unknown("ALTER SYSTEM"),
    "alter table t detach partition p concurrently": Detach(None, "t", None, "p"),
    "alter table s.t detach partition q.p concurrently": Detach("s", "t", "q", "p"),
    "create subscription s connection '' publication p": Unknown("CREATE SUBSCRIPTION with a replication slot"),
    "drop subscription s": Unknown("DROP SUBSCRIPTION"),
    "alter subscription s refresh publication": Unknown("ALTER SUBSCRIPTION … REFRESH PUBLICATION"),
    "alter subscription s set publication p": Unknown("ALTER SUBSCRIPTION … PUBLICATION with a refresh"),
    "alter subscription s set (failover = true)": Unknown("ALTER SUBSCRIPTION … SET (failover or two_phase)"),
    "commit prepared 'x'": Unknown("COMMIT PREPARED"),
    "rollback prepared 'x'": Unknown("ROLLBACK PREPARED"),
}

TRANSACTIONAL = (
    "create index i on t (a)",
    "drop index i",
    "reindex table t",
    "reindex (concurrently false) table t",
    "analyze",
    "cluster t using i",
    "discard plans",
    "alter type e add value 'x'",
    "alter database d set work_mem = '1MB'",
    "alter database d connection limit 5",
    "alter table t detach partition p",
    "alter table t detach partition p finalize",
    "create subscription s connection '' publication p with (create_slot = false)",
    "create subscription s connection '' publication p with (connect = off)",
    "alter subscription s set publication p with (refresh = false)",
    "alter subscription s disable",
    "refresh materialized view concurrently v",
    "prepare transaction 'x'",
    "begin",
)


@pytest.mark.parametrize(("sql", "kind"), KINDS.items())
def test_a_statement_is_called_as_postgresql_calls_it(sql: str, kind: str) -> None:
    assert [statement.kind for statement in split(sql)] == [kind]


@pytest.mark.parametrize(("sql", "outcome"), OUTCOMES.items())
def test_a_statement_that_no_transaction_may_hold_says_how_its_work_shows(sql: str, outcome: Outcome) -> None:
    (statement,) = split(sql)
    assert statement.outcome == outcome
    assert not statement.transactional


@pytest.mark.parametrize("sql", TRANSACTIONAL)
def test_what_may_run_in_a_transaction_has_no_outcome_to_look_up(sql: str) -> None:
    assert split(sql)[0].transactional


@pytest.mark.parametrize(
    ("sql", "online"),
    [
        ("alter table t validate constraint c", True),
        ("alter table t validate constraint c, validate constraint d", True),
        ("alter table t validate constraint c, add column d int", False),
        ("refresh materialized view concurrently v", True),
        ("refresh materialized view v", False),
        ("select 1", False),
    ],
)
def test_what_reads_a_whole_table_while_others_write_says_so(sql: str, online: bool) -> None:
    assert [statement.online for statement in split(sql)] == [online]
