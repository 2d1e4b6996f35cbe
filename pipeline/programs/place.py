"""Where a database is, for programs that are no clients of libpq: what they cannot be told is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pipeline.errors import Unavailable

SYSTEM = "system"
_WEAK = frozenset({"", "prefer", "allow"})
_NEEDLESS = re.compile(
    r"keepalives|tcp_user_timeout|(fallback_)?application_name|client_encoding|connect_timeout|service(file)?$"
    r"|passfile|target_session_attrs|load_balance_hosts|sslsni|sslcompression|sslnegotiation"
)
_USUAL = {"channel_binding": "prefer", "gssencmode": "prefer", "sslcertmode": "allow", "gssdelegation": "0"}


@dataclass(frozen=True)
class Place:
    """One database on one server, with who connects and how the line is secured.

    ``host`` is a name, an address or (with a slash in front) the folder of a socket. ``sslmode`` is disable,
    require, verify-ca or verify-full; ``sslrootcert`` a file, or ``system`` for the machine's own certificates.
    """

    host: str
    port: str
    database: str
    user: str
    password: str | None = field(default=None, repr=False)
    sslmode: str = "disable"
    sslrootcert: str | None = None
    sslcert: str | None = None
    sslkey: str | None = None

    @property
    def by_socket(self) -> bool:
        """Whether the server is reached by a socket of this machine."""
        return self.host.startswith(("/", "@"))

    @property
    def bracketed(self) -> str:
        """The host as URLs write it."""
        return f"[{self.host}]" if ":" in self.host else quote(self.host)


def place_of(parameters: Mapping[str, str], *, encrypted: bool) -> Place:
    """The place that libpq ``parameters`` name, where the line to it is ``encrypted`` or not.

    Raises Unavailable for a parameter that only libpq knows, rather than connecting without it.
    """
    given = dict(parameters)
    taken = {name: given.pop(name, "") for name in ("host", "port", "dbname", "user", "password", "sslmode")}
    files = {name: _from_anywhere(given.pop(name, "")) for name in ("sslrootcert", "sslcert", "sslkey")}
    for name, value in given.items():
        if value and not _NEEDLESS.match(name) and _USUAL.get(name) != value:
            raise Unavailable(
                f"the connection parameter {name} cannot be given to a program that is no client of libpq",
                todo="leave it out of the URL, or write migrations.runner: native",
            )
    as_found = "require" if encrypted else "disable"
    return Place(
        host=taken["host"],
        port=taken["port"],
        database=taken["dbname"],
        user=taken["user"],
        password=taken["password"] or None,
        sslmode=as_found if taken["sslmode"] in _WEAK else taken["sslmode"],
        **files,
    )


def _from_anywhere(file: str) -> str | None:
    """A file's path for who runs in another folder than we do."""
    return file if file == SYSTEM else str(Path(file).absolute()) if file else None


def start_options(settings: Mapping[str, str]) -> str:
    """Server settings as the ``options`` with which a session starts."""
    return " ".join(f"-c {name}={_escaped(value)}" for name, value in settings.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
