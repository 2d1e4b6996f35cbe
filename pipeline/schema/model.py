"""A snapshot of a database's shape: every object with its properties, as plain comparable values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class ObjectKey(NamedTuple):
    """What an object is and how it is called: ``("column", "public.orders.total")``.

    ``kind`` is PostgreSQL's word in lower case ("table", "foreign table", "materialized view", "function").
    ``name`` is qualified and quoted where SQL would quote it; functions carry their argument types.
    """

    kind: str
    name: str


Properties = Mapping[str, str | None]
"""A property by name ("type", "default", "owner", "acl", "definition", "comment"), in canonical text."""


@dataclass(frozen=True)
class Snapshot:
    """Managed schemas and database-wide objects of one database at one instant.

    ``column_order`` holds the physical order of the columns of each table, ``settings`` the database- and
    role-level settings: both are outside the fingerprint and have digests of their own.

    ``origin`` tells which database this was (system identifier and oid, empty when not known), ``identities``
    where each object stands in its catalogs (``pg_class/16385/2``: catalog, oid, column number). An object that
    is at the same place of the same database under another name was renamed; neither is part of any digest.
    """

    objects: Mapping[ObjectKey, Properties]
    column_order: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    origin: str = field(default="", compare=False)
    identities: Mapping[ObjectKey, str] = field(default_factory=dict[ObjectKey, str], compare=False)
