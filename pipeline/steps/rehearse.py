"""Rehearse the pending migrations on the copy: each one up (measured), down, up again.

The first way up is measured statement by statement; the second runs just as it will on the target and must
end where the first one did. Rows are compared before up and after down, not across the second up, which may
fill columns with the time of day.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from pipeline.errors import Failed, NeedsHuman, PipelineError, Refused
from pipeline.formats.model import Event, Migration, Script, SourceFile
from pipeline.postgres import locks
from pipeline.postgres.connect import Session
from pipeline.postgres.measure import STRONG, Measured, Meter
from pipeline.postgres.rows import read_rows
from pipeline.postgres.work import StrongLocks
from pipeline.schema.derive import way_back_of
from pipeline.schema.diff import diff
from pipeline.schema.model import Snapshot
from pipeline.schema.successive import Successive
from pipeline.schema.words import summarise
from pipeline.sql.split import split
from pipeline.steps.apply import at_work
from pipeline.steps.calls import Calls
from pipeline.steps.context import Context
from pipeline.steps.observe import Observed, masked_by
from pipeline.steps.prepare import Called, Prepared
from pipeline.steps.restore import Copy
from pipeline.steps.runner import Runner, runner_of
from pipeline.steps.tool import Tool
from pipeline.steps.way_back import State, Verdict, WayBack, judge


@dataclass(frozen=True)
class Rehearsed:
    """One migration as it went on the copy."""

    migration: Migration
    measured: tuple[Measured, ...]
    way_back: WayBack

    @property
    def strong(self) -> StrongLocks:
        """What others had to wait behind."""
        return {
            index: [(lock.relation, lock.mode) for lock in seen.locks or () if lock.mode in STRONG]
            for index, seen in enumerate(self.measured)
            if seen.strong
        }


@dataclass(frozen=True)
class Rehearsal:
    """The whole rehearsal: where it began, what each migration did, and where it ended.

    ``end`` is None when a way back left a state from which the second way up failed: the rest was not played.
    """

    start: Snapshot
    end: Snapshot | None
    migrations: tuple[Rehearsed, ...]


def rehearse(
    context: Context,
    copy: Copy,
    pending: Sequence[Prepared],
    *,
    observed: Observed,
    callbacks: Sequence[Called] = (),
    tool: Tool | None = None,
) -> Rehearsal:
    """Rehearse ``pending`` on the copy. Raises Refused with the place in the file when a way up fails.

    With a ``tool``, the real program takes every way up, unmeasured; the ways back are ours in any case.
    """
    with (
        context.session(copy.target) as session,
        locks.held(session, locks.OURS, deadline=context.limits.advisory_lock, what="the copy's lock"),
    ):
        stage = _Stage.set_up(context, session, observed.in_the_making, tool)
        start = stage.state()
        done: list[Rehearsed] = []
        calls = Calls(stage.runner.executor, () if tool else callbacks)
        state: State | None = stage.after(lambda: calls.at(Event.BEGIN), start)
        for prepared in pending:
            context.deadline.must_not_have_passed()
            state = stage.after(partial(calls.before, prepared), state)
            newest = _newest([*observed.applied, *(rehearsed.migration for rehearsed in done)])
            rehearsed, state = stage.play(prepared, state, previous=newest)
            done.append(rehearsed)
            verdict = rehearsed.way_back.verdict
            context.listener.murmured("rehearse", f"{prepared.migration.title}: {verdict}")
            if state is None:
                break
        else:
            state = stage.after(calls.end, state)
    return Rehearsal(start.snapshot, state.snapshot if state else None, tuple(done))


def _newest(applied: Sequence[Migration]) -> Migration | None:
    return next((m for m in reversed(applied) if m.version is not None), None)


@dataclass(frozen=True)
class _Stage:
    context: Context
    session: Session
    runner: Runner
    in_the_making: frozenset[str]
    shapes: Successive

    @classmethod
    def set_up(
        cls, context: Context, session: Session, in_the_making: frozenset[str], tool: Tool | None
    ) -> "_Stage":
        context.books(session).open()
        shapes = Successive(context.schemas, context.unmanaged)
        runner = runner_of(context, at_work(context, session), tool)
        return cls(context, session, runner, in_the_making, shapes)

    def state(self) -> State:
        return State(
            masked_by(self.context, self.shapes.take(self.session.connection)).snapshot,
            read_rows(self.session.connection, self.context.schemas, exclude_tables=self.context.unmanaged),
        )

    def play(
        self, prepared: Prepared, before: State, *, previous: Migration | None
    ) -> tuple[Rehearsed, State | None]:
        """Up, down, up. The state returned is the one after the last up, if that went well."""
        meter = Meter(self.session, prepared.migration.label, self.context.schemas)
        self._up(prepared, meter)
        after = self.state()
        prepared = self._with_derived_way_back(prepared, before, after)
        way_back, state = self._there_and_back(prepared, before, after, previous=previous)
        return Rehearsed(prepared.migration, meter.measured, way_back), state

    def after(self, call: Callable[[], bool], state: State) -> State:
        """The state when callbacks were called, if there were any."""
        with _refusing():
            return self.state() if call() else state

    def _up(self, prepared: Prepared, meter: Meter | None = None) -> None:
        with _refusing():
            self.runner.up(prepared, watch=meter)

    def _with_derived_way_back(self, prepared: Prepared, before: State, after: State) -> Prepared:
        """A repeatable has no down script: the way back is what takes its objects to what they were."""
        if not prepared.repeatable or prepared.migration.down is not None:
            return prepared
        statements = way_back_of(before.snapshot, after.snapshot)
        if statements is None:
            return prepared
        text = ";\n".join(statements)
        file = SourceFile("(derived)", f"{prepared.migration.up.file.shown} (derived way back)", text.encode())
        migration = prepared.migration._replace(down=Script(file, text))
        return prepared._replace(migration=migration, down=split(text))

    def _there_and_back(
        self, prepared: Prepared, before: State, after: State, *, previous: Migration | None
    ) -> tuple[WayBack, State | None]:
        migration = prepared.migration
        if migration.irreversible is not None:
            return WayBack(Verdict.IRREVERSIBLE, (migration.irreversible,)), after
        if migration.down is None:
            return WayBack(Verdict.NONE), after
        try:
            self.runner.executor.down(migration, prepared.down, previous=previous)
        except (Failed, NeedsHuman) as error:
            return WayBack(Verdict.FAILS, (_said(error),)), after
        way_back = judge(
            before,
            self.state(),
            prove=self.context.rehearse.rollback.prove,
            in_the_making=self.in_the_making,
        )
        try:
            self._up(prepared)
        except Refused as error:
            second = f"the second way up: {_said(error)}"
            return WayBack(Verdict.FAILS, (*way_back.differences, second)), None
        again = self.state()
        moved = summarise(diff(after.snapshot, again.snapshot))
        if moved:
            return WayBack(
                Verdict.FAILS, tuple(f"the second way up differs: {words}" for words in moved)
            ), again
        return way_back, again


@contextmanager
def _refusing() -> Generator[None]:
    """What fails on the copy is refused: nothing has happened to the target."""
    try:
        yield
    except (Failed, NeedsHuman) as error:
        raise Refused(
            f"in the rehearsal, {error.what}", where=error.where, why=error.why, todo=error.todo
        ) from error


def _said(error: PipelineError) -> str:
    return f"{error.where}: {error.what}" if error.where else error.what
