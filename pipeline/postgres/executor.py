"""Apply and undo migrations on one working connection, for all formats alike."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from psycopg import errors

from pipeline.errors import Refused
from pipeline.formats.model import Kind, Migration
from pipeline.postgres import atomic, locks, stepwise
from pipeline.postgres.books import CALL, DOWN, UP
from pipeline.postgres.run import run
from pipeline.postgres.work import (
    ALONE,
    Around,
    Part,
    StrongLocks,
    Unwatched,
    Watch,
    Work,
)
from pipeline.postgres.worksite import Worksite
from pipeline.sql.statements import Statement


@dataclass(frozen=True)
class Executor:
    """Runs the scripts of migrations on a worksite whose session holds our lock."""

    site: Worksite

    def up(
        self,
        migration: Migration,
        statements: Sequence[Statement],
        *,
        watch: Watch | None = None,
        strong: StrongLocks = MappingProxyType({}),
        around: Around = ALONE,
    ) -> timedelta:
        """Apply a migration, of which ``strong`` says what others wait behind.

        Returns how long somebody may have waited who came at the worst moment, as far as ``strong`` tells.
        Raises Failed (rolled back), NeedsHuman (half-way), Busy (locks), OutcomeUnknown (connection lost).
        """
        ledger = self.site.ledger
        self._make_ledger()
        return self._perform(
            Work(
                migration=migration,
                direction=UP,
                script=migration.up,
                statements=statements,
                before=ledger.started(migration),
                after=lambda ms: ledger.finished(migration, ms),
                strong=strong,
                around=around,
            ),
            watch or Unwatched(),
        )

    def down(
        self, migration: Migration, statements: Sequence[Statement], *, previous: Migration | None
    ) -> None:
        """Take a migration back with its down script; ``previous`` is the newest one that stays applied.

        Raises as ``up`` does, and Refused where there is no down script.
        """
        if migration.down is None:
            raise Refused(f"{migration.label} has no way back", where=migration.up.file.shown)
        self._perform(
            Work(
                migration=migration,
                direction=DOWN,
                script=migration.down,
                statements=statements,
                before=(),
                after=lambda _: self.site.ledger.undone(migration, previous),
            ),
            Unwatched(),
        )

    def call(self, script: Part) -> None:
        """Run a callback: a script of which no ledger knows. Raises as ``up`` does."""
        self._make_ledger()
        file = script.script.file
        callback = Migration(Kind.REPEATABLE, None, file.path, file.path, script.script)
        work = Work(callback, CALL, script.script, script.statements, (), lambda _: ())
        way = atomic if work.transactional else stepwise
        way.aside(self.site, work)

    def end(self) -> None:
        """Release the advisory locks that the last script has left to the session; the next one does, too."""
        locks.release_others(self.site.session)

    def _perform(self, work: Work, watch: Watch) -> timedelta:
        way = atomic if work.transactional else stepwise
        with self.site.unhurried() if work.online else nullcontext():
            waited = way.perform(self.site, work, watch)
        watch.ended()
        return waited

    def _make_ledger(self) -> None:
        if self.site.head:
            return
        connection = self.site.session.connection
        with self.site.format_lock():
            self.site.must_not_have_moved()
            try:
                with connection.transaction():
                    for command in self.site.ledger.create:
                        run(connection, command)
            except errors.InsufficientPrivilege as error:
                raise Refused(
                    f"{connection.info.user} may not create the ledger {'.'.join(self.site.ledger.table)}",
                    where=self.site.session.target.shown,
                    why=error.diag.message_primary,
                    todo="let the role own the managed schemas, or grant it CREATE on them",
                ) from None
            self.site.look()
