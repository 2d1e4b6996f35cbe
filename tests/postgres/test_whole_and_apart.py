"""The server judges the splitter: a script means the same sent whole and statement by statement."""

import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, assume, given, settings
from psycopg import Connection
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn

from pipeline.postgres.target import Target
from pipeline.sql.split import UnreadableSql, split
from tests.support.scripts import SETUP, Part, damaged, parts, whole, without_data
from tests.support.sites import bystander
from tests.support.torture import at_depth

pytestmark = [pytest.mark.acceptance("AT-19"), pytest.mark.timeout(1200)]

Answers = list[str]
"""What the server said: a command tag for each statement, and the SQLSTATE of the error that ended it."""

one_session = [HealthCheck.function_scoped_fixture]
COMMENT_IN_A_STRING = re.compile(r"'\s*--[^\n\r]*[\n\r](\s|--[^\n\r]*[\n\r])*'")
"""Between the parts of one string; the server takes it, and our grammar refuses it, which does no harm."""
many = settings(max_examples=at_depth(200, 10_000), deadline=None, suppress_health_check=one_session)


@pytest.fixture
def talking(database: Target) -> Generator[Connection[tuple[object, ...]]]:
    """A session in a database where the scripts' tables are."""
    with bystander(database) as connection:
        connection.execute(SETUP.encode())
        yield connection


@many
@given(parts)
def test_every_script_means_the_same_whole_and_apart(
    talking: Connection[tuple[object, ...]], parts: Sequence[Part]
) -> None:
    sent_whole = in_one_go(talking.pgconn, without_data(parts), [one.data for one in parts])
    found = [(one.text, one.data.text if one.data else None) for one in split(whole(parts))]
    assert one_by_one(talking.pgconn, found) == sent_whole
    assert len(found) == len(parts)


@many
@pytest.mark.parametrize("server", [18], indirect=True)
@given(damaged)
def test_a_damaged_script_is_refused_by_both_or_means_the_same(
    talking: Connection[tuple[object, ...]], script: str
) -> None:
    assume(not COMMENT_IN_A_STRING.search(script))
    sent_whole = in_one_go(talking.pgconn, script, [])
    try:
        found = split(script)
    except UnreadableSql:
        assert len(sent_whole) == 1
        assert sent_whole[0].startswith(("42", "22"))
    else:
        assert one_by_one(talking.pgconn, [(one.text, None) for one in found]) == sent_whole


def in_one_go(pgconn: PGconn, script: str, fed: Sequence[str | None]) -> Answers:
    """What a server says to the text as a whole."""
    with rolled_back(pgconn):
        return answers(pgconn, script, [one for one in fed if one is not None])


def one_by_one(pgconn: PGconn, statements: Iterable[tuple[str, str | None]]) -> Answers:
    """What a server says to statements; the first error is the last answer."""
    said: Answers = []
    with rolled_back(pgconn):
        for text, data in statements:
            said += answers(pgconn, text, [data] if data is not None else [])
            if pgconn.transaction_status == TransactionStatus.INERROR:
                break
    return said


def answers(pgconn: PGconn, text: str, fed: Sequence[str]) -> Answers:
    said: Answers = []
    waiting = iter(fed)
    pgconn.send_query(text.encode())
    while (result := pgconn.get_result()) is not None:
        match result.status:
            case ExecStatus.COPY_IN:
                pgconn.put_copy_data(next(waiting).encode())
                pgconn.put_copy_end()
            case ExecStatus.EMPTY_QUERY:
                pass
            case ExecStatus.FATAL_ERROR:
                said.append((result.error_field(ord("C")) or b"").decode())
            case _:
                said.append((result.command_status or b"").decode())
    return said


@contextmanager
def rolled_back(pgconn: PGconn) -> Generator[None]:
    """A transaction that leaves nothing, whatever a script does to it."""
    pgconn.exec_(b"begin; set local statement_timeout = '10s'")
    try:
        yield
    finally:
        pgconn.exec_(b"rollback; reset all; deallocate all")
