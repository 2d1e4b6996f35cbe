"""A server that lets nobody in from elsewhere but over TLS, as one in production does, and its certificates."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from psycopg import sql

from pipeline.throwaway.places import Account, server_account
from pipeline.throwaway.supervisor import DATA
from tests.support.processes import becomes
from tests.support.servers import TestServer, as_superuser, started

NAMES = ("localhost", "db.example.test")
"""What the server is called in its certificate."""
CERTIFIED = "certified"
"""A role that logs in by its certificate, and by nothing else."""
RULES = (
    "local all all trust",
    f"hostssl all {CERTIFIED} 127.0.0.1/32 cert",
    "hostssl all all 127.0.0.1/32 scram-sha-256",
)


@dataclass(frozen=True)
class Secured:
    """The server, and the files beside its clients.

    Those are who signed its certificate, somebody who did not, and a role's certificate with its key: as
    PKCS #8, and as older tools write it.
    """

    server: TestServer
    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def stranger(self) -> Path:
        return self.folder / "other.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "role.pem"

    @property
    def key(self) -> Path:
        return self.folder / "role.key"

    @property
    def bare_key(self) -> Path:
        return self.folder / "bare.key"

    def url(self, role: str, database: str, *, host: str = NAMES[0], **asked: str) -> str:
        """A database as libpq names it; ``asked`` are its parameters."""
        assert self.server.door is not None
        secret = "" if role == CERTIFIED else f":{quote(self.server.door.password, safe='')}"
        return f"postgresql://{role}{secret}@{host}:{self.server.door.port}/{database}?{urlencode(asked)}"


@contextmanager
def secured(major: int, *, state: Path, folder: Path) -> Generator[Secured]:
    """A throwaway of that major behind TLS; ``folder`` gets the files that its clients need."""
    authority = trustme.CA()
    own = authority.issue_cert(*NAMES)
    role = authority.issue_cert(f"{CERTIFIED}@example.org", common_name=CERTIFIED)  # Java wants some such name
    account = server_account()
    with started(major, state, tcp=True) as server:
        made = Secured(server, folder)
        _write(made.authority, authority.cert_pem.bytes())
        _write(made.stranger, trustme.CA().cert_pem.bytes())
        _write(made.certificate, role.cert_chain_pems[0].bytes())
        _write(made.bare_key, role.private_key_pem.bytes())
        _write(made.key, _as_pkcs8(role.private_key_pem.bytes()))
        _write(server.home / DATA / "ca.pem", authority.cert_pem.bytes(), account)
        _write(server.home / DATA / "own.pem", own.cert_chain_pems[0].bytes(), account)
        _write(server.home / DATA / "own.key", own.private_key_pem.bytes(), account)
        _require_tls(server)
        yield made


def _write(path: Path, content: bytes, account: Account | None = None) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _as_pkcs8(key: bytes) -> bytes:
    return load_pem_private_key(key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _require_tls(server: TestServer) -> None:
    settings = {"ssl": "on", "ssl_cert_file": "own.pem", "ssl_key_file": "own.key", "ssl_ca_file": "ca.pem"}
    with as_superuser(server) as connection:
        for name, value in settings.items():
            command = sql.SQL("alter system set {} = {}").format(sql.Identifier(name), sql.Literal(value))
            connection.execute(command)
        path = connection.execute("select current_setting('hba_file')").fetchone()
        assert path is not None
        rows = sql.SQL(", ").join(sql.SQL("({})").format(sql.Literal(rule)) for rule in RULES)
        connection.execute(sql.SQL("copy (values {}) to {}").format(rows, sql.Literal(str(path[0]))))
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(CERTIFIED)))
        connection.execute("select pg_reload_conf()")
        assert becomes(lambda: connection.execute("show ssl").fetchone() == ("on",))
