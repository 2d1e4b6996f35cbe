"""A single change: what stands before, what is changed, and the one difference it makes."""

from dataclasses import dataclass

from pipeline.schema.model import ObjectKey

ROLES = ("app", "other", "superior")

BASE = """
create role app; create role other; create role superior superuser;
create table t (id int primary key, a text, n numeric(10,2));
"""
"""What stands before every change."""

COMMENTED = "comment on {} is 'what it is for'"

LABELLED = "insert into pg_seclabel values ('{}'::{}::oid, '{}'::regclass, {}, 'mac', 'secret')"
"""As a provider would write it; servers come without one."""

ON_DATABASE = "do $$ begin execute format('{}', current_database()); end $$"


@dataclass(frozen=True)
class Mutation:
    """``change`` after ``setup`` makes exactly one difference: this object, this of it (None: all of it).

    ``since`` is the first major that knows the change. ``dumped`` tells whether pg_dump sees it, too.
    """

    kind: str
    name: str
    what: str | None
    change: str
    setup: str = ""
    since: int = 13
    dumped: bool = True

    @property
    def key(self) -> ObjectKey:
        return ObjectKey(self.kind, self.name)

    def __str__(self) -> str:
        return " ".join(self.change.split())[-80:]


def added(kind: str, name: str, change: str, setup: str = "", since: int = 13) -> Mutation:
    return Mutation(kind, name, None, change, setup, since)


def anew(  # noqa: PLR0917  # they are read as the rows of a table
    kind: str, name: str, what: str, drop: str, old: str, new: str, since: int = 13
) -> Mutation:
    """What only dropping and making it otherwise can change."""
    return Mutation(kind, name, what, f"{drop}; {new}", f"{old};", since)
