"""Others in the same database, and files from strangers: what they left for us to run is not run."""

from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from pipeline.postgres.target import Target
from tests.support.commands import pipeline
from tests.support.projects import SmallProject, ask, execute
from tests.support.servers import TestServer, as_superuser

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

TRAP = """
create function {schema}.{name}({types}) returns {returns} language plpgsql as $$ begin
    if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        execute 'alter role mallory superuser';
    end if;
    insert into traps.sprung values (current_user, '{name}({types})');
    return {value};
end $$;
grant execute on function {schema}.{name}({types}) to public;
"""
TRAPS = (
    ("lower", "varchar", "text", "$1::text"),
    ("md5", "varchar", "text", "'x'"),
    ("set_config", "varchar, text, bool", "text", "$2"),
    ("current_setting", "varchar", "text", "'x'"),
    ("pg_try_advisory_lock", "int", "bool", "true"),
    ("count", "text", "bigint", "0"),
    ("concat", "text, text", "text", "''"),
    ("format", "text, text", "text", "''"),
    ("to_regclass", "varchar", "regclass", "null"),
    ("quote_ident", "varchar", "text", "'x'"),
)
OPERATOR = """
create function public.lie({type}, {type}) returns bool language plpgsql as $$ begin
    insert into traps.sprung values (current_user, 'operator {type}');
    return true;
end $$;
create operator public.= (leftarg = {type}, rightarg = {type}, function = public.lie);
"""


@pytest.fixture
def mallory(database: Target, server: TestServer) -> Generator[Target]:
    """Somebody who may create in ``public`` and log in."""
    with as_superuser(server) as connection:
        connection.execute("create role mallory login")
    execute(database, "grant create, usage on schema public to public")
    execute(database, "create schema traps; grant usage on schema traps to public")
    execute(database, "create table traps.sprung (who name, what text); grant all on traps.sprung to public")
    yield database.elsewhere(user="mallory")
    execute(database, "drop owned by mallory cascade; drop schema traps cascade")
    with as_superuser(server) as connection:
        connection.execute("drop role mallory")


def test_functions_and_operators_of_others_are_not_called_by_us(
    small: SmallProject, mallory: Target, database: Target
) -> None:
    for name, types, returns, value in TRAPS:
        execute(mallory, TRAP.format(schema="public", name=name, types=types, returns=returns, value=value))
    for kind in ("varchar", "name", '"char"'):
        execute(mallory, OPERATOR.format(type=kind))
    small.configure(prod={"drift": {"before": "warn"}})
    for verb in ("status", "plan", "drift", "backup", "promote"):
        ended = pipeline(small.root, small.environ, verb, "prod")
        assert ended.code in {0, 2, 3}, ended.out + ended.err
    assert ask(database, "select count(*) from traps.sprung where what not like 'lower%'") == 0
    assert ask(database, "select rolsuper from pg_catalog.pg_roles where rolname = 'mallory'") is False


HOSTILE = {
    "shell": "\\! touch {marker}\n",
    "shell after a statement": "select 1;\n\\! touch {marker}\n",
    "copy to a program, by psql": "\\copy (select 1) to program 'touch {marker}'\n",
    "copy to a program": "copy (select 1) to program 'touch {marker}';\n",
    "copy from a program": "create table t (a text); copy t from program 'touch {marker}; echo x';\n",
    "output to a program": "\\o | touch {marker}\nselect 1;\n",
    "a variable from a command": "\\set x `touch {marker}`\nselect 1;\n",
    "another file": "\\i {marker}\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_migration_starts_no_program_anywhere(small: SmallProject, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    marker = folder / "marker"
    small.write("V8__hostile.sql", text.format(marker=marker))
    ended = pipeline(small.root, small.environ, "promote", "prod")
    assert ended.code in {3, 6}, ended.out + ended.err
    assert not marker.exists()
    assert "V8__hostile.sql" in ended.out + ended.err
    with pytest.raises(psycopg.errors.UndefinedTable):
        execute(small.prod, "table t")
