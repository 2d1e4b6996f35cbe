"""The marker in our schema: which environment this database is, bound to the very database it was written in.

A dump carries the marker with it: a restored copy says whose copy it is. A swapped URL shows by the name.
"""

from typing import LiteralString

from pipeline.errors import Refused
from pipeline.postgres.books import Books, kept
from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity

READ: LiteralString = "select environment, system_identifier, database_oid from pipeline.marker"
ERASE: LiteralString = "delete from pipeline.marker"
WRITE: LiteralString = """
insert into pipeline.marker (environment, system_identifier, database_oid)
select %s, %s, %s where not exists (select from pipeline.marker)
"""


def open_marked(books: Books, identity: Identity, environment: str, *, replace: bool = False) -> None:
    """Make our schema where it is missing, and bind this database to an environment's name: both or neither.

    A marker that is there stays, unless ``replace``. Raises Refused with the statement a DBA must run.
    """
    connection = books.session.connection
    with connection.transaction():
        books.open()
        if replace:
            connection.execute(ERASE)
        connection.execute(WRITE, [environment, identity.system_identifier, identity.oid])


def must_be_marked(session: Session, identity: Identity, environment: str) -> None:
    """Refuse a database whose marker says that it is another one, or whose marker is gone.

    Where our schema is not there yet, nothing has been applied and nothing is marked.
    """
    if not kept(session):
        return
    found = session.connection.execute(READ).fetchall()
    where = session.target.shown
    if not found:
        raise Refused(
            "the marker of this database is gone, and our schema is there",
            where=where,
            why="somebody deleted the row of pipeline.marker: nothing says which environment this is",
            todo=f"if it is {environment}: pipeline pin {environment} --replace",
        )
    name, *ids = found[0]
    if name != environment:
        raise Refused(
            f"this database is marked as environment {name!r}, not {environment!r}",
            where=where,
            todo="check the URL of this environment: it points at another one's database, or at a copy of it",
        )
    if ids != [identity.system_identifier, identity.oid]:
        raise Refused(
            f"this database carries the marker of {name!r} but is a copy of it",
            where=where,
            why=f"marked {'/'.join(ids)}, found {identity.system_identifier}/{identity.oid}",
            todo="point the environment at the original; for a copy that shall take its place:"
            f" pipeline pin {environment} --replace",
        )
