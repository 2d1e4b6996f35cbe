"""Apply the rehearsed migrations to the target, one by one, each with its ledger row."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from pipeline.errors import Failed
from pipeline.formats.model import Event, History
from pipeline.postgres.connect import Session
from pipeline.postgres.executor import Executor
from pipeline.postgres.work import StrongLocks
from pipeline.postgres.worksite import Worksite
from pipeline.steps.ahead import Ahead
from pipeline.steps.calls import Calls
from pipeline.steps.context import Context
from pipeline.steps.prepare import Called, Prepared
from pipeline.steps.runner import runner_of

if TYPE_CHECKING:
    from pipeline.steps.tool import Tool


def at_work(context: Context, session: Session, *, known: History | None = None) -> Executor:
    """An executor on a session that holds our lock and whose books are open.

    Raises Refused where the ledger is not the one that is ``known``, on which the work was planned.
    """
    books = context.books(session)
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
    strong: Mapping[str, StrongLocks],
    known: History | None = None,
    callbacks: Sequence[Called] = (),
    done: list[Prepared] | None = None,
    tool: "Tool | None" = None,
    step: str = "apply",
) -> timedelta:
    """Apply ``pending`` in order on a session that holds our lock and whose books are open.

    ``known`` is the ledger on which that was planned: Refused is raised where it is another one by now.

    ``callbacks`` are called at their events; ``done`` grows as migrations are committed. With a ``tool``, the
    real program applies them, and calls its callbacks itself.

    ``strong`` says, by label, what others wait behind (as the rehearsal saw). Returns how long somebody may
    have waited who came at the worst moment.
    """
    runner = runner_of(context, at_work(context, session, known=known), tool)
    calls = Calls(runner.executor, () if tool else callbacks)
    calls.at(Event.BEGIN)
    longest = timedelta()
    ready = Ahead(lambda one: runner.ready(one, strong=strong.get(one.migration.label, {})), pending)
    try:
        with session.meanwhile(ready.make_next):
            for number, (prepared, apply_it) in enumerate(zip(pending, ready, strict=True), start=1):
                context.deadline.must_not_have_passed()
                calls.before(prepared)
                started = perf_counter()
                longest = max(longest, apply_it())
                if done is not None:
                    done.append(prepared)
                took = (perf_counter() - started) * 1000
                words = f"{number}/{len(pending)}  {prepared.migration.title}  {took:.0f} ms"
                context.listener.murmured(step, words)
    except Failed:
        if not session.connection.closed:
            calls.at(Event.FAILED)
        raise
    calls.end()
    runner.executor.end()
    return longest
