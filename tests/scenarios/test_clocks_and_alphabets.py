"""The order of things, and how long they took, depend on no wall clock, no time zone and no alphabet."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from tests.conftest import lack
from tests.support.clock import missing_compiler, moved_clock
from tests.support.commands import pipeline
from tests.support.projects import SmallProject
from tests.support.sites import Rows, ask

pytestmark = pytest.mark.acceptance("AT-25")
on_one_server = pytest.mark.parametrize("server", [18], indirect=True)

DAY = 86_400
MIGRATIONS = 60
LEDGER = """
select installed_rank, version, description, script, checksum, success from flyway_schema_history order by 1
"""
TABLES = """
select format('%I.%I', schemaname, tablename) from pg_tables
 where schemaname <> all ('{pg_catalog,information_schema}')
"""
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
SURROUNDINGS: Mapping[str, tuple[Mapping[str, str], int, bool]] = {
    "as it is": ({}, 0, False),
    "a day ahead": ({}, DAY, False),
    "a day behind": ({}, -DAY, False),
    "a clock that jumps": ({}, DAY, True),
    "Kathmandu": ({"TZ": "Asia/Kathmandu"}, 0, False),
    "an hour that is there twice": (
        {"TZ": "XST+5XDT,M3.2.0,M11.1.0", "PGTZ": "America/New_York"},
        -22 * DAY,
        True,
    ),
    "Turkish": ({"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}, 0, False),
    "no alphabet at all": (ASCII, 0, False),
}


@pytest.fixture
def long(small: SmallProject) -> SmallProject:
    """A project of sixty migrations, and a database that nobody protects."""
    small.keep()
    for number in range(1, MIGRATIONS + 1):
        small.write(
            f"V{number}__INSERT_{number}.sql",
            f"CREATE TABLE I{number} (ID int); INSERT INTO i{number} VALUES (1);",
        )
    small.configure(prod={"protected": False, "requires": []})
    return small


@on_one_server
@pytest.mark.parametrize(("variables", "seconds", "jumps"), SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_sixty_migrations_end_alike_whatever_the_clock_says(
    long: SmallProject, tmp_path: Path, request: pytest.FixtureRequest,
    variables: Mapping[str, str], seconds: int, *, jumps: bool,
) -> None:  # fmt: skip
    clock = with_clock(request, tmp_path, seconds, jumps=jumps) if seconds else {}
    environ = {**long.environ, **variables, **clock}
    first = pipeline(long.root, environ, "migrate", "prod")
    assert first.code == 0, first.out + first.err
    ledger, after_first = ask(long.prod, LEDGER), written(long)
    assert [(row[0], row[1]) for row in ledger] == [(rank, str(rank)) for rank in range(1, MIGRATIONS + 1)]
    assert ask(long.prod, "select min(execution_time) >= 0 from flyway_schema_history") == [(True,)]
    assert pipeline(long.root, environ, "migrate", "prod").code == 0
    assert written(long) == after_first


@on_one_server
def test_a_promotion_by_a_clock_that_jumps_took_no_negative_time(
    small: SmallProject, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environ = {**small.environ, **with_clock(request, tmp_path, DAY, jumps=True)}
    ended = pipeline(small.root, environ, "promote", "prod", "--format", "json")
    assert ended.code == 0, ended.err
    (file,) = small.evidence.glob("2*/evidence.json")
    steps = cast("list[dict[str, int]]", json.loads(file.read_text())["steps"])
    assert steps
    assert all(0 <= step["duration_ms"] < DAY * 1000 for step in steps)
    again = pipeline(small.root, environ, "promote", "prod")
    assert (again.code, len(list(small.evidence.glob("2*")))) == (0, 1)


@on_one_server
def test_a_document_is_json_even_where_the_terminal_knows_no_alphabet(small: SmallProject) -> None:
    small.keep()
    small.write("V1__x.sql", "é😀 select 1;")
    ended = pipeline(small.root, {**small.environ, **ASCII}, "lint", "--format", "json")
    assert ended.code == 3, ended.err
    assert ended.out.isascii()
    assert "é😀" in json.dumps(ended.document, ensure_ascii=False)


def test_the_moved_clock_is_moved_and_the_other_one_is_not(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    variables = with_clock(request, tmp_path, DAY)
    code = "import time, datetime; print(time.time(), time.monotonic(), datetime.datetime.now().timestamp())"
    told = [
        subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
        for env in ({}, variables)
    ]
    (now, steady, noted), (later, steady_later, noted_later) = (map(float, one.split()) for one in told)
    assert later - now > DAY - 60
    assert noted_later - noted > DAY - 60
    assert steady_later - steady < 60


def with_clock(
    request: pytest.FixtureRequest, folder: Path, seconds: int, *, jumps: bool = False
) -> dict[str, str]:
    if reason := missing_compiler():
        lack(request.config, reason)
    return moved_clock(folder, seconds, jumps=jumps)


def written(small: SmallProject) -> Mapping[str, Rows]:
    """Every row of every table with the transaction that wrote it."""
    tables = [str(name) for (name,) in ask(small.admin, TABLES)]
    return {
        name: ask(small.admin, f"select xmin::text, ctid::text, t::text from {name} as t") for name in tables
    }
