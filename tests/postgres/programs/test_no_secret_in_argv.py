"""What other users of a machine see of our programs: their arguments, and no secret among them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.programs import pg_dump
from pipeline.programs.installations import Installation

CANARY = "canary-4711"
PARAMETERS: Mapping[str, str] = {"host": "db1", "dbname": "it's", "user": "me", "password": CANARY}


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Programs that write down their arguments and what they were given in confidence."""
    for name in ("pg_dump", "pg_restore"):
        program = tmp_path / name
        said = f'printf "%s\\n" "$@" > "{tmp_path}/argv"\nprintf %s "$PGPASSWORD" > "{tmp_path}/given"\n'
        program.write_text(f"#!/bin/sh\n{said}")
        program.chmod(0o755)
    return Installation(15, tmp_path, "a test")


def test_the_password_is_given_to_pg_dump_and_not_shown(installation: Installation, tmp_path: Path) -> None:
    pg_dump.dump(installation, PARAMETERS, into=print, environ={"PATH": "/usr/bin:/bin"}, snapshot="1-2")
    assert (tmp_path / "given").read_text() == CANARY
    arguments = (tmp_path / "argv").read_text().splitlines()
    assert CANARY not in " ".join(arguments)
    assert {"--format=custom", "--snapshot=1-2", "--no-password"} <= set(arguments)


def test_pg_restore_restores_all_or_nothing_and_never_drops(installation: Installation, tmp_path: Path) -> None:
    pg_dump.restore(installation, PARAMETERS, tmp_path / "x", environ={"PATH": "/usr/bin:/bin"})
    assert (tmp_path / "given").read_text() == CANARY
    arguments = (tmp_path / "argv").read_text().splitlines()
    assert CANARY not in " ".join(arguments)
    assert {"--single-transaction", "--exit-on-error", "--dbname=dbname='it\\'s'"} <= set(arguments)
    assert not any(argument.startswith(("--clean", "--create")) for argument in arguments)
