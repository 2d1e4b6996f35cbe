"""A canary password never comes out: not in what is said, not in a file, not in the arguments of a child."""

import base64
import html
import json
import os
import shlex
import stat
from collections.abc import Generator, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from pipeline.postgres.target import Target
from tests.support.commands import Ended, pipeline
from tests.support.projects import URL, SmallProject
from tests.support.servers import TestServer, as_superuser

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

CANARY = "C4n@ry/%zz'\\ é"
FORMS = (
    CANARY,
    quote(CANARY, safe=""),
    quote(CANARY),
    base64.b64encode(CANARY.encode()).decode(),
    CANARY.replace("\\", "\\\\").replace("'", "\\'"),
    CANARY.encode("unicode_escape").decode(),
    json.dumps(CANARY)[1:-1],
    json.dumps(CANARY, ensure_ascii=False)[1:-1],
    repr(CANARY)[1:-1],
    html.escape(CANARY),
    base64.urlsafe_b64encode(CANARY.encode()).decode(),
    CANARY.encode().hex(),
    CANARY[:8],
    CANARY[-8:],
)


@pytest.fixture
def guarded(small: SmallProject, server: TestServer, owner: Target) -> Generator[SmallProject]:
    """The small project on a server that asks its migration role for a password, the canary."""
    where = owner.resolve()
    role = where["user"]
    with as_superuser(server) as connection:
        literal, name = sql.Literal(CANARY), sql.Identifier(role)
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, literal))
        hba = Path(server.home) / "data" / "pg_hba.conf"
        before = hba.read_text()
        hba.write_text(f"local all {role} scram-sha-256\n{before}")
        connection.execute("SELECT pg_reload_conf()")
        small.environ[URL] = url(role, CANARY, where)
        yield small
        hba.write_text(before)
        connection.execute("SELECT pg_reload_conf()")


def url(role: str, password: str, where: Mapping[str, str]) -> str:
    host, database = where["host"], where["dbname"]
    return f"postgresql://{role}:{quote(password, safe='')}@/{database}?host={quote(host)}&port=5432"


def must_be_silent(ended: Ended, root: Path) -> None:
    """No form of the canary in what was said or written."""
    texts = {"stdout": ended.out, "stderr": ended.err}
    for file in root.rglob("*"):
        if file.is_file() and not file.is_symlink() and "templates" not in file.parts:
            texts[str(file)] = file.read_bytes().decode("utf-8", "replace")
    for place, text in texts.items():
        assert not [form for form in FORMS if form in text], place


@pytest.mark.parametrize("form", ["text", "json"])
def test_not_by_a_promotion_that_succeeds(guarded: SmallProject, form: str) -> None:
    ended = pipeline(guarded.root, guarded.environ, "promote", "prod", "--verbose", "--format", form)
    assert ended.code == 0, ended.err
    must_be_silent(ended, guarded.root)


@pytest.mark.parametrize("verb", ["status", "plan", "drift", "backup", "doctor", "lint"])
def test_not_by_another_verb(guarded: SmallProject, verb: str) -> None:
    names = [] if verb == "lint" else ["prod"]
    ended = pipeline(guarded.root, guarded.environ, verb, *names, "--verbose")
    assert ended.code == 0, ended.err
    must_be_silent(ended, guarded.root)


def test_not_by_the_configuration(guarded: SmallProject) -> None:
    for form in ("text", "json"):
        must_be_silent(
            pipeline(guarded.root, guarded.environ, "config", "show", "--format", form), guarded.root
        )


def test_a_wrong_password_is_not_repeated(guarded: SmallProject, owner: Target) -> None:
    with as_superuser_of(guarded) as connection:
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD 'another'").format(sql.Identifier(owner.resolve()["user"]))
        )
    for form in ("text", "json"):
        ended = pipeline(guarded.root, guarded.environ, "promote", "prod", "--verbose", "--format", form)
        assert ended.code == 69
        assert "password authentication failed" in ended.out + ended.err
        must_be_silent(ended, guarded.root)


def test_not_by_a_promotion_that_fails_on_the_way(guarded: SmallProject) -> None:
    guarded.write("V8__fails.sql", "select 1 / 0;\n")
    for more in ((), ("--format", "json")):
        ended = pipeline(guarded.root, guarded.environ, "promote", "prod", "--verbose", *more)
        assert ended.code in {3, 6}
        must_be_silent(ended, guarded.root)


def test_not_by_a_connection_that_is_cut_or_takes_too_long(guarded: SmallProject) -> None:
    guarded.write("V8__cut.sql", "select pg_terminate_backend(pg_backend_pid());\n")
    guarded.write("V9__slow.sql", "select pg_sleep(60);\n")
    guarded.configure(prod={"protected": False, "requires": [], "limits": {"statement": "1s"}})
    for _ in range(2):
        ended = pipeline(guarded.root, guarded.environ, "migrate", "prod", "--verbose")
        assert ended.code not in {0, 1}, ended.err
        must_be_silent(ended, guarded.root)
        (guarded.migrations / "V8__cut.sql").unlink(missing_ok=True)


def as_superuser_of(small: SmallProject) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(autocommit=True, **small.admin.resolve())  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("postgresql://me:{}@127.0.0.1:1/shop", 69),
        ("postgresql://me:{}@nowhere.invalid/shop", 69),
        ("postgresql://me:{}@[::1/shop", 64),
        ("postgresql:/me:{}@host/shop", 64),
        ("postgresql+asyncpg://me:{}@host/shop", 64),
        ("mysql://me:{}@host/shop", 64),
        ("postgresql://me:{}@host/shop?pool_timeout=1", 64),
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_an_address_that_leads_nowhere_is_not_repeated(
    small: SmallProject, template: str, code: int, *, escaped: bool
) -> None:
    small.environ[URL] = template.format(quote(CANARY, safe="") if escaped else CANARY)
    ended = pipeline(small.root, small.environ, "promote", "prod", "--verbose")
    assert ended.code == code if escaped else ended.code in (64, 69)
    assert "defect" not in ended.err
    must_be_silent(ended, small.root)


def test_a_server_elsewhere_without_encryption_is_refused_before_it_is_asked(small: SmallProject) -> None:
    small.environ[URL] = "postgresql://me@203.0.113.1/shop?sslmode=prefer&connect_timeout=60"
    ended = pipeline(small.root, small.environ, "promote", "prod")
    assert ended.code in (3, 64)
    assert "sslmode" in ended.out + ended.err


def test_no_child_is_told_the_password_in_its_arguments(guarded: SmallProject, server: TestServer) -> None:
    log, folder = guarded.root / "argv.log", guarded.root / "bin"
    folder.mkdir()
    for program in ("pg_dump", "pg_restore", "pg_config", "postgres", "initdb", "pg_resetwal"):
        wrapper = folder / program
        real = shlex.quote(str(server.installation.bindir / program))
        wrapper.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "{program}" "$@" >> {shlex.quote(str(log))}\nexec {real} "$@"\n'
        )
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    environ = {**guarded.environ, "PIPELINE_PG_BINDIR": str(folder), "PATH": os.environ["PATH"]}
    ended = pipeline(guarded.root, environ, "promote", "prod")
    assert ended.code == 0, ended.err
    assert "pg_dump\n" in log.read_text()
    must_be_silent(ended, guarded.root)
