"""Apply the rehearsed migrations to the target, one by one, each with its ledger row."""

from collections.abc import Mapping, Sequence
from time import perf_counter

from pipeline.errors import Failed
from pipeline.formats.interface import Event, History
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session
from pipeline.postgres.executor import Executor
from pipeline.postgres.worksite import Worksite
from pipeline.steps.calls import Calls
from pipeline.steps.context import Context
from pipeline.steps.release import Called, Prepared


def at_work(context: Context, session: Session, *, known: History | None = None) -> Executor:
    """An executor on a session that holds our lock and whose books are open.

    Raises Refused where the ledger is not the one that is ``known``, on which the work was planned.
    """
    books = Books(session, context.run_id)
    site = Worksite(
        session, context.format, context.ledger, books, schemas=context.schemas, limits=context.limits
    )
    if known is not None:
        site.must_read(known)
    return Executor(site)


def apply(
    context: Context,
    session: Session,
    pending: Sequence[Prepared],
    *,
    hold_from: Mapping[str, int | None],
    known: History | None = None,
    callbacks: Sequence[Called] = (),
    step: str = "apply",
) -> None:
    """Apply ``pending`` in order on a session that holds our lock and whose books are open.

    ``known`` is the ledger on which that was planned: Refused is raised where it is another one by now.

    ``callbacks`` are called at their events.

    ``hold_from`` says, by label, from which statement on others wait (as measured in the rehearsal).
    """
    calls = Calls(at_work(context, session, known=known), callbacks)
    calls.at(Event.BEGIN)
    try:
        for number, prepared in enumerate(pending, start=1):
            context.deadline.must_not_have_passed()
            calls.before(prepared)
            took = _up(calls.executor, prepared, hold_from)
            words = f"{number}/{len(pending)}  {prepared.migration.title}  {took:.0f} ms"
            context.listener.murmured(step, words)
    except Failed:
        if not session.connection.closed:
            calls.at(Event.FAILED)
        raise
    calls.end()


def _up(executor: Executor, prepared: Prepared, hold_from: Mapping[str, int | None]) -> float:
    """Apply one migration; how long it took, in milliseconds."""
    label, started = prepared.migration.label, perf_counter()
    executor.up(prepared.migration, prepared.up, hold_from=hold_from.get(label), around=prepared.around)
    return (perf_counter() - started) * 1000
