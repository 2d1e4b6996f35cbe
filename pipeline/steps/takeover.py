"""Take over a database whose history another tool has kept, after the migrations were converted.

What its ledger says has run is what the new one begins with; nothing else may be said of such a database.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pipeline.errors import Refused
from pipeline.formats import FORMATS
from pipeline.formats.conversion.note import Note
from pipeline.formats.model import Disposition, History, Kind, Migration, MigrationState, Release
from pipeline.postgres import books
from pipeline.postgres.connect import Session
from pipeline.postgres.history import read_history
from pipeline.postgres.witness import Word, gone, seen
from pipeline.steps import kept
from pipeline.steps.context import Context
from pipeline.steps.expected import head_of, pin_file
from pipeline.steps.standing import has_run


@dataclass(frozen=True)
class Takeover:
    """A database with the ledger of the tool before.

    ``head`` is the last migration that has run, as it is named now; None where nothing has.
    """

    note: Note
    history: History
    head: str | None

    def must_agree(self, release: Release, at: str) -> None:
        """Refuse to begin anywhere else than where the old ledger ends."""
        if at != self.head:
            raise Refused(
                f"a baseline at {at} is not what the ledger of {self.note.format} says",
                where=".".join(self.note.table),
                why=f"{self.head} is the last that has run there" if self.head else "nothing has run there",
                todo="leave --to out: it begins where that ledger ends"
                if self.head
                else f"drop that table: nothing is lost with it, and {release.format} begins at the first",
            )


def takeover(context: Context, session: Session, release: Release, history: History) -> Takeover | None:
    """What there is to take over; None where the new ledger has begun, or no old one is there.

    Raises Refused where what has run is no beginning of the release, and where the old ledger says that
    something is not in order.
    """
    note = context.conversion
    if note is None or history.rows:
        return None
    old = read_history(session, note.ledger)
    if not old.exists:
        return None
    before = note.predecessor(release)
    states = FORMATS[note.format].states(before, old, out_of_order="deny")
    _must_be_in_order(note, states)
    covered = {state.migration.label for state in states if state.migration and old.rows and has_run(state)}
    return Takeover(note, old, _head(note, before.migrations, covered))


def carry(context: Context, session: Session, taken: Takeover) -> None:
    """Let the shape that was expected under the old ledger be the expected one under the new.

    A baseline runs no script, so the shape is what it was.
    """
    before, now = head_of(taken.history), head_of(read_history(session, context.ledger))
    remembered = books.remembered(session, taken.note.table)
    if remembered is not None and remembered[0] == before:
        context.books(session).remember(now, remembered[1])
    pinned = kept.read(pin_file(context))
    if pinned is not None and pinned[1].ledger == before:
        kept.write(pin_file(context), pinned[0], replace(pinned[1], ledger=now))


def words_of(taken: Takeover, release: Release, known: Collection[str]) -> tuple[Word, ...]:
    """What our own memory is to say from now on: what has run, by its name now, and nothing under other names.

    ``known`` are the names under which it remembers something.
    """
    labels = [migration.label for migration in release.migrations]
    ran = release.migrations[: labels.index(taken.head) + 1] if taken.head in labels else ()
    names = {migration.label for migration in ran}
    return (*map(seen, ran), *(gone(label) for label in known if label not in names))


def _must_be_in_order(note: Note, states: Sequence[MigrationState]) -> None:
    wrong = [state.finding for state in states if state.disposition is Disposition.PROBLEM and state.finding]
    if wrong:
        raise Refused(
            f"the ledger of {note.format} is not in order: {wrong[0].message}",
            where=".".join(note.table),
            why="what has run cannot be told from it",
            todo=f"mend it with the migrations as they were (format: {note.format}), then take over",
        )


def _head(note: Note, before: Sequence[Migration], covered: Collection[str]) -> str | None:
    """The last of those that have run without a gap. A repeatable behind a gap simply runs again."""
    going = [
        (known, one.label in covered) for known, one in zip(note.migrations, before, strict=True) if known.label
    ]
    ran = 0
    while ran < len(going) and going[ran][1]:
        ran += 1
    late = [known for known, has_run in going[ran:] if has_run and known.kind is not Kind.REPEATABLE]
    if late:
        raise Refused(
            f"{late[0].script} has run here, but not {going[ran][0].script} before it",
            where=".".join(note.table),
            why="a baseline says of everything below it that it has run",
            todo=f"apply what is missing with {note.format} first, or mark it there if nobody needs it",
        )
    return going[ran - 1][0].label if ran else None
