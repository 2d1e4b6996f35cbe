"""Database URLs: what they become, what is refused, and that no refusal repeats them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.connection import parameters_of, secured, url_reference
from pipeline.errors import ConfigurationError, ExitCode, PipelineError, Refused

ROOT = Path("/project")
CANARY = "S3cret"


def nothing(*_: object) -> tuple[int, bytes]:
    raise AssertionError("no command is run here")


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        ("postgres://h/d", {"host": "h", "dbname": "d"}),
        ("postgresql://u@h:5433/d", {"user": "u", "host": "h", "port": "5433", "dbname": "d"}),
        ("postgresql://u:p%40%2F%25@h/d", {"user": "u", "password": "p@/%", "host": "h", "dbname": "d"}),
        ("postgresql://[::1]:5433/d", {"host": "::1", "port": "5433", "dbname": "d"}),
        ("postgresql:///d?host=/run/pg&user=u", {"host": "/run/pg", "user": "u", "dbname": "d"}),
        ("postgresql://%2Frun%2Fpg/d", {"host": "/run/pg", "dbname": "d"}),
        ("postgresql://h?dbname=d", {"host": "h", "dbname": "d"}),
        ("postgresql://a,b:2/d", {"host": "a,b", "port": ",2", "dbname": "d"}),
        ("postgresql://h/d?sslmode=verify-full&options=-c%20x%3D1", None),
    ],
)
def test_a_url_becomes_parameters(url: str, parameters: dict[str, str] | None) -> None:
    expected = parameters or {"host": "h", "dbname": "d", "sslmode": "verify-full", "options": "-c x=1"}
    assert parameters_of(url) == expected


@pytest.mark.parametrize("url", ["postgresql:///d", "postgresql://h", "postgresql://h/", "postgresql://a,/d"])
def test_a_url_without_host_and_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="does not name"):
        parameters_of(url, "environments.yaml:8:5")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:/a:S3cret@h/x",
        "postgresql://a:S3cret%zz@h/x",
        "postgresql+asyncpg://a:S3cret@h/x",
        "mysql://a:S3cret@h/x",
        "host=h password=S3cret dbname=x",
        "postgresql://a:S3cret/y@h/x",
        "postgresql://a:S3cret?y@h/x",
        "postgresql://a:S3cret@y@h/x",
        "postgresql://a:S3cret:y@h/x",
        "postgresql://a:5432/S3cret@h/x",
        "postgresql://a:S3cret@h:port/x",
        "postgresql://a:S3cret@h:99999/x",
        "postgresql://a:S3cret@[::1/x",
        "postgresql://a:S3cret@h/x?S3cret=1",
        "postgresql://a:S3cret@h/x?S3cret",
        "postgresql://a:S3cret@h/x?password=S3cret",
        "postgresql://a:S3cret@h/x?sslmode=S3cret",
        "postgresql://a:S3cret@h/x?schema=S3cret",
        "postgresql://a:S3cret%00@h/x",
        "postgresql://a:S3cret%ff@h/x",
        "postgresql://a:S3 cret@h/x",
        "postgresql://a:S3cret@h/x\nS3cret",
        "postgresql://a:S3cret@",
        "S3cret",
        "",
    ],
)
def test_a_malformed_url_is_refused_without_a_word_of_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parameters_of(url, "environments.yaml:8:5")
    error = caught.value
    assert CANARY not in f"{error} {error!r} {error.where} {error.why} {error.todo}"
    assert error.where == "environments.yaml:8:5"
    assert error.todo


@given(st.text(), st.sampled_from(["", "postgresql://", "postgresql://a:", "postgresql://a@h/d?user="]))
def test_any_text_is_a_url_or_refused_without_echo(text: str, before: str) -> None:
    assert CANARY not in refusal(f"{before}{CANARY}{text}")


def refusal(url: str) -> str:
    try:
        parameters_of(url)
    except ConfigurationError as error:
        return f"{error} {error!r} {error.where} {error.why} {error.todo}"
    return "none"


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://app:S3cret@h/x",
        "postgresql://app:S3cret${X}@h/x",
        "postgresql://app:${X}S3cret@h/x",
        "postgresql:/app:S3cret@${HOST}/x",
        "postgresql://app:S3cret/y@${HOST}/x",
        "postgresql://app@h/x?password=S3cret",
        "postgresql://app@h/x?user=a&PASSWORD=S3cret",
        "${SCHEME}://app:S3cret@h/x",
        "command:echo postgresql://app:S3cret@h/x",
        "S3cret",
    ],
)
def test_a_password_in_the_file_is_refused_without_echo(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        url_reference(text)
    assert CANARY not in f"{caught.value} {caught.value.why} {caught.value.todo}"


@pytest.mark.parametrize(
    "text",
    [
        *("${URL}", "file:/run/secrets/url", "command:vault read url", "postgresql://app@h/x", "${BASE}/x"),
        *("postgresql://app:${PW}@h/x", "postgresql://${USER}:${PW}@${HOST}/x?sslrootcert=${CA}"),
        "postgresql://h/x?user=app&password=${PW}",
    ],
)
def test_a_reference_may_stand_for_all_of_a_url_or_parts(text: str) -> None:
    assert CANARY not in repr(url_reference(text))


@pytest.mark.parametrize(
    "text", ["postgresql://app:${A}${B}@h/x", "postgresql://h/x?user=app&password=${A}${B}"]
)
def test_a_variable_in_place_of_the_password_holds_the_password_itself(text: str) -> None:
    url = url_reference(text).resolve({"A": "C4n@ry/", "B": "%zz&"}, ROOT, nothing)
    assert parameters_of(url)["password"] == "C4n@ry/%zz&"


def test_a_variable_elsewhere_holds_a_piece_of_the_url() -> None:
    environ = {"ALL": "postgresql://app:p%40@h:5433/x", "HOST": "h:5433"}
    assert parameters_of(url_reference("${ALL}").resolve(environ, ROOT, nothing))["password"] == "p@"
    assert (
        parameters_of(url_reference("postgres://${HOST}/x").resolve(environ, ROOT, nothing))["port"] == "5433"
    )


@pytest.mark.parametrize("host", ["/run/pg", "@abstract", "localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_a_local_server_is_reached_as_given(host: str) -> None:
    given = {"host": host, "dbname": "d", "sslmode": "disable"}
    assert secured(given, "system", ROOT) == given


def test_a_server_elsewhere_is_verified_against_the_system() -> None:
    found = secured({"host": "db", "dbname": "d"}, "system", ROOT)
    assert found == {"host": "db", "dbname": "d", "sslmode": "verify-full", "sslrootcert": "system"}


def test_a_root_certificate_of_the_url_is_kept() -> None:
    given = {"host": "db", "dbname": "d", "sslmode": "verify-full", "sslrootcert": "/ca.pem"}
    assert secured(given, "system", ROOT) == given


def test_a_server_elsewhere_is_verified_against_the_named_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    found = secured({"host": "db", "dbname": "d"}, "ca.pem", tmp_path)
    assert (found["sslmode"], found["sslrootcert"]) == ("verify-full", str(tmp_path / "ca.pem"))
    with pytest.raises(ConfigurationError, match="CA file"):
        secured({"host": "db", "dbname": "d"}, "absent.pem", tmp_path)


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_a_url_that_asks_for_less_is_refused_unless_the_file_allows_it(mode: str) -> None:
    given = {"host": "203.0.113.1", "dbname": "d", "sslmode": mode}
    with pytest.raises(Refused, match=f"sslmode={mode}") as caught:
        secured(given, "system", ROOT, "environments.yaml:8:5")
    assert caught.value.exit_code is ExitCode.REFUSED
    assert secured(given, "insecure", ROOT) == given


@pytest.mark.parametrize(
    "given",
    [
        {"host": "localhost,db"},
        {"host": "localhost", "hostaddr": "203.0.113.1"},
        {"host": "localhost.evil.example"},
        {"host": "127.0.0.1.evil.example"},
    ],
)
def test_what_only_looks_local_is_elsewhere(given: dict[str, str]) -> None:
    with pytest.raises(PipelineError):
        secured({**given, "dbname": "d", "sslmode": "prefer"}, "system", ROOT)
