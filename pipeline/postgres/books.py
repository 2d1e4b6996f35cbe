"""Our own schema in the target: what we did there, in the same transactions as the work.

It is made at the first apply, has a version, is left out of every fingerprint and can be dropped at any time
(``drop schema pipeline cascade``) without harm to the ledger, which belongs to the other tool.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString, NamedTuple

from psycopg import errors, sql

from pipeline.errors import Refused
from pipeline.postgres.connect import Session
from pipeline.postgres.run import Bound, bound, one, run, together
from pipeline.sql.command import Command

Table = tuple[str, str]

SCHEMA = "pipeline"
VERSION = 3

UP = "up"
DOWN = "down"
CALL = "callback"
"""Which way a script goes, as we write it down."""

CREATE_SCHEMA: LiteralString = "create schema pipeline"
CREATE: tuple[LiteralString, ...] = (
    "create table if not exists pipeline.version (number integer not null)",
    """create table if not exists pipeline.marker (
           environment text not null,
           system_identifier text not null,
           database_oid text not null,
           made_at timestamptz not null default now())""",
    """create table if not exists pipeline.promotions (
           run_id text primary key,
           environment text not null,
           release_digest text not null,
           plan_digest text not null,
           fingerprint_before text not null,
           fingerprint_expected text not null,
           fingerprint_after text,
           outcome text not null,
           started_at timestamptz not null default now(),
           finished_at timestamptz,
           ledger_table text not null default '')""",
    """create table if not exists pipeline.applied (
           id bigint generated always as identity primary key,
           run_id text not null,
           direction text not null,
           migration text not null,
           script text not null,
           sha256 text not null,
           at timestamptz not null default now(),
           ledger_table text not null default '')""",
    """create table if not exists pipeline.attempts (
           migration text not null,
           direction text not null,
           run_id text not null,
           objects text[] not null,
           ledger jsonb not null,
           at timestamptz not null default now(),
           ledger_table text not null default '')""",
    """create table if not exists pipeline.snapshots (
           ledger text not null,
           content bytea not null,
           at timestamptz not null default now(),
           ledger_table text not null default '')""",
    """create table if not exists pipeline.journal (
           run_id text not null,
           number integer not null,
           line text not null,
           primary key (run_id, number))""",
    "alter table pipeline.promotions add column if not exists ledger_table text not null default ''",
    "alter table pipeline.applied add column if not exists ledger_table text not null default ''",
    "alter table pipeline.attempts add column if not exists ledger_table text not null default ''",
    "alter table pipeline.snapshots add column if not exists ledger_table text not null default ''",
    "alter table pipeline.attempts drop constraint if exists attempts_pkey",
    "alter table pipeline.attempts add primary key (ledger_table, migration, direction)",
)
"""What makes our schema, and brings an older version of it up to this one.

Several ledgers may be in one database, each with a migration 1. What an older version wrote, which did not say
for which, counts for all.
"""
SET_VERSION: LiteralString = """
with older as (delete from pipeline.version) insert into pipeline.version values (%s)
"""
SCHEMA_THERE: LiteralString = "select pg_catalog.to_regnamespace('pipeline') is not null"
READABLE: LiteralString = """
select pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_table_privilege(c.oid, 'SELECT')
  from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname = 'pipeline' and c.relname = 'version'
"""
"""Whether our schema may be read; no row where it is not there."""
READ_VERSION: LiteralString = "select number from pipeline.version"
OLDER: LiteralString = "(select '' as ledger_table) as older, lateral"
"""Before anything is written, our schema may be of an older version: what follows finds this column then."""
ATTEMPTS: LiteralString = f"""
select migration, direction, objects
  from {OLDER} (select migration, direction, objects, ledger_table from pipeline.attempts) as attempts
 where attempts.ledger_table in ('', %s)
"""  # noqa: S608  # a literal with a literal in it
CLAIM: LiteralString = """
update pipeline.attempts set ledger_table = %s where ledger_table = '' and migration = %s and direction = %s
"""
ATTEMPT: LiteralString = """
insert into pipeline.attempts (ledger_table, migration, direction, run_id, objects, ledger)
select %s, %s, %s, %s, %s::text[], coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(l)), '[]')
  from {ledger} as l
on conflict (ledger_table, migration, direction) do update set run_id = excluded.run_id
"""
LEDGER_BACK: tuple[LiteralString, ...] = (
    """
delete from {ledger} as l
 where not exists (select from pipeline.attempts as a, pg_catalog.jsonb_array_elements(a.ledger) as was(row)
                    where a.ledger_table in ('', %s) and a.migration = %s and a.direction = %s
                      and was.row = pg_catalog.to_jsonb(l))""",
    """
insert into {ledger}
select was.* from pipeline.attempts as a, pg_catalog.jsonb_populate_recordset(null::{ledger}, a.ledger) as was
 where a.ledger_table in ('', %s) and a.migration = %s and a.direction = %s
   and not exists (select from {ledger} as l where pg_catalog.to_jsonb(l) = pg_catalog.to_jsonb(was))""",
)
"""What puts the ledger back to the rows it had when an attempt began."""
ATTEMPT_OVER: LiteralString = """
delete from pipeline.attempts where ledger_table in ('', %s) and migration = %s and direction = %s
"""
APPLIED: LiteralString = """
insert into pipeline.applied (ledger_table, run_id, direction, migration, script, sha256)
values (%s, %s, %s, %s, %s, %s)
"""
IS_APPLIED: LiteralString = """
select exists (select from pipeline.applied
                where ledger_table = %s and run_id = %s and direction = %s and migration = %s)
"""
APPLIED_DIGESTS: LiteralString = """
select migration, sha256 from pipeline.applied where run_id = %s and direction = 'up'
"""
BEGUN: LiteralString = """
insert into pipeline.promotions
       (ledger_table, run_id, environment, release_digest, plan_digest, fingerprint_before,
        fingerprint_expected, outcome)
values (%s, %s, %s, %s, %s, %s, %s, 'applying')
"""
ENDED: LiteralString = """
update pipeline.promotions set outcome = %s, fingerprint_after = %s, finished_at = now() where run_id = %s
"""
UNFINISHED: LiteralString = f"""
select p.run_id, p.release_digest, p.fingerprint_expected,
       (select count(*) from pipeline.applied as a where a.run_id = p.run_id and a.direction = 'up')
  from {OLDER} (select run_id, release_digest, fingerprint_expected, outcome, started_at, ledger_table
                  from pipeline.promotions) as p
 where p.outcome = 'applying' and p.ledger_table in ('', %s)
 order by p.started_at desc limit 1
"""  # noqa: S608  # a literal with a literal in it
JOURNAL: LiteralString = """
insert into pipeline.journal (run_id, number, line)
select %s, s.number - 1, s.line from pg_catalog.unnest(%s::text[]) with ordinality as s(line, number)
on conflict do nothing
"""
FORGET: LiteralString = "delete from pipeline.snapshots where ledger_table in ('', %s)"
REMEMBER: LiteralString = "insert into pipeline.snapshots (ledger_table, ledger, content) values (%s, %s, %s)"
REMEMBERED: LiteralString = f"""
select ledger, content
  from {OLDER} (select ledger, content, at, ledger_table from pipeline.snapshots) as snapshots
 where snapshots.ledger_table in ('', %s)
 order by at desc limit 1
"""  # noqa: S608  # a literal with a literal in it
SUPERSEDE: LiteralString = """
update pipeline.promotions set outcome = 'interrupted', finished_at = now()
 where outcome = 'applying' and run_id <> %s and ledger_table in ('', %s)
"""


class Unfinished(NamedTuple):
    """A promotion that began to apply and never said how it ended; ``applied`` counts its migrations."""

    run_id: str
    release_digest: str
    fingerprint_expected: str
    applied: int


class Attempt(NamedTuple):
    """A non-transactional script that began: ``objects`` are the names of what it makes or drops."""

    migration: str
    direction: str
    objects: tuple[str, ...]


@dataclass(frozen=True)
class Books:
    """The records of one run on one ledger. Every method writes in the caller's transaction, if any."""

    session: Session
    run_id: str
    ledger: Table

    def open(self) -> None:
        """Make our schema where it is missing. Raises Refused with the statement a DBA must run."""
        if kept(self.session) and self._is_up_to_date():
            return
        # A schema that a DBA has made for us is used as it is: IF NOT EXISTS asks for the privilege first.
        made = schema_there(self.session)
        making = CREATE if made else (CREATE_SCHEMA, *CREATE)
        version = bound(self.session.connection, Command(SET_VERSION, values=(VERSION,)))
        try:
            with self.session.connection.transaction():
                together(self.session.connection, *map(Bound, making), version)
        except errors.InsufficientPrivilege as error:
            role = self.session.connection.info.user
            quoted = sql.Identifier(role).as_string(self.session.connection)
            way = f"alter schema {SCHEMA} owner to" if made else f"create schema {SCHEMA} authorization"
            raise Refused(
                f"{role} may not make the schema {SCHEMA!r} that keeps our records",
                where=self.session.target.shown,
                why=str(error).strip(),
                todo=f"have a DBA run: {way} {quoted};",
            ) from None

    def attempted(self, migration: str, direction: str) -> bool:
        """Whether a script began here and did not end."""
        attempts = open_attempts(self.session, self.ledger)
        return any((one.migration, one.direction) == (migration, direction) for one in attempts)

    def attempt(self, migration: str, direction: str, objects: Sequence[str]) -> None:
        """Write down that a non-transactional script begins, what it makes or drops, and the ledger's rows.

        Where it goes on with an attempt, the rows stay those that the ledger had when that began.
        """
        self.session.connection.execute(CLAIM, [name_of(self.ledger), migration, direction])
        values = (name_of(self.ledger), migration, direction, self.run_id, list(objects))
        run(self.session.connection, Command(ATTEMPT, {"ledger": self.ledger}, values))

    def ledger_back(self, migration: str, direction: str) -> None:
        """Put the rows of the ledger back that it had when the attempt began."""
        values = (name_of(self.ledger), migration, direction)
        for text in LEDGER_BACK:
            run(self.session.connection, Command(text, {"ledger": self.ledger}, values))

    def attempt_over(self, migration: str, direction: str) -> Command:
        """What writes down that it ended; sent with the ledger row."""
        return Command(ATTEMPT_OVER, values=(name_of(self.ledger), migration, direction))

    def applied(self, migration: str, direction: str, *, script: str, sha256: str) -> Command:
        """What writes down which bytes ran; sent with the ledger row."""
        values = (name_of(self.ledger), self.run_id, direction, migration, script, sha256)
        return Command(APPLIED, values=values)

    def is_applied(self, migration: str, direction: str) -> Command:
        """What asks whether this run has written that down."""
        return Command(IS_APPLIED, values=(name_of(self.ledger), self.run_id, direction, migration))

    def begun(
        self,
        environment: str,
        *,
        release: str,
        plan: str,
        fingerprint: str,
        expected: str,
        journal: Sequence[str] = (),
    ) -> None:
        """Write down that a promotion begins to apply, where it must end, and what its journal says so far."""
        with self.session.connection.transaction():
            table = name_of(self.ledger)
            self.session.connection.execute(SUPERSEDE, [self.run_id, table])
            self.session.connection.execute(
                BEGUN, [table, self.run_id, environment, release, plan, fingerprint, expected]
            )
            self._mirror(journal)

    def ended(self, outcome: str, fingerprint: str | None, journal: Sequence[str] = ()) -> None:
        """Write down how a promotion ended, and what its journal says by then."""
        with self.session.connection.transaction():
            self.session.connection.execute(ENDED, [outcome, fingerprint, self.run_id])
            self._mirror(journal)

    def _mirror(self, journal: Sequence[str]) -> None:
        self.session.connection.execute(JOURNAL, [self.run_id, list(journal)])

    def applied_digests(self) -> Mapping[str, str]:
        """The SHA-256 of the file that this run applied, by migration."""
        rows = self.session.connection.execute(APPLIED_DIGESTS, [self.run_id])
        return {str(migration): str(digest) for migration, digest in rows}

    def remember(self, head: str, content: bytes) -> None:
        """Keep the shape of the database as it is now, and the head of the ledger that belongs to it."""
        with self.session.connection.transaction():
            table = name_of(self.ledger)
            self.session.connection.execute(FORGET, [table])
            self.session.connection.execute(REMEMBER, [table, head, content])

    def _is_up_to_date(self) -> bool:
        number = int(one(self.session.connection, READ_VERSION)[0])
        if number > VERSION:
            raise Refused(
                f"the schema {SCHEMA!r} here has version {number}, this program knows {VERSION}",
                where=self.session.target.shown,
                todo="use the version of the program that wrote it, or a newer one",
            )
        return number == VERSION


def kept(session: Session) -> bool:
    """Whether our schema is there. Raises Refused, with what a DBA must run, where it may not be read."""
    found = session.connection.execute(READABLE).fetchone()
    if found is not None and not found[0]:
        role = sql.Identifier(session.connection.info.user).as_string(session.connection)
        raise Refused(
            f"{session.connection.info.user} may not read our records in the schema {SCHEMA!r}",
            where=session.target.shown,
            why="another role has made them",
            todo=f"have a DBA run: grant usage on schema {SCHEMA} to {role};"
            f" grant select on all tables in schema {SCHEMA} to {role};"
            " a role that applies migrations must own the schema and its tables",
        )
    return found is not None


def schema_there(session: Session) -> bool:
    """Whether there is a schema of our name, made by us or for us."""
    return bool(one(session.connection, SCHEMA_THERE)[0])


def name_of(ledger: Table) -> str:
    """How our records call a ledger."""
    return ".".join(ledger)


def open_attempts(session: Session, ledger: Table) -> tuple[Attempt, ...]:
    """The non-transactional scripts of a ledger that began and did not end."""
    if not kept(session):
        return ()
    return tuple(
        Attempt(str(migration), str(direction), tuple(objects))
        for migration, direction, objects in session.connection.execute(ATTEMPTS, [name_of(ledger)])
    )


def unfinished(session: Session, ledger: Table) -> Unfinished | None:
    """The promotion of a ledger that was cut off while it applied, if the last one was."""
    if not kept(session):
        return None
    row = session.connection.execute(UNFINISHED, [name_of(ledger)]).fetchone()
    return Unfinished(*row) if row else None


def remembered(session: Session, ledger: Table) -> tuple[str, bytes] | None:
    """The last shape we kept for a ledger, and its head at that moment."""
    if not kept(session):
        return None
    row = session.connection.execute(REMEMBERED, [name_of(ledger)]).fetchone()
    return (str(row[0]), bytes(row[1])) if row else None
