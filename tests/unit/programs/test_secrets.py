import pytest

from pipeline.errors import Unavailable
from pipeline.programs.pg_dump import environment
from pipeline.programs.run import lean, masked


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("FATAL: password is hunter2", "FATAL: password is ****"),
        ("postgres://me:other@db1/shop", "postgres://me:****@db1/shop"),
        ("host=db1 password='a b' user=me", "host=db1 password=**** user=me"),
        ("nothing secret", "nothing secret"),
    ],
)
def test_what_a_program_says_is_shown_without_secrets(said: str, shown: str) -> None:
    assert masked(said, {"PGPASSWORD": "hunter2", "PATH": "/bin"}) == shown


def test_a_program_sees_little_of_our_environment() -> None:
    given = {"PATH": "/bin", "HOME": "/nowhere", "PROD_DATABASE_URL": "canary", "PGPASSWORD": "canary"}
    assert lean(given, X="1") == {"PATH": "/bin", "HOME": "/nowhere", "LC_ALL": "C", "X": "1"}


def test_where_to_connect_travels_in_libpqs_own_variables_and_no_foreign_ones() -> None:
    parameters = {"host": "db1", "dbname": "shop", "password": "canary", "keepalives": "1"}
    seen = environment(parameters, {"PGHOST": "elsewhere", "PGSERVICE": "other", "PATH": "/bin"})
    assert {name: value for name, value in seen.items() if name.startswith("PG")} == {
        "PGHOST": "db1",
        "PGDATABASE": "shop",
        "PGPASSWORD": "canary",
    }


def test_a_parameter_that_no_variable_carries_is_an_error_and_not_left_out() -> None:
    with pytest.raises(Unavailable, match="sslpassword") as caught:
        environment({"host": "db1", "sslpassword": "canary"}, {})
    assert "canary" not in f"{caught.value} {caught.value.why}"
