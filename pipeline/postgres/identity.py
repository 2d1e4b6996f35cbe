"""Who a server is and who we are on it: facts read once, before anything is decided."""

from dataclasses import dataclass
from typing import LiteralString

from pipeline.errors import Refused
from pipeline.postgres.connect import Session
from pipeline.postgres.run import one

FACTS: LiteralString = """
select d.datname,
       d.oid::text,
       (select s.system_identifier::text from pg_catalog.pg_control_system() as s),
       pg_catalog.current_setting('server_version'),
       pg_catalog.pg_is_in_recovery(),
       r.rolname,
       r.rolsuper,
       pg_catalog.pg_has_role(r.oid, d.datdba, 'USAGE'),
       pg_catalog.has_database_privilege(d.oid, 'CREATE'),
       pg_catalog.pg_get_userbyid(d.datdba),
       pg_catalog.pg_encoding_to_char(d.encoding),
       d.datcollate,
       d.datctype,
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c'),
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale'),
       pg_catalog.pg_database_size(d.oid),
       pg_catalog.clock_timestamp()::text
  from pg_catalog.pg_database as d, pg_catalog.pg_roles as r
 where d.datname = pg_catalog.current_database() and r.rolname = current_user
"""

SETTINGS_THAT_MATTER: LiteralString = """
select name, setting
  from pg_catalog.pg_settings
 where name = any (array['server_encoding', 'TimeZone', 'DateStyle', 'IntervalStyle', 'bytea_output',
                         'standard_conforming_strings', 'default_tablespace', 'default_table_access_method',
                         'default_toast_compression', 'check_function_bodies', 'lc_monetary', 'lc_numeric',
                         'lc_time', 'row_security', 'session_replication_role'])
 order by name
"""


@dataclass(frozen=True)
class Identity:
    """One database as it presents itself; ``size`` in bytes."""

    database: str
    oid: str
    system_identifier: str
    server_version: str
    in_recovery: bool
    role: str
    superuser: bool
    owns_database: bool
    may_create_schema: bool
    owner: str
    encoding: str
    collate: str
    ctype: str
    locale_provider: str
    locale: str | None
    size: int
    now: str

    @property
    def major(self) -> int:
        """The server's major version."""
        return int(self.server_version.split(".", 1)[0])


def identify(session: Session) -> Identity:
    """Read the facts of the database a session is on."""
    return Identity(*one(session.connection, FACTS))


def settings(session: Session) -> dict[str, str]:
    """The settings of a session that change what a migration does or means."""
    return {str(name): str(value) for name, value in session.connection.execute(SETTINGS_THAT_MATTER)}


def must_be(
    identity: Identity, *, label: str, database: str | None = None, system_identifier: str | None = None
) -> None:
    """Refuse a target that is not what the file says, or that cannot be written."""
    if database is not None and identity.database != database:
        raise Refused(
            f"{label} is the database {identity.database!r}, expected {database!r}",
            todo="check the URL of this environment, or its identity: in environments.yaml",
        )
    if system_identifier is not None and identity.system_identifier != system_identifier:
        raise Refused(
            f"{label} is on the server {identity.system_identifier}, expected {system_identifier}",
            why="another server, or one that was made anew: each has a system identifier of its own",
            todo="check the URL of this environment, or its identity: in environments.yaml",
        )
    if identity.in_recovery:
        raise Refused(
            f"{label} is a standby (in recovery)",
            why="a standby takes no writes",
            todo="point this environment at the primary",
        )
