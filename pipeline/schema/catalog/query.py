"""What a query of the catalogs is, and how its rows are laid out."""

from dataclasses import dataclass
from typing import LiteralString


@dataclass(frozen=True)
class Query:
    """One catalog query whose rows are objects.

    Each row begins with ``oid, parent, kind, name, owner, acl`` and goes on with the values of ``properties``;
    all but the two oids are text. ``catalog`` is where the oid is from. ``parent`` is an oid of ``within``:
    a row whose parent was left out is left out too, and where ``nested``, the parent's name stands before its
    own. ``letter`` is the server's word for the object type of the ACL (as ``acldefault`` wants it).
    ``since`` and ``before`` bound the server versions (150000) that the text is for.

    Every join must have an index to go by: the planner may know nothing of a fresh catalog's size, and a
    nested loop over two scans would be quadratic.
    """

    catalog: str
    sql: LiteralString
    properties: tuple[str, ...]
    within: str | None = None
    nested: bool = True
    letter: str = ""
    since: int = 0
    before: int = 1_000_000

    def serves(self, version: int) -> bool:
        """Whether this text is for a server of ``version``."""
        return self.since <= version < self.before
