"""Where the ledgers of the three formats can lie, and how tests write to them and look at them."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from psycopg import sql
from psycopg.rows import dict_row

from pipeline.formats import FORMATS
from pipeline.formats.interface import Format, Ledger
from pipeline.formats.model import History, Migration, MigrationState, Release
from pipeline.postgres import history, locks
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session, connected
from pipeline.postgres.run import run
from pipeline.postgres.target import Target
from pipeline.postgres.worksite import Worksite
from pipeline.sql.command import Command
from tests.support.sites import LIMITS
from tests.unit.formats.build import sources

ODD = 'weird"s'
ONE, TWO = "create table a(id int);\n", "select 1;\nselect 2;\n"
FILES: Mapping[str, Mapping[str, str]] = {
    "flyway": {
        "V1__create_a.sql": ONE,
        "U1__create_a.sql": "drop table a;",
        "V2.0__two_questions.sql": TWO,
        "U2__two_questions.sql": TWO,
        "R__all_of_a.sql": "create or replace view all_of_a as select id from a;\n",
    },
    "prisma": {
        "20240131093000_create_a/migration.sql": ONE,
        "20240131093000_create_a/down.sql": "drop table a;",
        "20240201000000_two_questions/migration.sql": TWO,
        "20240201000000_two_questions/down.sql": TWO,
    },
    "golang-migrate": {
        "1_create_a.up.sql": ONE,
        "1_create_a.down.sql": "drop table a;",
        "0020_two_questions.up.sql": TWO,
        "0020_two_questions.down.sql": TWO,
    },
}


@dataclass(frozen=True)
class Place:
    """One format's ledger in one schema; the table's name is the option's, if the format has one."""

    format_name: str
    schema: str = "public"
    options: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def format(self) -> Format:
        return FORMATS[self.format_name]

    @property
    def ledger(self) -> Ledger:
        return self.format.ledger(self.schema, self.options)

    @property
    def release(self) -> Release:
        """A small release; with a repeatable, where the format knows such."""
        return self.format.read(sources(FILES[self.format_name]), self.options).release


USUAL = {name: Place(name) for name in FORMATS}
QUOTED = '"weird""s"."Applied ""Here"""'
UNUSUAL = {
    "flyway": Place("flyway", ODD, {"table": 'Applied "Here"'}),
    "prisma": Place("prisma", ODD),
    "golang-migrate": Place(
        "golang-migrate", "Upper", {"x-migrations-table": QUOTED, "x-migrations-table-quoted": True}
    ),
}
PLACES = {**USUAL, **{f"{name}, to be quoted": place for name, place in UNUSUAL.items()}}


@dataclass(frozen=True)
class Kept:
    """A ledger in a real database, on a session of ours."""

    session: Session
    place: Place

    def create(self) -> None:
        """Create the table, as the executor does it."""
        self.write(self.place.ledger.create)

    def write(self, commands: Sequence[Command]) -> None:
        """Write in one transaction."""
        with self.session.connection.transaction():
            for command in commands:
                run(self.session.connection, command)

    def rows(self) -> list[dict[str, object]]:
        """The table as it stands, in the order of its first column."""
        query = sql.SQL("select * from {} order by 1").format(sql.Identifier(*self.place.ledger.table))
        with self.session.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query).fetchall()

    def head(self) -> tuple[str | None, ...]:
        return history.head(self.session, self.place.ledger)

    def history(self) -> History:
        return history.read_history(self.session, self.place.ledger)

    def states(self, release: Release | None = None) -> tuple[MigrationState, ...]:
        """Files against the ledger, as a status shows them."""
        return self.place.format.states(release or self.place.release, self.history(), out_of_order="deny")


@contextmanager
def kept(target: Target, place: Place) -> Generator[Kept]:
    """A session on a database in which the place's schemas are there, and no ledger yet."""
    with connected(target) as session:
        for schema in {place.schema, place.ledger.table[0]} - {"public"}:
            session.connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        yield Kept(session, place)


@contextmanager
def at_work(here: Kept) -> Generator[Worksite]:
    """A worksite on that session, as the steps set it up: our lock held, our books open."""
    with locks.held(here.session, locks.OURS, deadline=LIMITS.advisory_lock, what="the promotion lock"):
        books = Books(here.session, "run-1", here.place.ledger.table)
        books.open()
        yield Worksite(here.session, here.place.format, here.place.ledger, books, [here.place.schema], LIMITS)


def one(
    place: Place, path: str, text: str = "select 1;\n", options: Mapping[str, object] | None = None
) -> Migration:
    """The migration in a single file."""
    (made,) = place.format.read(sources({path: text}), options or {}).release.migrations
    return made
