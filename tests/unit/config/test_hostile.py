"""Secrets in the wrong place, files from strangers, and arbitrary content."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import load
from pipeline.config.problems import InvalidConfiguration
from pipeline.config.project import LiveDatabase
from tests.unit.config.samples import SMALL, problems, prod, project


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace("${PROD_DATABASE_URL}", "postgresql://app:S3cret@db/shop"),
        SMALL.replace("${PROD_DATABASE_URL}", "postgresql:/app:S3cret@db/shop"),
        SMALL.replace("${PROD_DATABASE_URL}", "postgresql+asyncpg://app:S3cret@db/shop"),
        SMALL.replace("${PROD_DATABASE_URL}", "postgresql://app:S3cret%zz@db/shop"),
        SMALL.replace('{url: "${PROD_DATABASE_URL}"}', "postgresql://app:S3cret@db/shop"),
        SMALL.replace("flyway", "postgresql://app:S3cret@db/shop"),
        SMALL.replace("path: migrations", "path: postgresql://app:S3cret@db/shop"),
        SMALL.replace("project: shop", "project: postgresql://app:S3cret@db/shop"),
        prod("postgresql://app:S3cret@db/shop: x"),
        prod("limits: {hold: postgresql://app:S3cret@db/shop}"),
        prod("requires: [postgresql://app:S3cret@db/shop]"),
        prod("verify: postgresql://app:S3cret@db/shop"),
        prod("drift: {before: postgresql://app:S3cret@db/shop}"),
        SMALL.replace('"${PROD_DATABASE_URL}"', "postgresql://app:S3cret@db/shop: ["),
    ],
)
def test_a_secret_in_the_wrong_place_is_never_repeated(text: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        project(text)
    error = caught.value
    assert "S3cret" not in f"{error} {error!r} {error.text} {error.where} {error.why} {error.todo}"


def test_a_resolved_secret_is_in_no_representation() -> None:
    found = project(SMALL.replace("${PROD_DATABASE_URL}", "postgresql://app:${PW}@localhost/shop"))
    database = found.environment("prod").database
    assert isinstance(database, LiveDatabase)
    assert database.parameters({"PW": "S3cret"})["password"] == "S3cret"
    assert "S3cret" not in f"{found!r} {database} {database.url} {database.url!r}"


def test_control_characters_of_the_file_do_not_reach_the_terminal() -> None:
    (told,) = problems(prod('"\\e[31mred": 1'))
    assert "\x1b" not in told


BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "content",
    [
        prod("protected: true").encode() + b"  prod:\n    database: {embedded: x}\n",
        BOMB.encode(),
        (BOMB + "z:\n  <<: [*a, *b]\n").encode(),
        b"a: !!python/object/apply:os.system [touch /tmp/owned]\n",
        b"#" * 10 * 2**20,
        SMALL.replace("  ", "\t").encode(),
        SMALL.encode() + b"\0",
        prod("unknown: 1").encode(),
        prod("protected: perhaps").encode(),
        SMALL.replace("prod:", "no:").encode(),
        b"[" * 60_000,
        b"".join(b"k%d:\n" % number for number in range(8_000)),
        b"version: 1\nenvironments:\n"
        + b"".join(b" e%d: {database: {embedded: x}}\n" % n for n in range(1_500)),
        SMALL.encode("utf-16"),
    ],
    ids=[
        *("duplicate key", "alias bomb", "merge bomb", "python tag", "10 MiB", "tabs", "NUL", "unknown key"),
        *(
            "wrong type",
            "no as a name",
            "deep",
            "thousands of unknown keys",
            "thousands of environments",
            "UTF-16",
        ),
    ],
)
def test_a_hostile_file_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load.read(content, Path("/project/environments.yaml"))
    assert caught.value.problems


@given(st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass")))
def test_arbitrary_content_is_a_project_or_invalid(content: bytes) -> None:
    with pytest.raises(InvalidConfiguration):
        load.read(content, Path("/project/environments.yaml"))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["auto", "${X}", "5s"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = (
    *("embedded", "throwaway", "url", "from", "seed", "prove", "wal", "hold", "wait", "store", "drill"),
    *("require", "name", "sql", "expect", "command", "x"),
)


@given(
    st.sampled_from(
        ["database", "rehearse", "limits", "backup", "drift", "verify", "requires", "require", "protected"]
    ),
    VALUES | st.dictionaries(st.sampled_from(KEYS), VALUES),
)
def test_arbitrary_values_in_known_places_are_read_or_invalid(key: str, value: object) -> None:
    text = SMALL.replace(
        "    database:", f"    {key}: {json.dumps(value)}\n    {'x' if key == 'database' else 'database'}:"
    )
    assert all(problem.startswith("environments.yaml:") for problem in problems_if_any(text))


def problems_if_any(text: str) -> list[str]:
    try:
        project(text)
    except InvalidConfiguration as error:
        return [str(problem) for problem in error.problems]
    return []
