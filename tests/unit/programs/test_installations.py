import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.errors import Unavailable
from pipeline.programs.installations import (
    CLIENT_PROGRAMS,
    SERVER_PROGRAMS,
    choose,
    choose_client,
    dump_restores,
    find,
)

EVERYTHING = (*SERVER_PROGRAMS, *CLIENT_PROGRAMS)


def installed(folder: Path, major: int, *programs: str) -> Path:
    """A folder of programs where PostgreSQL's own packages put them."""
    bindir = folder / f"pgsql-{major}" / "bin"
    bindir.mkdir(parents=True)
    for name in programs or EVERYTHING:
        (bindir / name).touch(mode=0o755)
    return bindir


def environ(*bindirs: Path) -> Mapping[str, str]:
    return {"PIPELINE_PG_BINDIR": os.pathsep.join(map(str, bindirs)), "PATH": ""}


def test_what_we_are_told_comes_first(tmp_path: Path) -> None:
    bindir = installed(tmp_path, 90)
    first = find(environ(bindir))[0]
    assert (first.major, first.bindir, first.origin) == (90, bindir.resolve(), "PIPELINE_PG_BINDIR")


def test_a_folder_without_postgresql_is_none(tmp_path: Path) -> None:
    assert all(found.origin != "PIPELINE_PG_BINDIR" for found in find(environ(tmp_path)))


def test_debians_wrapper_is_no_installation(tmp_path: Path) -> None:
    (tmp_path / "pg_wrapper").touch(mode=0o755)
    for name in CLIENT_PROGRAMS:
        (tmp_path / name).symlink_to(tmp_path / "pg_wrapper")
    assert all(found.bindir != tmp_path for found in find({"PATH": str(tmp_path)}))


def test_a_server_needs_a_servers_programs(tmp_path: Path) -> None:
    client_only = installed(tmp_path, 90, *CLIENT_PROGRAMS)
    with pytest.raises(Unavailable, match="no PostgreSQL 90") as caught:
        choose(90, environ(client_only))
    assert "postgresql-90" in str(caught.value.todo)
    assert choose(91, environ(client_only, installed(tmp_path, 91))).major == 91


def test_a_client_is_of_the_servers_own_major_if_there_is_one(tmp_path: Path) -> None:
    both = environ(installed(tmp_path, 91), installed(tmp_path, 90))
    assert choose_client(90, both).major == 90
    assert choose_client(91, both).major == 91


def test_a_newer_client_does_where_there_is_no_other(tmp_path: Path) -> None:
    assert choose_client(90, environ(installed(tmp_path, 92), installed(tmp_path, 91))).major == 91


def test_an_older_client_never_does(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no pg_dump for a PostgreSQL 92 server") as caught:
        choose_client(92, environ(installed(tmp_path, 91)))
    assert "91 (PIPELINE_PG_BINDIR" in str(caught.value.why)
    assert "postgresql-client-92" in str(caught.value.todo)


@pytest.mark.parametrize(
    ("client", "server", "fits"),
    [
        (15, 15, True),
        (16, 15, True),
        (18, 17, True),
        (18, 18, True),
        (15, 18, False),
        (17, 16, False),
        (18, 15, False),
    ],
)
def test_only_a_client_whose_dumps_the_server_can_restore_fits(client: int, server: int, *, fits: bool) -> None:
    assert dump_restores(client, server) is fits


def test_a_missing_program_is_unavailable_by_name(tmp_path: Path) -> None:
    installation = choose(90, environ(installed(tmp_path, 90)))
    with pytest.raises(Unavailable, match="no program psql"):
        installation.program("psql")
