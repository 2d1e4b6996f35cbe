"""What we remember of a ledger that keeps no checksums: noted once, the newest word counts."""

import pytest

from pipeline.formats.model import Noted
from pipeline.postgres import history, witness
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session, connected
from pipeline.postgres.target import Target
from tests.postgres.formats.places import USUAL, Kept, at_work, kept
from tests.support.builders import migration

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

ONE, OTHER = migration("1", "select 1"), migration("1", "select 2")
SEEN = witness.seen(ONE)
LEDGER = USUAL["golang-migrate"].ledger.table


def remember(session: Session, *words: witness.Word) -> dict[str, Noted]:
    kept_here = Books(session, "run-1", LEDGER)
    kept_here.open()
    witness.note(kept_here, words)
    return dict(witness.noted(session, LEDGER))


def test_where_we_never_wrote_nothing_is_known(owner: Target) -> None:
    with connected(owner) as session:
        assert witness.noted(session, LEDGER) == {}


def test_what_counts_as_applied_is_known_by_its_file_and_its_bytes(owner: Target) -> None:
    with connected(owner) as session:
        assert remember(session, SEEN) == {"1": Noted("V1__x.sql", SEEN.sha256)}


def test_the_newest_word_counts(owner: Target) -> None:
    newer = witness.seen(OTHER)
    with connected(owner) as session:
        assert remember(session, SEEN, newer)["1"].sha256 == newer.sha256 != SEEN.sha256
        assert remember(session, witness.gone("1")) == {}


def test_each_ledger_of_a_database_has_a_memory_of_its_own(owner: Target) -> None:
    other = (LEDGER[0], "other_migrations")
    with connected(owner) as session:
        remember(session, SEEN)
        assert witness.noted(session, other) == {}
        witness.note(Books(session, "run-2", other), [witness.seen(OTHER)])
        assert witness.noted(session, LEDGER)["1"].sha256 == SEEN.sha256
        assert witness.noted(session, other)["1"].sha256 != SEEN.sha256


def test_what_we_take_back_is_forgotten(owner: Target) -> None:
    with connected(owner) as session:
        remember(session, SEEN)
        books = Books(session, "run-2", LEDGER)
        with at_work(Kept(session, USUAL["golang-migrate"])) as site:
            command = books.applied("1", "down", script="x", sha256="y")
            site.session.connection.execute(command.text.encode(), command.values)
        assert witness.noted(session, LEDGER) == {}


@pytest.mark.parametrize(("name", "known"), [("golang-migrate", {"1"}), ("prisma", set[str]())])
def test_only_a_ledger_without_checksums_is_helped_out(owner: Target, name: str, known: set[str]) -> None:
    with kept(owner, USUAL[name]) as here:
        here.create()
        remember(here.session, SEEN)
        assert set(here.history().noted) == known


@pytest.mark.parametrize(
    ("made", "beside"),
    [
        ("create table t ()", ("t",)),
        ("create table spatial_ref_sys ()", ()),
        ("create view v as select 1 as one; create sequence s; create type e as enum ('a')", ()),
        ("create table p (a int) partition by list (a)", ()),
        ("create schema s; create table s.t ()", ()),
    ],
)
def test_prisma_does_not_begin_beside_ordinary_tables(
    owner: Target, made: str, beside: tuple[str, ...]
) -> None:
    with connected(owner) as session:
        session.connection.execute(f"set search_path = public; {made}".encode())
        assert history.read_history(session, USUAL["prisma"].ledger).beside == beside


def test_golang_migrate_begins_anywhere(owner: Target) -> None:
    with connected(owner) as session:
        session.connection.execute("create table public.t ()")
        assert history.read_history(session, USUAL["golang-migrate"].ledger).beside == ()
