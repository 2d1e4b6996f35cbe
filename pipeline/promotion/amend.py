"""Change what the ledger says, and nothing else: begin a history in the middle, bring one back in line."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pipeline.errors import ConfigurationError
from pipeline.formats.model import Kind
from pipeline.postgres import witness
from pipeline.postgres.run import run
from pipeline.postgres.witness import Word
from pipeline.promotion.request import Request
from pipeline.promotion.unprotected import Unprotected, unprotected
from pipeline.sql.command import Command
from pipeline.steps.apply import at_work
from pipeline.steps.takeover import Takeover, carry, takeover, words_of
from pipeline.steps.witness import pardons


@dataclass(frozen=True)
class Amended:
    """What the ledger of which target says now that it did not say before; nothing where all was well."""

    target: str
    done: tuple[str, ...]


def baseline(
    request: Request, version: str | None = None, *, description: str | None = None, confirmed: bool = False
) -> Amended:
    """Let a database that was never migrated count as being at ``version`` (None: the newest).

    After a conversion, it is where the ledger of the tool before ends. Raises Refused where the environment is
    protected and that was not ``confirmed``, and where one of the two ledgers says otherwise;
    ConfigurationError for a version that the format cannot begin at.
    """
    with _amending(request, confirmed=confirmed) as place:
        taken = takeover(place.context, place.session, place.reading.release, place.stands.history)
        at = version or (taken.head if taken else None) or _newest(place)
        if taken is not None:
            taken.must_agree(place.reading.release, at)
        commands = place.context.ledger.baseline(place.reading.release, place.stands.history, at, description)
        if not commands:
            return Amended(place.shown, ())
        with place.track.step("baseline", f"begin at {at}") as note:
            place.open_books()
            _write(place, commands, _words(place, taken) if taken else ())
            if taken is not None:
                carry(place.context, place.session, taken)
            note.summary = f"it counts as being at {at}"
        return Amended(place.shown, (f"it counts as being at {at}", *(_left(taken) if taken else ())))


def repair(request: Request, *, applied: str | None = None, confirmed: bool = False) -> Amended:
    """Bring the ledger back in line with the files; ``applied`` failed half-way, and is all there by now.

    Raises Refused where the environment is protected and that was not ``confirmed``; ConfigurationError where
    ``applied`` did not fail.
    """
    with _amending(request, confirmed=confirmed) as place:
        forgiven = pardons(place.stands.states, applied=applied)
        half_way = None if any(one.word.migration == applied for one in forgiven) else applied
        history = place.stands.history
        amendments = place.context.ledger.repair(place.reading.release, history, applied=half_way)
        done = (*(one.what for one in amendments), *(one.what for one in forgiven))
        if done:
            with place.track.step("repair", "bring the ledger back in line") as note:
                place.open_books()
                words = [one.word for one in forgiven]
                _write(place, [command for one in amendments for command in one.commands], words)
                note.summary = "; ".join(done)
        return Amended(place.shown, done)


def _amending(request: Request, *, confirmed: bool) -> AbstractContextManager[Unprotected]:
    why = "a ledger that says something else decides what will be applied there"
    todo = "look twice, then say --yes"
    return unprotected(request, why=why, todo=todo, confirmed=confirmed, at_odds=True)


def _words(place: Unprotected, taken: Takeover) -> Sequence[Word]:
    """What we remember beside a ledger that does not remember bytes itself."""
    if place.context.ledger.remembers_bytes:
        return ()
    return words_of(taken, place.reading.release, witness.noted(place.session, place.context.ledger.table))


def _left(taken: Takeover) -> tuple[str, ...]:
    table = ".".join(taken.note.table)
    return (f"what {taken.note.format} left, {table}, is nobody's now: drop it when you need it no more",)


def _newest(place: Unprotected) -> str:
    versioned = [one for one in place.reading.release.migrations if one.kind is not Kind.REPEATABLE]
    if not versioned:
        raise ConfigurationError("there is no migration that a history could begin at", todo="name a version")
    return versioned[-1].version or ""


def _write(place: Unprotected, commands: Sequence[Command], words: Sequence[Word] = ()) -> None:
    """Write it in one transaction, under the lock by which the real tool and we exclude each other."""
    context, session = place.context, place.session
    site = at_work(context, session, known=place.stands.history).site
    with site.format_lock():
        site.must_not_have_moved()
        with session.connection.transaction():
            for command in (*(context.ledger.create if not site.head else ()), *commands):
                run(session.connection, command)
            witness.note(site.books, words)
