"""Our own memory of which bytes count as applied, for a ledger that keeps no checksums.

It lies in our schema, beside what we ran ourselves: what the real tool applied is noted when we next write to
that database. The newest word about a migration counts.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import LiteralString, NamedTuple

from pipeline.formats.model import Migration, Noted
from pipeline.postgres import books
from pipeline.postgres.connect import Session

SEEN = "seen"
"""Counts as applied with these bytes, though we did not run them."""
GONE = "gone"
"""Its file is gone, and that is as it should be."""
NOTED: LiteralString = f"""
select newest.* from (
    select distinct on (migration) migration, direction, script, sha256
      from {books.OLDER} (select id, migration, direction, script, sha256, ledger_table
                            from pipeline.applied) as applied
     where applied.ledger_table in ('', %s)
     order by migration, id desc) as newest
 where newest.direction in ('up', 'seen')
"""  # noqa: S608  # a literal with a literal in it
NOTE: LiteralString = """
insert into pipeline.applied (ledger_table, run_id, direction, migration, script, sha256)
values (%s, %s, %s, %s, %s, %s)
"""


class Word(NamedTuple):
    """One thing to remember of a migration: ``direction`` is SEEN or GONE."""

    direction: str
    migration: str
    script: str
    sha256: str


def noted(session: Session, ledger: books.Table) -> Mapping[str, Noted]:
    """What counts as applied in a ledger, by label; empty where we never wrote."""
    if not books.kept(session):
        return {}
    return {
        str(label): Noted(str(script), str(digest))
        for label, _, script, digest in session.connection.execute(NOTED, [books.name_of(ledger)])
    }


def seen(migration: Migration) -> Word:
    """That a migration counts as applied with the bytes its file has now."""
    content = migration.up.file.content
    return Word(SEEN, migration.label, migration.up.file.path, sha256(content).hexdigest())


def gone(label: str) -> Word:
    """That nobody shall ask for the file of a migration any more."""
    return Word(GONE, label, "", "")


def note(kept: books.Books, words: Iterable[Word]) -> None:
    """Write it down, in the caller's transaction if there is one; our schema is there."""
    table = books.name_of(kept.ledger)
    values = [(table, kept.run_id, one.direction, one.migration, one.script, one.sha256) for one in words]
    if values:
        with kept.session.connection.cursor() as cursor:
            cursor.executemany(NOTE, values)
