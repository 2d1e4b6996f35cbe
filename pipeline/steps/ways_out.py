"""Two ways out of drift, each proved on a throwaway before it is shown.

Back: SQL that takes the live database to what is expected of it. Adopt: a migration in the project's own layout
that makes the change everywhere; where it was made already, it does nothing. From the expected shape, which the
recorded history makes, adopting must reach the live one and then, run again, stay there; going back must reach
the expected shape. Where the files of the history are not here, the proof begins at the live shape instead.
"""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from pipeline.errors import PipelineError
from pipeline.formats.model import Release
from pipeline.postgres.connect import Session
from pipeline.postgres.target import Target
from pipeline.schema import alter
from pipeline.schema.ddl import Unsure
from pipeline.schema.diff import diff, is_soft
from pipeline.schema.model import Snapshot
from pipeline.schema.words import summarise
from pipeline.sql.split import split
from pipeline.sql.unreadable import UnreadableSql
from pipeline.steps.context import Context
from pipeline.steps.observe import Observed, snapshot_of
from pipeline.steps.replay import copied, recorded, replayed
from pipeline.throwaway.interface import Server

NAME = "adopt drift"
IRREVERSIBLE = '-- pipeline: irreversible reason="it adopts what was changed by hand, and so is there already"'


@dataclass(frozen=True)
class Way:
    """A proved way: its SQL, the statements of it that may lose rows, and for a migration where it belongs."""

    sql: str
    loses: tuple[str, ...]
    file: str | None = None


@dataclass(frozen=True)
class WaysOut:
    """Both ways, each None where it could not be made or proved; ``reasons`` then say why."""

    back: Way | None
    adopt: Way | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shapes:
    """What is expected, and what is there."""

    expected: Snapshot
    live: Snapshot


def ways_out(
    context: Context,
    release: Release,
    observed: Observed,
    shapes: Shapes,
    *,
    server: Callable[[], Server],
    source: Target,
) -> WaysOut:
    """Propose both ways and prove them; what goes wrong on the way is a reason, and never an error.

    ``source`` is the live database, whose schema is copied where no history makes it.
    """
    try:
        adopt = alter.statements(shapes.expected, shapes.live)
        back = alter.statements(shapes.live, shapes.expected)
    except Unsure as unsure:
        return WaysOut(None, None, (f"no SQL can be derived for {unsure}",))
    try:
        if recorded(observed) is None:
            with copied(context, source, server(), observed, "ways_out") as session:
                return _Proof(context, release, session, shapes).from_live(adopt, back)
        with replayed(context, server(), observed, "ways_out") as session:
            return _Proof(context, release, session, shapes).of(adopt, back)
    except PipelineError as error:
        return WaysOut(None, None, (f"nothing can be proved: {error.what}",))


@dataclass(frozen=True)
class _Proof:
    """A database with the expected shape, or the live one, in which ways are tried."""

    context: Context
    release: Release
    session: Session
    shapes: Shapes

    def of(self, adopt: tuple[str, ...], back: tuple[str, ...]) -> WaysOut:
        """Both ways, as far as they go where they should."""
        if (wrong := self._differs_from(self.shapes.expected)) is not None:
            return WaysOut(None, None, (f"nothing can be proved: the history makes another shape: {wrong}",))
        wrong = self._leads_to(self.shapes.live, adopt) or self._leads_to(self.shapes.live, adopt)
        if wrong is not None:
            return WaysOut(None, None, (f"the migration could not be proved, nor then the way back: {wrong}",))
        migration = self._migration(adopt)
        wrong = self._leads_to(self.shapes.expected, back)
        if wrong is not None:
            return WaysOut(None, migration, (f"the way back could not be proved: {wrong}",))
        return WaysOut(_way(back), migration)

    def from_live(self, adopt: tuple[str, ...], back: tuple[str, ...]) -> WaysOut:
        """Both ways, there and back again, from the live shape."""
        if (wrong := self._differs_from(self.shapes.live)) is not None:
            return WaysOut(None, None, (f"nothing can be proved: the copy has another shape: {wrong}",))
        wrong = self._leads_to(self.shapes.expected, back)
        if wrong is not None:
            return WaysOut(None, None, (f"the way back could not be proved, nor then the migration: {wrong}",))
        wrong = self._leads_to(self.shapes.live, adopt) or self._leads_to(self.shapes.live, adopt)
        if wrong is not None:
            return WaysOut(_way(back), None, (f"the migration could not be proved: {wrong}",))
        return WaysOut(_way(back), self._migration(adopt))

    def _migration(self, adopt: tuple[str, ...]) -> Way:
        return _way(adopt, file=self._file(), head=f"{IRREVERSIBLE}\n")

    def _leads_to(self, shape: Snapshot, statements: tuple[str, ...]) -> str | None:
        """Why the statements, run as they are shown, do not lead to ``shape``; None when they do."""
        try:
            with self.session.connection.transaction():
                self._set_path(self.session.path_for(self.context.schemas))
                for statement in split(_way(statements).sql):
                    self.session.connection.execute(statement.text.encode())
                self._set_path("")
        except (psycopg.Error, UnreadableSql) as error:
            return str(error).strip().partition("\n")[0]
        return self._differs_from(shape)

    def _set_path(self, path: str) -> None:
        self.session.connection.execute("select pg_catalog.set_config('search_path', %s, false)", [path])

    def _differs_from(self, shape: Snapshot) -> str | None:
        found = [one for one in diff(shape, snapshot_of(self.context, self.session)) if not is_soft(one)]
        return summarise(found)[0] if found else None

    def _file(self) -> str:
        migrations = self.context.project.migrations
        up, _ = self.context.format.next_files(self.release, NAME, self.context.at, self.context.options)
        return migrations.show(up)


def _way(statements: tuple[str, ...], *, file: str | None = None, head: str = "") -> Way:
    text = "".join(f"{statement};\n" for statement in statements)
    loses = tuple(statement for statement in statements if alter.loses_rows(statement))
    return Way(f"{head}{text}", loses, file)
