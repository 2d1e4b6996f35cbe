"""Names that mean something elsewhere are only names: of schemas, tables, columns, roles and environments."""

from collections.abc import Sequence
from typing import cast

import pytest
import yaml
from psycopg import sql

from pipeline.postgres.target import Target
from tests.support.commands import pipeline
from tests.support.projects import SmallProject, ask, execute
from tests.support.servers import TestServer, as_superuser
from tests.support.sites import bystander

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

NAMES = (
    *('x"; drop table t; --', "x'; drop table t; --", "%s", "%(id)s", "$(id)", "`id`", "../../x", "é😀", "{t}"),
    *("a b", "x" * 63, "select", "\\", "$$", "<b>", "::set-output name=x::y", "a.b", "-1"),
)


def configure(small: SmallProject, schemas: Sequence[str], environment: str = "prod") -> None:
    """Write the project's file with other managed schemas, and prod under another name."""
    file = small.root / "environments.yaml"
    whole = cast("dict[str, dict[str, object]]", yaml.safe_load(file.read_text()))
    whole["migrations"]["schemas"] = list(schemas)
    whole["environments"][environment] = whole["environments"].pop("prod")
    file.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True))


def test_schemas_tables_and_columns_may_be_called_anything(small: SmallProject, database: Target) -> None:
    small.keep()
    execute(database, "create schema kept; create table kept.t (); grant usage on schema kept to public")
    execute(database, "grant select on kept.t to public")
    quoted = [sql.Identifier(name).as_string() for name in NAMES]
    tables = [f"create schema {name} create table {name} (id int primary key, {name} text);" for name in quoted]
    small.write("V1__make_them.sql", "\n".join(tables))
    small.write("U1__make_them.sql", "\n".join(f"drop schema {name} cascade;" for name in quoted))
    rows = [f"insert into {name}.{name} values (1, 'x');" for name in quoted]
    small.write("V2__fill_them.sql", "\n".join(rows))
    small.write("U2__fill_them.sql", "\n".join(f"delete from {name}.{name};" for name in quoted))
    configure(small, ["public", *NAMES])
    for verb in ("plan", "promote", "drift", "status", "backup"):
        ended = pipeline(small.root, small.environ, verb, "prod")
        assert ended.code == 0, ended.out + ended.err
    assert ask(database, "select count(*) from pg_catalog.pg_tables where tablename = 't'") == 1
    assert ask(database, "select count(*) from pg_catalog.pg_tables where tablename = schemaname") == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_environment_is_called_by_its_name_or_refused(small: SmallProject, name: str) -> None:
    configure(small, ["public"], name)
    ended = pipeline(small.root, small.environ, "status", "--", name)
    assert ended.code in {0, 64}, ended.out + ended.err
    assert "defect" not in ended.err
    assert sorted(path.name for path in small.root.parent.iterdir()) == ["project"]


def test_a_role_may_be_called_anything(small: SmallProject, server: TestServer, database: Target) -> None:
    owner = sql.Identifier(small.prod.resolve()["user"])
    small.keep("V1", "U1")
    for number, name in enumerate(NAMES[:4]):
        with as_superuser(server) as connection:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(name)))
            connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(name), owner))
        quoted = sql.Identifier(name).as_string()
        small.write(f"V{number + 2}__grant.sql", f"grant select on people to {quoted};\n")
        small.write(f"U{number + 2}__grant.sql", f"revoke select on people from {quoted};\n")
    ended = pipeline(small.root, small.environ, "promote", "prod")
    with bystander(database) as connection:
        for name in NAMES[:4]:
            connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))
    assert ended.code == 0, ended.out + ended.err
