"""pg_dump and pg_restore: where to connect travels in PG* variables, so no secret is ever in argv."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from pipeline.errors import Unavailable
from pipeline.programs.installations import Installation
from pipeline.programs.run import lean, run, stream

VARIABLES: Mapping[str, str] = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "servicefile": "PGSERVICEFILE",
    "options": "PGOPTIONS",
    "application_name": "PGAPPNAME",
    "client_encoding": "PGCLIENTENCODING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "channel_binding": "PGCHANNELBINDING",
    "require_auth": "PGREQUIREAUTH",
    "sslmode": "PGSSLMODE",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "sslcompression": "PGSSLCOMPRESSION",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcertmode": "PGSSLCERTMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "sslcrldir": "PGSSLCRLDIR",
    "sslsni": "PGSSLSNI",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "requirepeer": "PGREQUIREPEER",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "gsslib": "PGGSSLIB",
    "gssdelegation": "PGGSSDELEGATION",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "load_balance_hosts": "PGLOADBALANCEHOSTS",
}
NEEDLESS = re.compile(r"keepalives|tcp_user_timeout|fallback_application_name")
ZSTD_SINCE = 16
LONGEST = timedelta(hours=12)
LOCK_WAIT = timedelta(seconds=10)


def environment(parameters: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a client of ours: libpq ``parameters`` as variables, and nothing else of libpq's.

    Raises Unavailable for a parameter that has no variable, rather than connecting without it.
    """
    homeless = [name for name in parameters if name not in VARIABLES and not NEEDLESS.match(name)]
    if homeless:
        raise Unavailable(
            f"the connection parameter {homeless[0]} cannot be given to pg_dump",
            why="it has no environment variable, and arguments are visible to every user of this machine",
        )
    given = {VARIABLES[name]: value for name, value in parameters.items() if name in VARIABLES}
    return lean(environ, **given)


def dump(
    installation: Installation,
    parameters: Mapping[str, str],
    *,
    into: Callable[[bytes], object],
    environ: Mapping[str, str],
    snapshot: str | None = None,
    schema_only: bool = False,
    lock_wait: timedelta = LOCK_WAIT,
    timeout: timedelta = LONGEST,
) -> None:
    """Dump a database in custom format to the sink ``into``, as of an exported ``snapshot`` if one is given.

    With ``schema_only``, no rows. ``lock_wait`` bounds the wait for a table lock. The dump ends when we die.
    Raises Failed.
    """
    program = installation.program("pg_dump")
    argv = [
        str(program),
        "--format=custom",
        f"--compress={_compression(installation, program)}",
        "--no-password",
        f"--lock-wait-timeout={round(lock_wait.total_seconds() * 1000)}",
    ]
    if schema_only:
        argv.append("--schema-only")
    if snapshot is not None:
        argv.append(f"--snapshot={snapshot}")
    stream(argv, into=into, timeout=timeout, env=environment(parameters, environ))


def restore(
    installation: Installation,
    parameters: Mapping[str, str],
    file: Path,
    *,
    environ: Mapping[str, str],
    jobs: int = 1,
    timeout: timedelta = LONGEST,
) -> None:
    """Restore a custom-format dump into an empty database: all of it, or (with one job) nothing.

    It never drops anything, so it cannot be turned against a live database. Raises Failed.
    """
    name = parameters.get("dbname", "").replace("\\", "\\\\").replace("'", "\\'")
    argv = [installation.program("pg_restore"), "--no-password", "--exit-on-error", f"--dbname=dbname='{name}'"]
    how = "--single-transaction" if jobs == 1 else f"--jobs={jobs}"
    run([*argv, how, file], timeout=timeout, env=environment(parameters, environ))


def _compression(installation: Installation, program: Path) -> str:
    """The quickest that this build knows: zstd where it is compiled in, else gzip."""
    if installation.major >= ZSTD_SINCE and b"ZSTD_" in program.read_bytes():
        return "zstd:1"
    return "1"
