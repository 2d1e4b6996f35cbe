"""Where a database is and how to reach it, without saying so aloud: credentials are resolved anew each time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace


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
    def shown(self) -> str:
        """Host and database for people, never a secret: ``db1/shop``."""
        parameters = self.resolve()
        host = parameters.get("host", "")
        return f"{'local' if not host or host.startswith('/') else host}/{parameters.get('dbname', '')}"
