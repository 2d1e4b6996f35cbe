"""References: what they name, what they become, and that nothing of it is repeated."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.config.references import Reference
from pipeline.errors import ConfigurationError

ROOT = Path("/project")


def printing(output: bytes, status: int = 0) -> "Runner":
    return Runner(output, status)


class Runner:
    """Runs nothing: remembers what it was asked and answers as told."""

    def __init__(self, output: bytes, status: int = 0) -> None:
        self.output = output
        self.status = status
        self.asked: list[tuple[Sequence[str], Mapping[str, str], Path]] = []

    def __call__(self, argv: Sequence[str], environ: Mapping[str, str], root: Path) -> tuple[int, bytes]:
        self.asked.append((argv, environ, root))
        return self.status, self.output


def resolve(text: str, environ: Mapping[str, str] | None = None, root: Path = ROOT) -> str:
    return Reference.parse(text, "environments.yaml:8:5").resolve(environ or {}, root, printing(b""))


def test_variables_are_replaced_wherever_they_stand() -> None:
    assert resolve("${A}-${B}!", {"A": "x", "B": "y"}) == "x-y!"


def test_a_value_is_not_read_again() -> None:
    assert resolve("${A}", {"A": "${B}"}) == "${B}"


def test_a_doubled_dollar_is_a_literal() -> None:
    assert resolve("$${A} $5 ${A}", {"A": "x"}) == "${A} $5 x"


@pytest.mark.parametrize(("environ", "state"), [({}, "not set"), ({"PROD_URL": ""}, "empty")])
def test_a_missing_variable_is_named_with_its_place(environ: dict[str, str], state: str) -> None:
    with pytest.raises(ConfigurationError, match=f"PROD_URL is {state}") as caught:
        resolve("${PROD_URL}", environ)
    assert caught.value.where == "environments.yaml:8:5"
    assert "set PROD_URL" in str(caught.value.todo)


@pytest.mark.parametrize(
    "text", ["${", "${A", "${}", "${A B}", "${1A}", "${A-b}", "${Ä}", "file:", "command: "]
)
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        Reference.parse(text)


def test_a_file_is_read_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("value\n")
    assert resolve("file:url", root=tmp_path) == "value"
    assert resolve("file:${DIR}/url", {"DIR": str(tmp_path)}) == "value"


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "nothing"), (b"\xff", "UTF-8"), (b"x" * 70_000, "more than 64 KiB")]
)
def test_a_file_that_holds_no_value_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "url").write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        resolve("file:url", root=tmp_path)


@pytest.mark.parametrize("name", ["absent", ".", "a/b", "x" * 5000])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="file:"):
        resolve(f"file:{name}", root=tmp_path)


def test_a_command_gets_its_words_the_environment_and_the_folder() -> None:
    run = printing(b"value\r\n")
    assert Reference.parse("command:vault read 'a b' ; $x").resolve({"A": "b"}, ROOT, run) == "value"
    assert run.asked == [(["vault", "read", "a b", ";", "$x"], {"A": "b"}, ROOT)]


def test_a_failing_command_is_named_and_not_quoted() -> None:
    with pytest.raises(ConfigurationError, match=r"command:vault … failed with exit code 3") as caught:
        Reference.parse("command:vault read S3cret").resolve({}, ROOT, printing(b"S3cret", 3))
    assert "S3cret" not in f"{caught.value} {caught.value.todo}"


@pytest.mark.parametrize(
    ("error", "said"),
    [(TimeoutError(), "in time"), (FileNotFoundError(2, "No such file"), "cannot be started")],
)
def test_a_command_that_does_not_answer_is_refused(error: OSError, said: str) -> None:
    def run(*_: object) -> tuple[int, bytes]:
        raise error

    with pytest.raises(ConfigurationError, match=said):
        Reference.parse("command:vault").resolve({}, ROOT, run)


@pytest.mark.parametrize("text", ["command:vault ${TOKEN}", "command:vault 'a"])
def test_a_command_takes_no_variables_and_closes_its_quotes(text: str) -> None:
    with pytest.raises(ConfigurationError):
        Reference.parse(text)


def test_how_a_reference_is_shown_tells_names_only() -> None:
    reference = Reference.parse("${A}-${B}")
    assert reference.names == ("A", "B")
    assert (repr(reference), str(reference)) == ("Reference(A, B)", "${A}-${B}")
    assert str(Reference.parse("command:vault read x")) == "command:vault …"
