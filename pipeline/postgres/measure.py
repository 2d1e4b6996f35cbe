"""What a statement really did: the locks it took and how long, the tables it rewrote, the WAL it wrote.

Asked of the catalogs from inside the migration's own transaction, after each statement. Only relations that
were there before the migration count: nobody waits for a table that nobody can see yet.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import LiteralString

from pipeline.postgres.connect import Session
from pipeline.postgres.run import one
from pipeline.sql.statements import Statement

BEFORE: LiteralString = """
select c.oid::bigint, n.nspname || '.' || c.relname, pg_catalog.pg_relation_filenode(c.oid)::bigint,
       greatest(c.reltuples, 0)::bigint
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname = any (%s) and c.relkind in ('r', 'p', 'm')
"""
AFTER: LiteralString = """
select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint,
       array(select l.relation::bigint || '/' || l.mode
               from pg_catalog.pg_locks as l
              where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation' and l.granted
                and l.relation = any (%s::bigint[]::oid[])),
       array(select c.oid::bigint || '/' || pg_catalog.pg_relation_filenode(c.oid)
               from pg_catalog.pg_class as c where c.oid = any (%s::bigint[]::oid[]))
"""

STRENGTH: Sequence[str] = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
"""PostgreSQL's table lock modes, weakest first."""

STRONG = frozenset(STRENGTH[STRENGTH.index("ShareLock") :])
"""The modes behind which writers, or everybody, must wait."""


@dataclass(frozen=True)
class TableLock:
    """The strongest lock a statement took on a table, and how long it was held, to COMMIT."""

    relation: str
    mode: str
    held_ms: float


@dataclass(frozen=True)
class Rewrite:
    """A table that was written anew; ``rows`` is the planner's estimate (reltuples)."""

    relation: str
    rows: int


@dataclass(frozen=True)
class Measured:
    """One statement as it ran; ``locks`` is None where it could not be asked (outside a transaction)."""

    migration: str
    line: int
    kind: str
    duration_ms: float
    rows: int
    wal_bytes: int
    locks: tuple[TableLock, ...] | None
    rewrites: tuple[Rewrite, ...] = ()

    @property
    def strong(self) -> bool:
        """Whether others had to wait behind it."""
        return any(lock.mode in STRONG for lock in self.locks or ())


@dataclass
class _Relation:
    name: str
    filenode: int | None
    rows: int
    modes: set[str] = field(default_factory=set[str])


@dataclass(frozen=True)
class _Sample:
    statement: Statement
    started: float
    ended: float
    rows: int
    wal: int
    locks: tuple[tuple[str, str], ...] | None
    rewrites: tuple[Rewrite, ...]


class Meter:
    """Watches one migration, statement by statement; ``measured`` is complete once the migration ended."""

    closely = True

    def __init__(self, session: Session, migration: str, schemas: Sequence[str]) -> None:
        self._session = session
        self._migration = migration
        self._schemas = list(schemas)
        self._relations: dict[int, _Relation] = {}
        self._samples: list[_Sample] = []
        self._wal = 0
        self.measured: tuple[Measured, ...] = ()

    def begun(self) -> None:
        """Look at what is there before the migration runs (again, when it is tried again)."""
        self._relations = {
            int(oid): _Relation(str(name), filenode, int(rows))
            for oid, name, filenode, rows in self._session.connection.execute(BEFORE, [self._schemas])
        }
        self._samples.clear()
        oids = list(self._relations)
        wal, held, _ = one(self._session.connection, AFTER, [oids, oids])
        self._new_locks(held)  # What is held already is no statement's doing: the ledger has been read.
        self._wal = int(wal)

    def ran(self, statement: Statement, *, started: float, rows: int) -> None:
        """Ask what the statement that just ended did; ``started`` is a reading of ``perf_counter``."""
        ended = perf_counter()
        oids = list(self._relations)
        wal, held, filenodes = one(self._session.connection, AFTER, [oids, oids])
        inside = statement.transactional
        self._samples.append(
            _Sample(
                statement=statement,
                started=started,
                ended=ended,
                rows=max(rows, 0),
                wal=int(wal) - self._wal,
                locks=self._new_locks(held) if inside else None,
                rewrites=tuple(self._new_filenodes(filenodes)),
            )
        )
        self._wal = int(wal)

    def ended(self) -> None:
        """Close the books: locks are held until now."""
        now = perf_counter()
        self.measured = tuple(self._close(sample, now) for sample in self._samples)

    def _new_locks(self, held: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Those among the locks ``held`` that were not held before, by relation and mode."""
        new: list[tuple[str, str]] = []
        for entry in held:
            oid, mode = entry.split("/", 1)
            relation = self._relations[int(oid)]
            if mode not in relation.modes:
                relation.modes.add(mode)
                new.append((relation.name, mode))
        return tuple(new)

    def _new_filenodes(self, filenodes: Sequence[str | None]) -> Generator[Rewrite]:
        for entry in filenodes:
            oid, filenode = (entry or "0/0").split("/", 1)
            relation = self._relations.get(int(oid))
            if relation is not None and relation.filenode not in (None, int(filenode)):
                relation.filenode = int(filenode)
                yield Rewrite(relation.name, relation.rows)

    def _close(self, sample: _Sample, now: float) -> Measured:
        strongest: dict[str, str] = {}
        for relation, mode in sample.locks or ():
            if STRENGTH.index(mode) >= STRENGTH.index(strongest.get(relation, STRENGTH[0])):
                strongest[relation] = mode
        locks = tuple(
            TableLock(relation, mode, held_ms=(now - sample.started) * 1000)
            for relation, mode in sorted(strongest.items())
        )
        return Measured(
            migration=self._migration,
            line=sample.statement.line,
            kind=sample.statement.kind,
            duration_ms=(sample.ended - sample.started) * 1000,
            rows=sample.rows,
            wal_bytes=sample.wal,
            locks=locks if sample.locks is not None else None,
            rewrites=sample.rewrites,
        )
