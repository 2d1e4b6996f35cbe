"""A session is ours or there is none, and no message says the password."""

import traceback
from collections.abc import Mapping

import pytest
from psycopg.abc import PQGen
from psycopg.pq.abc import PGconn

from pipeline.errors import PipelineError, Unavailable
from pipeline.postgres.connect import Line, connected, without_secrets
from pipeline.postgres.target import Target
from tests.support.sites import ask

CANARY = "C4n@ry/%zz ' \\x"
FORMS = (CANARY, "C4n%40ry%2F%25zz%20%27%20%5Cx", "C4n%40ry/%25zz%20%27%20%5Cx", "C4n@ry/%zz \\' \\\\x")


def refusal(parameters: Mapping[str, str]) -> PipelineError:
    with pytest.raises(PipelineError) as error, connected(Target("prod", lambda: parameters)):
        pass
    return error.value


WRONG: Mapping[str, Mapping[str, str]] = {
    "no server": {"host": "/nowhere", "dbname": "shop"},
    "nobody listens": {"host": "127.0.0.1", "port": "1", "dbname": "shop"},
    "no such port": {"host": "/nowhere", "port": CANARY},
    "no such option": {"host": "/nowhere", "colour": "red"},
    "a value that libpq repeats": {"host": "/nowhere", "sslmode": CANARY},
    "another that it repeats": {"host": "/nowhere", "target_session_attrs": CANARY},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_reached_is_unavailable_and_the_password_masked(case: str) -> None:
    error = refusal({"password": CANARY, **WRONG[case]})
    assert isinstance(error, Unavailable)
    assert error.what.startswith("cannot connect to prod (local/" if case != "nobody listens" else "cannot")
    told = "\n".join([*traceback.format_exception(error), error.what, str(error.why), str(error.todo)])
    assert not [form for form in FORMS if form in told]
    assert (error.__cause__, error.__context__) == (None, None)


@pytest.mark.parametrize("form", FORMS)
def test_every_spelling_of_a_password_is_masked(form: str) -> None:
    text = f'invalid URI "postgresql://a:{form}@h/x"'
    assert without_secrets(text, {"password": CANARY}) == 'invalid URI "postgresql://a:***@h/x"'
    assert without_secrets(text, {"sslpassword": CANARY}) == 'invalid URI "postgresql://a:***@h/x"'


def test_an_empty_password_masks_nothing() -> None:
    assert without_secrets("as it is ", {"password": ""}) == "as it is"


def test_no_such_database_is_unavailable_with_the_servers_words(database: Target) -> None:
    error = refusal({**database.resolve(), "dbname": "nowhere", "password": CANARY})
    assert isinstance(error, Unavailable)
    assert 'database "nowhere" does not exist' in str(error.why)


def test_credentials_are_resolved_anew_at_each_connect(database: Target) -> None:
    asked: list[int] = []
    target = Target("prod", lambda: asked.append(1) or database.resolve())
    for _ in range(2):
        with connected(target):
            pass
    assert len(asked) == 2


def test_a_session_tells_its_purpose_and_ends_with_its_block(database: Target) -> None:
    with connected(database, purpose="pipeline prod r1") as session:
        pid = session.connection.info.backend_pid
        query = "select application_name from pg_stat_activity where pid = %s"
        assert ask(database, query, pid) == [("pipeline prod r1",)]
        assert session.major == int(str(ask(database, "show server_version_num")[0][0])) // 10000
    assert session.connection.closed


def test_the_path_of_a_project_begins_with_its_schemas(database: Target) -> None:
    with connected(database) as session:
        assert session.path_for(["a", 'b"c']) == '"a", "b""c", "$user", public'


@pytest.mark.parametrize("within", [False, True])
def test_interrupted_as_it_is_sent_a_command_is_ended_and_the_line_can_be_used(
    database: Target, within: bool
) -> None:
    """A signal comes between two instructions: that between sending and waiting is met on purpose here."""

    def sent(pgconn: PGconn) -> PQGen[None]:
        yield from ()
        pgconn.send_query(b"select pg_sleep(3600)")
        raise KeyboardInterrupt

    with connected(database) as session:
        if within:
            session.connection.execute("begin")
        with pytest.raises(KeyboardInterrupt):
            session.connection.wait(sent(session.connection.pgconn))
        session.connection.execute("rollback")
        assert session.connection.execute("select 1").fetchone() == (1,)


def test_interrupted_while_data_is_sent_the_copy_is_ended_and_the_line_can_be_used(database: Target) -> None:
    def interrupted() -> PQGen[None]:
        yield from ()
        raise KeyboardInterrupt

    def feed(connection: Line) -> None:
        with connection.cursor().copy("copy public.a from stdin") as copy:
            copy.write("1\n")
            connection.wait(interrupted())

    with connected(database) as session:
        session.connection.execute("create table public.a (n int)")
        with pytest.raises(KeyboardInterrupt):
            feed(session.connection)
        assert session.connection.execute("select count(*) from public.a").fetchone() == (0,)
