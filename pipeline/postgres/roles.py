"""The roles of a server, and their stand-ins on another: names, attributes and memberships, no passwords."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from pipeline.postgres.connect import Session

ROLES: LiteralString = """
select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls,
       array(select pg_catalog.pg_get_userbyid(m.roleid)::text from pg_catalog.pg_auth_members as m
              where m.member = r.oid order by 1)
  from pg_catalog.pg_roles as r
 where rolname !~ '^pg_'
 order by rolname
"""
SETTINGS: LiteralString = """
select coalesce(r.rolname, ''), s.setdatabase <> 0, cfg
  from pg_catalog.pg_db_role_setting as s
  left join pg_catalog.pg_roles as r on r.oid = s.setrole
  cross join pg_catalog.unnest(s.setconfig) as cfg
 where s.setdatabase in (0, (select oid from pg_catalog.pg_database
                              where datname = pg_catalog.current_database()))
   and (s.setrole = 0 or r.rolname is not null)
 order by 1, 2, 3
"""
PRESENT: LiteralString = "select rolname from pg_catalog.pg_roles"

LISTS = frozenset({"search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"})
"""Settings whose value is a list of names: quoting the whole would make one name of it."""
NAME = re.compile(r'"(?:[^"]|"")*"|[^",\s]+')


@dataclass(frozen=True)
class Role:
    """One role: its attributes and the roles it is a member of."""

    name: str
    superuser: bool
    inherit: bool
    create_role: bool
    create_database: bool
    login: bool
    bypass_row_security: bool
    member_of: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """A setting kept for a role (empty: all), for this database only or for all of them."""

    role: str
    this_database: bool
    name: str
    value: str


def read_roles(session: Session) -> tuple[Role, ...]:
    """Every role that is not predefined."""
    return tuple(Role(*row[:7], member_of=tuple(row[7])) for row in session.connection.execute(ROLES))


def read_settings(session: Session) -> tuple[Setting, ...]:
    """What ALTER DATABASE … SET and ALTER ROLE … SET have left for this database."""
    return tuple(
        Setting(role, this_database, *entry.split("=", 1))
        for role, this_database, entry in session.connection.execute(SETTINGS)
    )


def create_roles(session: Session, roles: Sequence[Role], *, password: str | None = None) -> None:
    """Make the missing ones among ``roles`` on a throwaway, as its superuser.

    They log in with the throwaway's own ``password`` where it asks for one; none ever comes from elsewhere.
    """
    present = {str(name) for (name,) in session.connection.execute(PRESENT)}
    for role in roles:
        if role.name not in present:
            session.connection.execute(
                sql.SQL("create role {} {} password {}").format(
                    sql.Identifier(role.name), _attributes(role), sql.Literal(password)
                )
            )
    for role in roles:
        for group in role.member_of:
            if role.name not in present and (group in present or any(group == r.name for r in roles)):
                session.connection.execute(
                    sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(role.name))
                )


def apply_settings(session: Session, settings: Sequence[Setting], *, database: str) -> None:
    """Give a throwaway database the settings that the real one has."""
    for setting in settings:
        subject = [sql.SQL("alter role {}").format(sql.Identifier(setting.role))] if setting.role else []
        if setting.this_database:
            template = sql.SQL("in database {}") if setting.role else sql.SQL("alter database {}")
            subject.append(template.format(sql.Identifier(database)))
        if not subject:
            subject = [sql.SQL("alter role all")]
        session.connection.execute(
            sql.SQL(" ").join(
                [*subject, sql.SQL("set {} to {}").format(sql.Identifier(setting.name), _value(setting))]
            )
        )


def _attributes(role: Role) -> sql.Composed:
    words = [
        sql.SQL("superuser") if role.superuser else sql.SQL("nosuperuser"),
        sql.SQL("inherit") if role.inherit else sql.SQL("noinherit"),
        sql.SQL("createrole") if role.create_role else sql.SQL("nocreaterole"),
        sql.SQL("createdb") if role.create_database else sql.SQL("nocreatedb"),
        sql.SQL("login") if role.login else sql.SQL("nologin"),
        sql.SQL("bypassrls") if role.bypass_row_security else sql.SQL("nobypassrls"),
    ]
    return sql.SQL(" ").join(words)


def _value(setting: Setting) -> sql.Composable:
    if setting.name not in LISTS:
        return sql.Literal(setting.value)
    names = [name[1:-1].replace('""', '"') if name[:1] == '"' else name for name in NAME.findall(setting.value)]
    return sql.SQL(", ").join([sql.Literal(name) for name in names])
