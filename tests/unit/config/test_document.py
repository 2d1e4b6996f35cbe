"""Strict YAML: what is refused, what a plain word stands for, and where everything stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import document
from pipeline.config.document import Document

SURPRISING = (
    *("yes", "Yes", "NO", "on", "Off", "y", "N", "True", "FALSE", "~", "Null", "NULL"),
    *("012", "089", "0x1F", "0b1", "0o17", "1_000", "+5", "-0", "1.", ".5", "1.10", "1e3", "1.5e+3"),
    *(".inf", ".NaN", "1:30", "12:30:45", "2024-01-31", "="),
)


def read(text: str) -> Document:
    return document.read(text.encode(), "environments.yaml")


def value(text: str) -> object:
    found = read(text)
    assert found.problems == ()
    assert found.root is not None
    return found.root.value


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read(text).problems]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("text", "text"),
        ("50ms..100ms", "50ms..100ms"),
        ("1.2.3", "1.2.3"),
        ("'yes'", "yes"),
        ('"012"', "012"),
        ('"a\\tb"', "a\tb"),
        ("[1, two]", (1, "two")),
        ("{a: b}", {"a": "b"}),
    ],
)
def test_a_scalar_is_exactly_what_it_looks_like(written: str, meant: object) -> None:
    found = value(f"key: {written}\n")
    assert found == {"key": meant}
    assert isinstance(found, dict)
    assert [type(item) for item in found.values()] == [type(meant)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


@pytest.mark.parametrize("written", SURPRISING)
def test_a_word_that_yaml_11_takes_for_something_else_wants_quotes(written: str) -> None:
    found = problems(f"key: {written}\n")
    assert len(found) == 1
    assert found[0].startswith(f"environments.yaml:1:6: `{written}` without quotes is ")
    assert "quotes" in found[0]
    assert value(f"key: '{written}'\n") == {"key": written}


def test_a_date_with_a_time_wants_quotes() -> None:
    assert "is a date" in problems("key: 2024-01-31 10:00:00\n")[0]


def test_a_number_too_long_for_one_wants_quotes() -> None:
    assert "too long" in problems("key: " + "9" * 60_000)[0]


@pytest.mark.parametrize("key", ["on", "off", "yes", "no", "1", "true", "~", "1.5", "012"])
def test_a_key_that_is_no_text_is_refused(key: str) -> None:
    assert any("environments.yaml:1:1: " in problem for problem in problems(f"{key}: x\n"))
    assert value(f"'{key}': x\n") == {key: "x"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: the file is empty; `pipeline init` writes one to start from"),
        ("a: 1\na: 2\n", "2:1: a: this key is there twice; the first is in line 1"),
        ("a: &x 1\n", "1:4: anchors (&name) are not read here; remove the anchor"),
        ("a: *x\n", "1:4: aliases (*name) are not read here; write the value out"),
        ("<<: {a: 1}\n", "1:1: merge keys (<<) are not read here; say everything where it holds"),
        ("a: !!python/object/apply:os.system [x]\n", "1:4: tags (!name) are not read here; remove the tag"),
        ("a: !!str 5\n", "1:4: tags (!name) are not read here; remove the tag"),
        ("a: ! 5\n", "1:4: tags (!name) are not read here; remove the tag"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins here; keep one document per file"),
        ("%YAML 1.1\n---\na: 1\n", "1:1: directives (%YAML, %TAG) are not read here; remove the line"),
        ("{[a]: 1}\n", "1:2: a key must be a word; keys are text"),
        ("a:\n\tb: 1\n", "2:1: a tab cannot indent in YAML; use spaces"),
        ("a: [1\n", "2:1: this is not YAML; did not find expected ',' or ']'"),
        ("a: \a\n", "1:1: there is a character in the file that YAML does not allow"),
    ],
)
def test_what_could_say_something_unseen_is_refused(text: str, problem: str) -> None:
    assert problems(text) == [f"environments.yaml:{problem}"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a: 1\n#" + b" " * 64 * 1024, "1:1: the file is larger than 64 KiB"),
        (b"a: 1\nb: \xff", "2:4: this is not UTF-8"),
        (b"a: 1\nb: \0", "2:4: there is a NUL character in the file"),
        ("a: 1\n".encode("utf-16"), "1:1: this is not UTF-8"),
    ],
)
def test_what_is_no_small_text_is_refused_whole(content: bytes, problem: str) -> None:
    found = document.read(content, "environments.yaml")
    assert found.root is None
    assert [str(each).partition(";")[0] for each in found.problems] == [f"environments.yaml:{problem}"]


def test_all_problems_are_told_at_once() -> None:
    text = "a: yes\nb: &x 012\nb: 1\nno: 2\n"
    assert [problem.location.line for problem in read(text).problems] == [1, 2, 2, 3, 4]


def test_nesting_has_an_end() -> None:
    assert problems("[" * 60_000) == ["environments.yaml:1:18: nested deeper than 16 levels"]


def test_a_byte_order_mark_is_no_problem() -> None:
    assert value("\ufeffa: 1\n") == {"a": 1}


def test_a_value_a_key_and_what_is_absent_are_located() -> None:
    found = read("top:\n  list:\n    - a: 1\n    - b: 2\n")
    assert str(found.locate(("top", "list", 1, "b"))) == "environments.yaml:4:10"
    assert str(found.locate(("top", "list", 1, "b"), on_key=True)) == "environments.yaml:4:7"
    assert str(found.locate(("top", "list", 1, "absent"))) == "environments.yaml:4:7"
    assert str(found.locate(("top", "absent", "deeper"))) == "environments.yaml:1:1"
    assert str(found.locate(())) == "environments.yaml:1:1"


@given(st.text() | st.text(alphabet="ab:-[]{},&*!|>'\"%@`#? \n\t<=0129.\\"))
def test_arbitrary_text_is_read_or_has_problems(text: str) -> None:
    found = document.read(text.encode(errors="surrogatepass"), "environments.yaml")
    assert found.root is not None or found.problems


@given(st.binary())
def test_arbitrary_bytes_are_read_or_have_problems(content: bytes) -> None:
    found = document.read(content, "environments.yaml")
    assert found.root is not None or found.problems
