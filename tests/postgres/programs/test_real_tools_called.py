"""How the real tools are called: what they are told, where the files are, and who may read the password."""

import json
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from pipeline.errors import Failed, Unavailable
from pipeline.formats.model import SourceFile
from pipeline.programs.job import Job
from pipeline.programs.place import Place, place_of
from pipeline.programs.tool import LIMIT, TOOLS, Program, find

CANARY = "c@nary/pass word"
FAKE = f"""\
#!{sys.executable}
import json, os, sys
def read(path):
    try:
        return open(path, "rb").read()
    except OSError:
        return b""
lines = [read(f"/proc/{{pid}}/cmdline") for pid in ("self", os.getppid())]
found = {{os.path.relpath(os.path.join(at, name)): read(os.path.join(at, name)).decode("utf-8", "replace")
         for at, _, names in os.walk(".") for name in names}}
modes = {{name: os.stat(name).st_mode & 0o777 for name in [".", *found]}}
seen = any(b"nary" in line for line in lines)
json.dump({{"argv": sys.argv[1:], "env": dict(os.environ), "files": found, "modes": modes, "seen": seen}},
          open(os.environ["HOME"] + "/told.json", "w"))
print("I was told", os.environ.get("DATABASE_URL"), os.environ.get("PGPASSWORD"))
print("and", os.environ.get("FLYWAY_PASSWORD"), file=sys.stderr)
"""
PLACE = Place("db.example", "5433", "my shop", "mig", CANARY, "verify-full", "/etc/ca.pem")
FILES = (
    SourceFile("V1__a.sql", "db/one/V1__a.sql", b"select 1;\r\n"),
    SourceFile("deep/V2__b.sh", "db/two/deep/V2__b.sh", b"exit 0"),
    SourceFile("empty/", "db/one/empty/", b""),
)
JOB = Job(FILES, PLACE, ("shop", "more"), ("shop", "history"), {"lock_timeout": "1s"}, timedelta(seconds=7), {})
Told = dict[str, Any]


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A folder whose program ``fake`` writes down how it was called."""
    program = tmp_path / "fake"
    program.write_text(FAKE)
    program.chmod(0o755)
    return tmp_path


def call(told: Path, format_name: str, job: Job = JOB) -> tuple[Told, str]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(told), "FLYWAY_USER": "other", "NODE_OPTIONS": "--x"}
    program = Program(TOOLS[format_name], told / "fake")
    code, said = program.apply(job, environ=environ, timeout=timedelta(seconds=30))
    assert code == 0
    return cast("Told", json.loads((told / "told.json").read_text())), said


@pytest.mark.parametrize("format_name", TOOLS)
def test_no_password_is_where_other_users_can_read_it(told: Path, format_name: str) -> None:
    found, said = call(told, format_name)
    assert found["seen"] is False
    assert not any("nary" in text for text in [*found["argv"], *found["files"].values(), said])
    assert "I was told" in said
    assert any(CANARY in value or quote(CANARY, safe="") in value for value in found["env"].values())


@pytest.mark.parametrize("format_name", TOOLS)
def test_the_files_are_the_bytes_that_were_read_in_a_private_folder(told: Path, format_name: str) -> None:
    found, _ = call(told, format_name)
    texts = {Path(name).name: text for name, text in found["files"].items()}
    assert (texts["V1__a.sql"], texts["V2__b.sh"]) == ("select 1;\r\n", "exit 0")
    modes = {Path(name).name: mode for name, mode in found["modes"].items()}
    assert (modes[""], modes["V1__a.sql"], modes["V2__b.sh"]) == (0o700, 0o600, 0o700)
    assert stat.S_IMODE((told / "fake").stat().st_mode) == 0o755


def test_golang_migrate_learns_the_database_from_its_url_and_the_rest_from_variables(told: Path) -> None:
    options: Mapping[str, object] = {"x-migrations-table": "hist", "x-multi-statement": True}
    found, _ = call(told, "golang-migrate", replace(JOB, options=options))
    url = "postgres:///my%20shop?x-migrations-table=hist&x-multi-statement=true"
    assert found["argv"] == ["-path", "migrations", "-database", url, "-lock-timeout", "7", "up"]
    asked = {name: value for name, value in found["env"].items() if name.startswith("PG")}
    assert asked == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "mig",
        "PGPASSWORD": CANARY,
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/ca.pem",
        "PGOPTIONS": "-c lock_timeout=1s",
    }


@pytest.mark.parametrize(("major", "how"), [(0, "--schema"), (6, "--schema"), (7, "--config")])
def test_prisma_reads_the_url_from_its_environment(told: Path, major: int, how: str) -> None:
    found, _ = call(told, "prisma", replace(JOB, major=major))
    assert found["argv"][:3] == ["migrate", "deploy", how]
    assert found["argv"][3] in found["files"]
    assert ("env(" in found["files"]["schema.prisma"]) is (how == "--schema")
    url = urlsplit(str(found["env"]["DATABASE_URL"]))
    assert (url.hostname, url.port, url.path) == ("db.example", 5433, "/my%20shop")
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert asked == {
        "schema": "shop",
        "sslmode": "require",
        "sslaccept": "strict",
        "sslcert": "/etc/ca.pem",
        "options": "-c lock_timeout=1s",
    }


def test_flyway_is_told_everything_by_its_environment(told: Path) -> None:
    options: Mapping[str, object] = {
        "placeholders": {"Secret": CANARY},
        "placeholderPrefix": "#{",
        "sqlMigrationSuffixes": [".sql", ".pgsql"],
        "ignoreMigrationPatterns": ["*:missing"],
    }
    found, _ = call(told, "flyway", replace(JOB, options=options, out_of_order=True))
    env = found["env"]
    assert found["argv"] == ["migrate"]
    assert env["FLYWAY_URL"] == (
        "jdbc:postgresql://db.example:5433/my%20shop?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
        "&options=-c%20lock_timeout%3D1s"
    )
    assert (env["FLYWAY_USER"], env["FLYWAY_PASSWORD"]) == ("mig", CANARY)
    assert (env["FLYWAY_PLACEHOLDERS_SECRET"], env["FLYWAY_PLACEHOLDER_PREFIX"]) == (CANARY, "#{")
    assert env["FLYWAY_SQL_MIGRATION_SUFFIXES"] == ".sql,.pgsql"
    assert env["FLYWAY_IGNORE_MIGRATION_PATTERNS"] == "*:missing,repeatable:missing"
    assert (env["FLYWAY_SCHEMAS"], env["FLYWAY_DEFAULT_SCHEMA"]) == ("shop,more", "shop")
    assert env["FLYWAY_OUT_OF_ORDER"] == "true"
    assert len(env["FLYWAY_LOCATIONS"].split(",")) == 2


def test_an_environment_of_flyways_is_not_told_and_a_script_may_not_ask_for_it(told: Path) -> None:
    job = replace(JOB, options={"environment": "live"})
    assert "FLYWAY_ENVIRONMENT" not in call(told, "flyway", job)[0]["env"]
    asking = SourceFile("V3__c.sql", "db/one/V3__c.sql", b"select '${Flyway:Environment}';")
    call(told, "flyway", replace(JOB, files=(*FILES, asking)))
    unreplaced: Mapping[str, object] = {**job.options, "placeholderReplacement": False}
    call(told, "flyway", replace(JOB, files=(*FILES, asking), options=unreplaced))
    with pytest.raises(Unavailable, match="the environment live cannot be given to Flyway") as raised:
        call(told, "flyway", replace(job, files=(*FILES, asking)))
    assert raised.value.where == "db/one/V3__c.sql"


def test_a_placeholder_whose_name_no_variable_has_is_not_put_into_arguments(told: Path) -> None:
    with pytest.raises(Unavailable, match=r"the placeholder a\.b"):
        call(told, "flyway", replace(JOB, options={"placeholders": {"a.b": "x"}}))


def test_the_systems_own_certificates_are_named_as_each_tool_knows_them(told: Path) -> None:
    job = replace(JOB, place=replace(PLACE, sslrootcert="system"))
    assert "PGSSLROOTCERT" not in call(told, "golang-migrate", job)[0]["env"]
    assert "sslcert" not in call(told, "prisma", job)[0]["env"]["DATABASE_URL"]
    assert "DefaultJavaSSLFactory" in call(told, "flyway", job)[0]["env"]["FLYWAY_URL"]


def called_with_key(told: Path, content: bytes) -> tuple[str, Told]:
    """What Flyway's driver is told to read, and how it was called."""
    key = told / "given.key"
    key.write_bytes(content)
    place = replace(PLACE, sslcert="/etc/role.pem", sslkey=str(key))
    TOOLS["flyway"].must_secure(place)
    found, _ = call(told, "flyway", replace(JOB, place=place))
    asked = parse_qs(urlsplit(str(found["env"]["FLYWAY_URL"]).removeprefix("jdbc:")).query)
    assert asked["sslcert"] == ["/etc/role.pem"]
    return asked["sslkey"][0], found


def test_flyway_gets_a_key_in_pem_as_its_driver_reads_it(told: Path) -> None:
    pem = b"Bag Attributes\r\n-----BEGIN PRIVATE KEY-----\r\nMAMC\r\nAQA=\r\n-----END PRIVATE KEY-----\r\n"
    named, found = called_with_key(told, pem)
    assert Path(named).name == "client-key.pk8"
    assert found["files"]["client-key.pk8"] == "0\x03\x02\x01\x00"
    assert found["modes"]["client-key.pk8"] == 0o600


def test_flyway_gets_any_other_key_as_it_is(told: Path) -> None:
    named, found = called_with_key(told, b"\x30\x03\x02\x01\x00")
    assert named == str(told / "given.key")
    assert "client-key.pk8" not in found["files"]


@pytest.mark.parametrize("kind", ["ENCRYPTED ", "RSA ", "EC "])
def test_a_key_that_flyways_driver_cannot_read_is_refused_with_the_command_that_converts_it(
    tmp_path: Path, kind: str
) -> None:
    key = tmp_path / "my key"
    key.write_text(f"-----BEGIN {kind}PRIVATE KEY-----\nMAMC\n-----END {kind}PRIVATE KEY-----\n")
    with pytest.raises(Unavailable) as raised:
        TOOLS["flyway"].must_secure(replace(PLACE, sslkey=str(key)))
    assert "-in 'my key'" in str(raised.value.todo)
    assert kind.strip() in str(raised.value.why).upper()


def test_prisma_cannot_take_a_client_certificate_in_two_files() -> None:
    with pytest.raises(Unavailable, match="client certificate"):
        TOOLS["prisma"].must_secure(replace(PLACE, sslcert="a", sslkey="b"))


def test_files_are_found_from_another_folder_too() -> None:
    asked = {"host": "a", "port": "1", "dbname": "b", "sslrootcert": "ca.pem", "sslkey": "/k"}
    place = place_of(asked, encrypted=True)
    assert (place.sslrootcert, place.sslkey, place.sslcert) == (str(Path.cwd() / "ca.pem"), "/k", None)
    assert place_of({**asked, "sslrootcert": "system"}, encrypted=True).sslrootcert == "system"


def test_a_parameter_that_only_libpq_knows_is_refused_by_name() -> None:
    with pytest.raises(Unavailable, match="require_auth"):
        place_of({"host": "a", "port": "1", "dbname": "b", "user": "c", "require_auth": "x"}, encrypted=False)


@pytest.mark.parametrize(("encrypted", "mode"), [(True, "require"), (False, "disable")])
def test_a_line_is_as_encrypted_as_ours_was(encrypted: bool, mode: str) -> None:
    place = place_of({"host": "a", "port": "1", "dbname": "b", "sslmode": "prefer"}, encrypted=encrypted)
    assert place.sslmode == mode


def test_only_the_end_of_what_a_program_says_is_kept(tmp_path: Path) -> None:
    program = tmp_path / "fake"
    program.write_text(f"#!{sys.executable}\nprint('x' * 200_000)\nprint('the end')\nraise SystemExit(3)\n")
    program.chmod(0o755)
    environ = {"PATH": os.environ["PATH"]}
    made = Program(TOOLS["flyway"], program).apply(JOB, environ=environ, timeout=timedelta(seconds=30))
    assert made[0] == 3
    assert len(made[1]) == LIMIT
    assert made[1].endswith("the end")


def test_a_program_that_hangs_is_stopped(tmp_path: Path) -> None:
    program = tmp_path / "fake"
    program.write_text("#!/bin/sh\necho waiting >&2; exec sleep 60\n")
    program.chmod(0o755)
    with pytest.raises(Failed, match="stopped after"):
        Program(TOOLS["flyway"], program).apply(
            JOB, environ={"PATH": os.environ["PATH"]}, timeout=timedelta(seconds=0.5)
        )


def test_a_program_is_found_by_name_by_path_and_where_npm_puts_it(told: Path) -> None:
    near = told / "node_modules" / ".bin"
    near.mkdir(parents=True)
    (near / "prisma").symlink_to(told / "fake")
    nowhere: Mapping[str, str] = {"PATH": "/nonexistent"}
    assert find("prisma", None, root=told, environ=nowhere).path == near / "prisma"
    assert find("flyway", "./fake", root=told, environ=nowhere).path == told / "fake"
    assert find("flyway", "fake", root=Path("/"), environ={"PATH": str(told)}).path == told / "fake"
    with pytest.raises(Unavailable, match="no program migrate") as raised:
        find("golang-migrate", None, root=told, environ=nowhere)
    assert "go install" in str(raised.value.todo)


@pytest.mark.parametrize(("name", "major"), [("prisma", 7), ("other", 0)])
def test_the_major_of_prisma_is_read_where_npm_has_put_it(told: Path, name: str, major: int) -> None:
    (told / "build").mkdir()
    (told / "fake").rename(told / "build" / "index.js")
    (told / "package.json").write_text(json.dumps({"name": name, "version": "7.10.1"}))
    assert (TOOLS["prisma"].major_of(told / "build" / "index.js") or 0) == major
