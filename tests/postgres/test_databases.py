"""A database in the likeness of another: owner, encoding, locale, whatever the server's own default is."""

from collections.abc import Generator
from datetime import timedelta
from uuid import uuid4

import pytest

from pipeline.postgres.connect import connected
from pipeline.postgres.databases import analyze, create_like
from pipeline.postgres.identity import Identity, identify
from pipeline.postgres.target import Target
from tests.support.servers import TestServer, drop_database
from tests.support.sites import ask


@pytest.fixture
def name(server: TestServer) -> Generator[str]:
    made = f'li"ke {uuid4().hex[:8]}'
    yield made
    drop_database(server, made)


def likeness(owner: Target, database: Target, name: str, **changes: str | None) -> tuple[Identity, Identity]:
    """What was wanted and what was made."""
    with connected(owner) as session:
        wanted = identify(session)._replace(database=name, **changes)
    with connected(database) as session:
        create_like(session, wanted, name)
    with connected(database.elsewhere(dbname=name)) as session:
        return wanted, identify(session)


LOOKS = ("database", "owner", "encoding", "collate", "ctype", "locale_provider", "locale")


def looks(identity: Identity) -> dict[str, object]:
    return {look: getattr(identity, look) for look in LOOKS}


def test_a_database_of_the_same_kind_looks_the_same(owner: Target, database: Target, name: str) -> None:
    wanted, made = likeness(owner, database, name)
    assert looks(made) == looks(wanted)


@pytest.mark.parametrize("encoding", ["UTF8", "LATIN1"])
def test_a_locale_of_the_c_library_is_kept_where_another_is_the_default(
    owner: Target, database: Target, name: str, encoding: str
) -> None:
    changes = {"locale_provider": "c", "locale": None, "collate": "C", "ctype": "C", "encoding": encoding}
    wanted, made = likeness(owner, database, name, **changes)
    assert looks(made) == looks(wanted)


CONFIGURE = "select setting from pg_config where name = 'CONFIGURE'"


def knows(database: Target, major: int, provider: str) -> bool:
    """Whether a server of this major was built with a locale provider."""
    [(configured,)] = ask(database, CONFIGURE)
    with_icu = "--with-icu" in str(configured) or (major > 15 and "--without-icu" not in str(configured))
    return with_icu if provider == "i" else major > 16


@pytest.mark.parametrize("look", [("i", "und"), ("b", "C.UTF-8")])
def test_a_locale_of_another_provider_is_kept(
    owner: Target, database: Target, server: TestServer, name: str, look: tuple[str, str]
) -> None:
    provider, locale = look
    if not knows(database, server.major, provider):
        pytest.skip("this server was built without it")
    wanted, made = likeness(owner, database, name, locale_provider=provider, locale=locale)
    assert looks(made) == looks(wanted)


def test_analyze_gives_the_planner_its_statistics(database: Target) -> None:
    ask(database, "create table a (id int); insert into a select generate_series(1, 500)")
    with connected(database) as session:
        analyze(session, deadline=timedelta(minutes=1))
        assert session.connection.execute("show statement_timeout").fetchone() == ("0",)
    assert ask(database, "select reltuples::int from pg_class where relname = 'a'") == [(500,)]
