"""The floor does what it is compared for: it applies what is new, and looks at every byte of the rest."""

from pathlib import Path

import pytest

from bench.floors import floor, note
from bench.measure import CommandFailed, measure
from pipeline.postgres.connect import connected
from pipeline.postgres.run import one
from pipeline.postgres.target import Target

FILES = {"V1__a.sql": "CREATE TABLE a ();", "V2__b.sql": "CREATE TABLE b ();"}


@pytest.fixture
def folder(database: Target, tmp_path: Path) -> Path:
    """Two migrations, the first of them noted as applied."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    with connected(database) as session:
        note(session.connection, [tmp_path / "V1__a.sql"])
    return tmp_path


def url(database: Target) -> str:
    at = database.resolve()
    return f"postgresql://{at['user']}@/{at['dbname']}?host={at['host']}&port={at['port']}"


@pytest.mark.parametrize("server", [18], indirect=True)
def test_what_is_new_is_applied_once_and_what_was_noted_never(database: Target, folder: Path) -> None:
    for _ in range(2):
        measure(floor("migrate", url(database), folder))
    with connected(database) as session:
        seen = one(session.connection, "select to_regclass('public.a'), to_regclass('public.b')::text")
        noted = one(session.connection, "select count(*) from public.floor")
    assert seen == (None, "public.b")
    assert noted == (2,)


@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_file_that_was_edited_stops_it(database: Target, folder: Path) -> None:
    (folder / "V1__a.sql").write_text("CREATE TABLE c ();")
    with pytest.raises(CommandFailed, match=r"V1__a\.sql was edited"):
        measure(floor("status", url(database), folder))
