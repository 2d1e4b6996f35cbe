"""Where a database is and how to reach it, without saying so aloud: credentials are resolved anew each time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

DEFAULT_PORT = "5432"


@dataclass(frozen=True)
class Target:
    """One database to connect to.

    ``label`` is what people read ("prod", "throwaway"); ``resolve`` returns libpq parameters
    (host, port, user, password, dbname, sslmode, …) and is called at every connect, since tokens expire.
    """

    label: str
    resolve: Callable[[], Mapping[str, str]]

    def elsewhere(self, **parameters: str) -> "Target":
        """The same server reached with other parameters (another database, another role)."""
        return replace(self, resolve=lambda: {**self.resolve(), **parameters})

    @property
    def endpoint(self) -> str:
        """Where the server listens, as the parameters say it: ``db1:5432``, or several with commas."""
        parameters = self.resolve()
        hosts = parameters.get("host", "").split(",")
        ports = parameters.get("port", "").split(",")
        if len(ports) < len(hosts):
            ports = ports * len(hosts)
        pairs = zip(hosts, ports, strict=False)
        return ",".join(f"{host or 'local'}:{port or DEFAULT_PORT}" for host, port in pairs)

    @property
    def shown(self) -> str:
        """Host and database for people, never a secret: ``db1/shop``."""
        parameters = self.resolve()
        host = parameters.get("host", "")
        return f"{'local' if not host or host.startswith('/') else host}/{parameters.get('dbname', '')}"
