"""Which objects were renamed, and which texts differ only because of that.

What stands at the same place of the same database under another name was renamed; nothing else is certain, so
nothing else is told as a rename. A rename shows in many places: in the names of an object's parts, and in
texts that the server keeps by reference and prints anew (keys, indexes, views). Such a place goes without
saying only where the new text is, token by token, the old one with the certain renames put in; text that the
server keeps as it was written (bodies, comments) never does.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, takewhile

from pipeline.schema.model import ObjectKey, Snapshot
from pipeline.schema.names import NESTED, last_part, split_name
from pipeline.sql.identifiers import parse, shown

FOLLOWING = frozenset(
    {
        "arguments",
        "base",
        "collation",
        "combine function",
        "commutator",
        "default",
        "definition",
        "deserial function",
        "end",
        "family",
        "final function",
        "from sql",
        "function",
        "generated",
        "handler",
        "headline",
        "inherits",
        "init",
        "inline",
        "join",
        "lexize",
        "mappings",
        "members",
        "method",
        "negator",
        "of type",
        "owned by",
        "parser",
        "partition key",
        "range",
        "replica identity",
        "restrict",
        "result",
        "returns",
        "schema",
        "schemas",
        "serial function",
        "sql body",
        "start",
        "state function",
        "state type",
        "storage",
        "support",
        "table",
        "tables",
        "template",
        "to sql",
        "token",
        "token types",
        "type",
        "using",
        "validator",
        "with check",
    }
)
"""Properties that the server keeps by reference and prints with the names of the day."""

_SETTLED = frozenset({"constraint", "domain constraint", "index", "statistics"})
"""Kinds whose definition cannot be altered in place: whatever moved in its text is a rename."""

_NAMED_BARE = frozenset({"index", "trigger", "rule"})
"""Kinds whose definition says their own name without a schema."""

_ROUTINES = frozenset({"function", "procedure", "aggregate"})
_OWN_ROWS = frozenset({"old", "new"})

_NAME = r'(?:"(?:[^"]|"")*"|[^\W\d][\w$]*)'
_TOKEN = re.compile(rf"(?s){_NAME}(?:\.{_NAME})*|'(?:[^']|'')*'|\d[\w.]*|\s+|.")
_PART = re.compile(_NAME)


def certain(before: Snapshot, after: Snapshot) -> Mapping[ObjectKey, ObjectKey]:
    """Old and new keys of everything that was renamed for certain, parts of what was renamed included.

    Where the same names stand on both sides, they are taken at their word: a table that was exchanged for
    another one is a changed table, and one of the same shape is no difference at all.
    """
    if not before.origin or before.origin != after.origin or before.identities == after.identities:
        return {}
    stands = {identity: key for key, identity in after.identities.items()}
    moved: dict[ObjectKey, ObjectKey] = {}
    for old, identity in before.identities.items():
        new = stands.get(identity)
        if new is not None and new != old and new.kind == old.kind and new in after.objects:
            moved[old] = new
    if not moved:
        return {}
    return _with_their_parts(_without_exchanges(moved, before, after), before, after)


def _without_exchanges(
    moved: Mapping[ObjectKey, ObjectKey], before: Snapshot, after: Snapshot
) -> dict[ObjectKey, ObjectKey]:
    """A chain of renames counts if a name was given up at its start or is new at its end.

    Of indexes, only if one was given up: ``REINDEX CONCURRENTLY`` leaves the old one behind under a new name.
    """
    kept: dict[ObjectKey, ObjectKey] = {}
    for start in moved.keys() - set(moved.values()):
        chain = [start]
        while (following := moved.get(chain[-1])) is not None:
            chain.append(following)
        given_up, new = start not in after.objects, chain[-1] not in before.objects
        if given_up or (new and start.kind != "index"):
            kept.update(pairwise(chain))
    return kept


def _with_their_parts(
    moved: Mapping[ObjectKey, ObjectKey], before: Snapshot, after: Snapshot
) -> Mapping[ObjectKey, ObjectKey]:
    """A part stays with its whole; one that was made anew under its old name counts as the same."""
    wholes = {old.name: new.name for old, new in moved.items() if old.kind not in NESTED}
    kept = {old: new for old, new in moved.items() if _stays_with(wholes, old, new)}
    taken = set(kept.values())
    for old in before.objects.keys() - kept.keys():
        if old.kind in NESTED and (whole := wholes.get(split_name(old.name)[0])) is not None:
            new = ObjectKey(old.kind, f"{whole}.{last_part(old.name)}")
            if new in after.objects and new not in taken:
                kept[old] = new
    return kept


def _stays_with(wholes: Mapping[str, str], old: ObjectKey, new: ObjectKey) -> bool:
    if old.kind not in NESTED:
        return True
    whole = split_name(old.name)[0]
    return wholes.get(whole, whole) == split_name(new.name)[0]


@dataclass(frozen=True)
class Renames:
    """The certain renames of a comparison, and what goes without saying because of them.

    ``staying`` are the names, as other texts say them, of what was there before and kept its name.
    """

    keys: Mapping[ObjectKey, ObjectKey]
    staying: Collection[str] = field(default=(), repr=False)

    @classmethod
    def between(cls, before: Snapshot, after: Snapshot) -> "Renames":
        """What was renamed from one snapshot to another."""
        keys = certain(before, after)
        staying = {_path(key) for key in before.objects if key not in keys} if keys else ()
        return cls(keys, staying)

    def name_of_whole(self, name: str) -> str:
        """What the table, view, type or domain of this old name is called now."""
        return self._wholes.get(name, name)

    def explain_name(self, old: ObjectKey, new: ObjectKey, table: str | None) -> bool:
        """Whether the new name follows from the rename of something else: of its table, its schema, a type.

        ``table`` is the old name of what the object is a part of.
        """
        if old.kind in NESTED:
            return last_part(old.name) == last_part(new.name)
        if (
            table is not None
            and table in self._wholes
            and _moved_along(old.name, table, new.name, self._wholes[table])
        ):
            return True
        bare = self._schemas if old.kind == "default privileges" else dict[str, str]()
        return _follows(old.name, new.name, _Names(self._paths, self._schemas, bare, skipped=_path(old)))

    def explain_text(self, old: ObjectKey, name: str, was: str, now: str, table: str | None) -> bool:
        """Whether a property of ``old``, a part of ``table`` (its old name), differs only by renames."""
        if name not in FOLLOWING or not self.keys:
            return False
        return _follows(was, now, _Names(self._paths, self._schemas, self._bare(old, name, was, table), table))

    def explain_not_null(self, old: ObjectKey, new: ObjectKey, was: str | None, now: str | None) -> bool:
        """Whether the name of a NOT NULL is only out of the ordinary since its column or table was renamed."""
        return (was is None and now == _not_null(old)) or (now is None and was == _not_null(new))

    def _bare(self, old: ObjectKey, name: str, text: str, table: str | None) -> Mapping[str, str]:
        """The names that the text says without a schema."""
        if name in {"schema", "schemas"}:
            return self._schemas
        bare: dict[str, str] = {}
        if old.kind in _SETTLED:
            for columns in self._columns.values():
                bare.update(columns)
        elif "select" not in text.lower():
            bare.update(self._columns.get(table or old.name, {}))
        if old.kind in _NAMED_BARE and old in self.keys:
            bare[last_part(old.name)] = last_part(self.keys[old].name)
        return bare

    @cached_property
    def _wholes(self) -> Mapping[str, str]:
        return {old.name: new.name for old, new in self.keys.items() if old.kind not in NESTED}

    @cached_property
    def _schemas(self) -> Mapping[str, str]:
        return {old.name: new.name for old, new in self.keys.items() if old.kind == "schema"}

    @cached_property
    def _columns(self) -> Mapping[str, Mapping[str, str]]:
        """The renamed columns by the old name of their table."""
        columns: dict[str, dict[str, str]] = {}
        for old, new in self.keys.items():
            if old.kind in {"column", "attribute"} and last_part(old.name) != last_part(new.name):
                table, column = split_name(old.name)
                columns.setdefault(table, {})[column] = last_part(new.name)
        return columns

    @cached_property
    def _paths(self) -> Mapping[str, str]:
        """Qualified names, old and new; one that could mean several things is left out."""
        paths: dict[str, str] = {}
        unsure = set(self.staying)
        for old, new in self.keys.items():
            was, now = _path(old), _path(new)
            if paths.setdefault(was, now) != now:
                unsure.add(was)
        return {was: now for was, now in paths.items() if was not in unsure}


@dataclass(frozen=True)
class _Names:
    """What the names in one text are called now; ``bare`` ones may also mean something that kept its name."""

    paths: Mapping[str, str]
    schemas: Mapping[str, str]
    bare: Mapping[str, str]
    table: str | None = None
    skipped: str | None = None

    def renamed(self, token: str) -> Collection[str]:
        """How the name may read now."""
        parts: list[str] = _PART.findall(token)
        for length in range(len(parts), 1, -1):
            path = ".".join(parts[:length])
            if path != self.skipped and path in self.paths:
                return (".".join([self.paths[path], *parts[length:]]),)
        if parts[0] in self.schemas and len(parts) > 1:
            return (".".join([self.schemas[parts[0]], *parts[1:]]),)
        if len(parts) == 2:  # noqa: PLR2004  # a row and its column
            row, column = parts
            own = row in _OWN_ROWS or (self.table is not None and row == last_part(self.table))
            now = self.bare.get(column, column) if own else column
            return {f"{name}.{now}" for name in (row, *self._rows.get(row, ()))}
        return (token,)

    @cached_property
    def _rows(self) -> Mapping[str, Collection[str]]:
        """What a query may call the rows of a renamed table: by its name, unless they have one of their own."""
        rows: dict[str, set[str]] = {}
        for was, now in self.paths.items():
            rows.setdefault(last_part(was), set()).add(last_part(now))
        return rows


def _follows(was: str, now: str, names: _Names) -> bool:
    """Whether ``now`` is ``was`` with the names of today."""
    old: list[str] = _TOKEN.findall(was)
    new: list[str] = _TOKEN.findall(now)
    if len(old) != len(new):
        return False
    return all(token in _readings(old, at, names) for at, token in enumerate(new))


def _readings(tokens: Sequence[str], at: int, names: _Names) -> Collection[str]:
    token = tokens[at]
    following = "".join(tokens[at + 1 : at + 4])
    if token.startswith("'"):
        path = token[1:-1].replace("''", "'")
        if following == "::regclass" and _PART.match(path):
            return ["'" + name.replace("'", "''") + "'" for name in names.renamed(path)]
        return (token,)
    if not _PART.match(token):
        return (token,)
    if token in names.schemas and following.startswith("."):
        return (names.schemas[token],)
    if token in names.bare and not following.startswith("(") and tokens[at - 1 : at] != [":"]:
        return (token, names.bare[token])
    return names.renamed(token)


def _moved_along(old: str, table: str, new: str, table_now: str) -> bool:
    """Whether a table took an index or a sequence along to another schema."""
    was, now = (split_name(table)[0], last_part(old)), (split_name(table_now)[0], last_part(new))
    return split_name(old) == was and split_name(new) == now and was[1] == now[1]


def _not_null(column: ObjectKey) -> str:
    """What the server calls the NOT NULL of a column, unless the name is too long."""
    table, own = split_name(column.name)
    words = [*(parse(table) or ())[-1:], *(parse(own) or ()), "not_null"]
    return shown("_".join(words))


def _path(key: ObjectKey) -> str:
    """The name as other texts say it: of a routine, without its arguments."""
    if key.kind not in _ROUTINES:
        return key.name
    tokens: list[str] = _TOKEN.findall(key.name)
    return "".join(takewhile(lambda part: part != "(", tokens))
