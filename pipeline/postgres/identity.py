"""Who a server is and who we are on it: facts read once, before anything is decided."""

from collections.abc import Mapping
from typing import LiteralString, NamedTuple

from pipeline.config.pins import LOCK_FILE, Pin
from pipeline.errors import Refused
from pipeline.postgres.connect import Session
from pipeline.postgres.run import one

FACTS: LiteralString = """
select d.datname,
       d.oid::text,
       pg_catalog.current_setting('server_version'),
       pg_catalog.pg_is_in_recovery(),
       r.rolname,
       array(select p.rolname::text
               from pg_catalog.pg_roles as s, pg_catalog.pg_roles as p
              where s.rolname in (current_user, session_user)
                and p.rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
                and pg_catalog.pg_has_role(s.oid, p.oid, 'MEMBER') and not s.rolsuper
             union
             select 'superuser' from pg_catalog.pg_roles as s
              where s.rolname in (current_user, session_user) and s.rolsuper
             order by 1),
       pg_catalog.pg_has_role(r.oid, d.datdba, 'USAGE'),
       pg_catalog.has_database_privilege(d.oid, 'CREATE'),
       pg_catalog.pg_get_userbyid(d.datdba),
       pg_catalog.pg_encoding_to_char(d.encoding),
       d.datcollate,
       d.datctype,
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c'),
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale'),
       pg_catalog.clock_timestamp()::text
  from pg_catalog.pg_database as d, pg_catalog.pg_roles as r
 where d.datname = pg_catalog.current_database() and r.rolname = current_user
"""

MAY_ASK_THE_SYSTEM: LiteralString = """
select pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
"""
"""A service that runs the server for others may keep it to itself."""
SYSTEM: LiteralString = "select system_identifier::text from pg_catalog.pg_control_system()"

SIZE: LiteralString = "select pg_catalog.pg_database_size(pg_catalog.current_database())"

SETTINGS_THAT_MATTER: LiteralString = """
select name, setting
  from pg_catalog.pg_settings
 where name = any (array['server_encoding', 'TimeZone', 'DateStyle', 'IntervalStyle', 'bytea_output',
                         'standard_conforming_strings', 'default_tablespace', 'default_table_access_method',
                         'default_toast_compression', 'check_function_bodies', 'lc_monetary', 'lc_numeric',
                         'lc_time', 'row_security', 'session_replication_role'])
 order by name
"""


class Identity(NamedTuple):
    """One database as it presents itself.

    ``system_identifier`` is "" where the server does not tell. ``powers`` are those over the whole server that
    the role has, as itself or as who logged in.
    """

    system_identifier: str
    database: str
    oid: str
    server_version: str
    in_recovery: bool
    role: str
    powers: list[str]
    owns_database: bool
    may_create_schema: bool
    owner: str
    encoding: str
    collate: str
    ctype: str
    locale_provider: str
    locale: str | None
    now: str

    @property
    def major(self) -> int:
        """The server's major version."""
        return int(self.server_version.split(".", 1)[0])


def identify(session: Session) -> Identity:
    """Read the facts of the database a session is on."""
    told = one(session.connection, MAY_ASK_THE_SYSTEM)[0]
    system = one(session.connection, SYSTEM)[0] if told else ""
    return Identity(system, *one(session.connection, FACTS))


def size_of(session: Session) -> int:
    """How large the database is, in bytes. The server looks at every one of its files: that takes a while."""
    return int(one(session.connection, SIZE)[0])


def settings(session: Session) -> dict[str, str]:
    """The settings of a session that change what a migration does or means."""
    return {str(name): str(value) for name, value in session.connection.execute(SETTINGS_THAT_MATTER)}


def pin_of(identity: Identity, endpoint: str) -> Pin:
    """The facts by which a database is told from every other."""
    return Pin(identity.database, identity.oid, identity.system_identifier, endpoint)


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
            f"{label} is on the server {identity.system_identifier or 'unknown'}, expected {system_identifier}",
            why="another server, or one that was made anew: each has a system identifier of its own",
            todo="check the URL of this environment, or its identity: in environments.yaml",
        )
    if identity.in_recovery:
        raise Refused(
            f"{label} is a standby (in recovery)",
            why="a standby takes no writes",
            todo="point this environment at the primary",
        )


def must_be_as_pinned(found: Pin, pins: Mapping[str, Pin], *, environment: str) -> None:
    """Refuse a database that is not the one pinned for an environment, or that is pinned for another."""
    for name, pin in pins.items():
        if name != environment and pin.same_database(found):
            raise Refused(
                f"{environment} is the database that is pinned as {name!r}",
                where=LOCK_FILE,
                why="two environments never share a database: has a URL been swapped?",
                todo=f"check the URLs of {environment} and {name}",
            )
    pinned = pins.get(environment)
    if pinned is not None and pinned != found:
        raise Refused(
            f"{environment} is not the database that was pinned",
            where=LOCK_FILE,
            why="; ".join(pinned.differences(found)),
            todo="check the URL of this environment; if it has been replaced on purpose:"
            f" pipeline pin {environment} --replace",
        )
