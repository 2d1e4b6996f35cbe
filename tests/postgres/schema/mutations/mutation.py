"""A single change: what stands before, what is changed, and the one difference it makes."""

from dataclasses import dataclass

from pipeline.schema.model import ObjectKey

BASE = """
create role app; create role other;
create table t (id int primary key, a text, n numeric(10,2));
"""
"""What stands before every change."""

COMMENTED = "comment on {} is 'what it is for'"


@dataclass(frozen=True)
class Mutation:
    """``change`` after ``setup`` makes exactly one difference: this object, this of it (None: all of it)."""

    kind: str
    name: str
    what: str | None
    change: str
    setup: str = ""
    since: int = 13

    @property
    def key(self) -> ObjectKey:
        return ObjectKey(self.kind, self.name)

    def __str__(self) -> str:
        return " ".join(self.change.split())[:80]


def added(kind: str, name: str, change: str, setup: str = "", since: int = 13) -> Mutation:
    return Mutation(kind, name, None, change, setup, since)
