"""Have the real flyway, prisma or migrate apply migrations, one at a time, and hold it to what it was asked.

It gets the files up to that migration and no further, on a line of its own, while our session keeps our lock
and nothing else. Afterwards ledger and shape say what it did, whatever it says itself. What a single statement
did cannot be seen from here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from hashlib import sha256

import psycopg

from pipeline.errors import Busy, Failed, NeedsHuman, OutcomeUnknown
from pipeline.formats.model import Disposition, History, Migration, Release
from pipeline.postgres.books import UP
from pipeline.postgres.connect import Session, without_secrets
from pipeline.postgres.executor import Executor
from pipeline.postgres.history import read_history
from pipeline.postgres.limits import spelt
from pipeline.postgres.run import run
from pipeline.postgres.transaction import reading
from pipeline.postgres.work import StrongLocks, Watch
from pipeline.programs import tool as programs
from pipeline.programs.job import Job
from pipeline.programs.place import Place, place_of
from pipeline.progress import Ran
from pipeline.schema.diff import diff
from pipeline.schema.model import Snapshot
from pipeline.schema.words import summarise
from pipeline.steps.context import Context
from pipeline.steps.observe import snapshot_of
from pipeline.steps.prepare import Prepared

SHOWN_LINES = 12
SHOWN_DIFFERENCES = 3
CHECKS_ITS_CLIENT_SINCE = 14
KILLED = -9


@dataclass(frozen=True)
class Tool:
    """The program that applies a release; ``ran`` grows with every time that it was run."""

    program: programs.Program
    release: Release
    ran: list[Ran] = field(default_factory=list[Ran])

    @property
    def name(self) -> str:
        """What people call it."""
        return self.program.tool.name

    def must_reach(self, session: Session) -> None:
        """Raise Unavailable where the program has no way to the database of this session."""
        self.program.must_reach(place_of_session(session))


def find(context: Context, release: Release) -> Tool:
    """What is to apply a release. Raises as ``program_of`` does."""
    return Tool(program_of(context), release)


def program_of(context: Context) -> programs.Program:
    """The program that the project wants for its migrations. Raises Unavailable where it is not here."""
    migrations = context.project.migrations
    return programs.find(
        migrations.format, migrations.program, root=context.project.root, environ=context.environ
    )


@dataclass(frozen=True)
class _Seen:
    """A database before or after the program was at work."""

    history: History
    pending: tuple[str, ...]
    problems: frozenset[str]
    shape: Snapshot


@dataclass(frozen=True)
class ByTool:
    """Applies migrations by a program, where an executor would."""

    context: Context
    executor: Executor
    tool: Tool

    def ready(self, prepared: Prepared, *, strong: StrongLocks) -> Callable[[], timedelta]:
        """Nothing can be made ready; ``strong`` has no meaning here."""
        del strong
        return partial(self.up, prepared)

    def up(
        self,
        prepared: Prepared,
        *,
        watch: Watch | None = None,
    ) -> timedelta:
        """Apply a migration; ``watch`` has no meaning here. Returns no time at all.

        Raises Failed where nothing of it remains, NeedsHuman where something does, OutcomeUnknown where the
        database cannot be asked.
        """
        del watch
        site, migration = self.executor.site, prepared.migration
        site.must_not_have_moved()
        before = self._look()
        ran = self._run(prepared, before)
        self.tool.ran.append(ran)
        after = self._look_again(migration)
        self._must_have_applied(migration, ran, before, after)
        digest = sha256(migration.up.file.content).hexdigest()
        record = site.books.applied(migration.label, UP, script=migration.up.file.path, sha256=digest)
        run(site.session.connection, record)
        site.look()
        return timedelta()

    def _look(self) -> _Seen:
        site, context = self.executor.site, self.context
        with reading(site.session):
            history, shape = read_history(site.session, site.ledger), snapshot_of(context, site.session)
        states = context.format.states(
            self.tool.release, history, out_of_order=context.project.migrations.out_of_order
        )
        pending = tuple(
            one.migration.label for one in states if one.disposition is Disposition.PENDING and one.migration
        )
        problems = (one for one in states if one.disposition is Disposition.PROBLEM and one.finding)
        return _Seen(history, pending, frozenset(one.finding.message for one in problems if one.finding), shape)

    def _look_again(self, migration: Migration) -> _Seen:
        """Once the program's own lock is free, so that no session of its is still at work."""
        try:
            with self.executor.site.format_lock():
                return self._look()
        except (Busy, psycopg.OperationalError) as error:
            raise OutcomeUnknown(
                f"what {self.tool.name} did with {migration.title} cannot be learned",
                where=self.executor.site.session.target.shown,
                why=str(error).strip(),
                todo="look at the ledger once the database answers, then run again",
            ) from error

    def _run(self, prepared: Prepared, before: _Seen) -> Ran:
        label, session = prepared.migration.label, self.executor.site.session
        job = self._job(prepared, [one for one in before.pending if one != label])
        try:
            code, said = self.tool.program.apply(
                job, environ=self.context.environ, timeout=self.context.deadline.left
            )
        except Failed as error:
            code, said = KILLED, "\n".join(filter(None, (error.why, error.what)))
        secret = job.place.password
        said = without_secrets(said, {**session.target.resolve(), **({"password": secret} if secret else {})})
        return Ran(self.tool.name, label, code, said)

    def _job(self, prepared: Prepared, later: Collection[str]) -> Job:
        context, site = self.context, self.executor.site
        migrations = context.project.migrations
        held_back = _scripts_of(self.tool.release, later)
        return Job(
            files=tuple(file for file in self.tool.release.files if file.shown not in held_back),
            held_back=held_back,
            place=place_of_session(site.session),
            schemas=context.schemas,
            table=site.ledger.table,
            settings=self._settings(prepared),
            lock_wait=context.limits.advisory_lock,
            options=context.options,
            out_of_order=migrations.out_of_order != "deny",
        )

    def _settings(self, prepared: Prepared) -> Mapping[str, str]:
        """Our limits, for sessions that are not ours; a killed program's statements end with it."""
        site, limits = self.executor.site, self.context.limits
        inside = all(statement.transactional for statement in prepared.up)
        settings = {
            "search_path": site.path_setting,
            "lock_timeout": spelt(limits.last_wait),
            "statement_timeout": spelt(limits.statement if inside else limits.online),
        }
        if site.session.major >= CHECKS_ITS_CLIENT_SINCE:
            settings["client_connection_check_interval"] = "1s"
        return settings

    def _must_have_applied(self, migration: Migration, ran: Ran, before: _Seen, after: _Seen) -> None:
        fresh = [row for row in after.history.rows if row not in before.history.rows]
        expected = tuple(label for label in before.pending if label != migration.label)
        recorded = len(fresh) == 1 and fresh[0].success and after.pending == expected
        if ran.exit_code == 0 and recorded and after.problems <= before.problems:
            return
        said = "\n".join(ran.output.splitlines()[-SHOWN_LINES:])
        differences = summarise(diff(before.shape, after.shape))
        how = "did not apply" if ran.exit_code == 0 else f"failed (exit code {ran.exit_code}) at"
        what = f"{self.tool.name} {how} {migration.title}"
        if after.history.rows == before.history.rows and not differences:
            todo = "nothing of it remains in ledger and schema; mend what it says and run again"
            raise Failed(what, where=migration.up.file.shown, why=said, todo=todo)
        left = [*differences[:SHOWN_DIFFERENCES], *sorted(after.problems - before.problems)]
        why = "\n".join([f"it left behind: {'; '.join(left or ['rows in its ledger'])}", said])
        name = self.context.environment.name
        todo = f"put right by hand what it left; `pipeline repair {name}` then mends the ledger"
        raise NeedsHuman(what, where=migration.up.file.shown, why=why, todo=todo)


def place_of_session(session: Session) -> Place:
    """Where a session has led, in words for programs that are no clients of libpq.

    Raises Unavailable for what they cannot be told.
    """
    info, asked = session.connection.info, session.target.resolve()
    place = place_of(
        {
            **info.get_parameters(),
            "hostaddr": asked.get("hostaddr", ""),  # the driver looks up an address itself where none is given
            "host": info.host,
            "port": str(info.port),
            "dbname": info.dbname,
            "user": info.user,
        },
        encrypted=bool(session.connection.pgconn.ssl_in_use),
    )
    return replace(place, password=asked.get("password") or info.password or None)


def _scripts_of(release: Release, labels: Collection[str]) -> frozenset[str]:
    """The files of these migrations of a release, as they are shown."""
    return frozenset(
        script.file.shown
        for migration in release.migrations
        if migration.label in labels
        for script in (migration.up, migration.down)
        if script is not None
    )
