"""SQL that takes a schema from one shape to another, for the changes that people make by hand.

Every statement may be run again where it has been run already: the same text adopts a change in the databases
that lack it and passes by the one that has it. It is a proposal, ordered by kind; whoever shows it proves it
on a throwaway first. What is not covered raises ``Unsure``.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.schema import alter_columns, ddl
from pipeline.schema.alter_names import renaming
from pipeline.schema.ddl import Unsure
from pipeline.schema.diff import Change, diff_by_name, is_soft
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.names import NESTED, split_name

_LOSES = re.compile(r"DROP TABLE |ALTER TABLE \S+ (DROP COLUMN |ALTER COLUMN \S+ TYPE )")
_LABEL = re.compile(r"'(?:[^']|'')*'")
_CHILDREN = ("policy", "rule", "trigger")
_CODE = ("function", "procedure", "view", "materialized view")
_GONE_FIRST = (*_CHILDREN, "constraint", "index", "materialized view", "view", "column", "table")
_GONE = (*_GONE_FIRST, "function", "procedure", "type", "sequence")
_MADE = ("type", "sequence", "table", "column", "function", "procedure", "constraint", "index")
_NEW = (*_MADE, "view", "materialized view", *_CHILDREN)
_AMENDED = frozenset({"owner", "acl", "comment"})
_PARAMETERS = {
    "type": "AS",
    "increment": "INCREMENT BY",
    "minimum": "MINVALUE",
    "maximum": "MAXVALUE",
    "start": "START WITH",
    "cache": "CACHE",
}
_TABLE_ACTIONS: Mapping[tuple[str, str | None], str] = {
    ("persistence", "permanent"): "SET LOGGED",
    ("persistence", "unlogged"): "SET UNLOGGED",
    ("row security", "yes"): "ENABLE ROW LEVEL SECURITY",
    ("row security", "no"): "DISABLE ROW LEVEL SECURITY",
    ("force row security", "yes"): "FORCE ROW LEVEL SECURITY",
    ("force row security", "no"): "NO FORCE ROW LEVEL SECURITY",
    ("replica identity", "default"): "REPLICA IDENTITY DEFAULT",
    ("replica identity", "full"): "REPLICA IDENTITY FULL",
    ("replica identity", "nothing"): "REPLICA IDENTITY NOTHING",
}


def statements(now: Snapshot, wanted: Snapshot) -> tuple[str, ...]:
    """Statements (without semicolons) that take ``now`` to ``wanted``. Raises Unsure."""
    renamed, names = renaming(now, wanted)
    return (*names, *_Way(renamed, wanted).statements())


def loses_rows(statement: str) -> bool:
    """Whether a statement of ours may lose or change what is stored."""
    return _LOSES.match(statement) is not None


@dataclass(frozen=True)
class _Way:
    now: Snapshot
    wanted: Snapshot

    def statements(self) -> Iterator[str]:
        """What is gone or made anew goes first, in the order in which things hang on each other."""
        for key in _by_kind([*self.gone, *self.anew], _GONE):
            yield _drop(key)
        for key in _by_kind([*self.new, *self.changed], _NEW):
            if key in self.new or key in self.anew:
                yield from self._made(key)
            else:
                yield from self._altered(key)
        for key in sorted([*self.new, *self.changed]):
            yield from self._amended(key)

    @cached_property
    def changed(self) -> Mapping[ObjectKey, frozenset[str]]:
        """The objects that are there before and after, with the properties that differ."""
        found: dict[ObjectKey, set[str]] = {}
        for one in diff_by_name(self.now, self.wanted):
            if one.change is Change.CHANGED and not is_soft(one):
                found.setdefault(one.key, set()).add(one.property or "")
        return {key: frozenset(names) for key, names in found.items()}

    @cached_property
    def gone(self) -> Sequence[ObjectKey]:
        """What must go, without what goes with its table."""
        return self._alone(self.now, self.wanted)

    @cached_property
    def new(self) -> Sequence[ObjectKey]:
        """What must be made, without the columns that are made with their table."""
        found = [key for key in self.wanted.objects if key not in self.now.objects]
        inside = {f"{kind} {name}" for kind, name in found}
        return [
            key
            for key in found
            if not (key.kind == "column" and f"table {split_name(key.name)[0]}" in inside)
            and not _is_of_identity(key, self.wanted)
        ]

    @cached_property
    def anew(self) -> frozenset[ObjectKey]:
        """What is there, and cannot become what it should be without going first."""
        return frozenset(
            key for key, names in self.changed.items() if names - _AMENDED and self._needs_to_go(key, names)
        )

    def _needs_to_go(self, key: ObjectKey, names: Collection[str]) -> bool:
        if key.kind == "view":
            return self.now.column_order.get(key.name) != self.wanted.column_order.get(key.name)
        if key.kind in {"function", "procedure"}:
            return bool({"arguments", "returns"} & set(names))
        made_otherwise = key.kind in {"constraint", "index", "materialized view", *_CHILDREN}
        return made_otherwise and set(names) != {"enabled"}

    def _alone(self, here: Snapshot, there: Snapshot) -> Sequence[ObjectKey]:
        found = [key for key in here.objects if key not in there.objects]
        tables = {key.name for key in found if key.kind in {"table", "view", "materialized view"}}
        return [
            key
            for key in found
            if not (_wholes(key, here.objects[key]) & tables) and not _is_of_identity(key, here)
        ]

    def _made(self, key: ObjectKey) -> Iterator[str]:
        properties = self.wanted.objects[key]
        match key.kind:
            case "table":
                yield self._table(key, properties)
                yield from _altered_table(key, {}, properties)
            case "column":
                table, name = split_name(key.name)
                yield f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {alter_columns.text(properties)}"
                yield from alter_columns.details(key, properties)
            case "constraint":
                yield from _constraint(key, properties)
            case "index":
                yield _index(key, properties)
            case "sequence":
                yield f"CREATE SEQUENCE IF NOT EXISTS {key.name} {_parameters(properties, properties)}"
            case "type":
                yield _enum(key, properties)
            case "trigger" | "policy" | "rule":
                yield _drop(key)
                yield from ddl.create(key, {n: v for n, v in properties.items() if n not in _AMENDED})
            case "materialized view":
                yield _drop(key)
                yield ddl.definition(key, properties)
            case _:
                yield ddl.definition(key, properties, replace=True)

    def _table(self, key: ObjectKey, properties: Properties) -> str:
        if {"partition key", "partition bound", "inherits", "of type", "tablespace"} & properties.keys():
            raise Unsure(f"table {key.name}: it is no plain table")
        columns = ", ".join(
            f"{name} {alter_columns.text(self.wanted.objects[ObjectKey('column', f'{key.name}.{name}')])}"
            for name in self.wanted.column_order.get(key.name, ())
        )
        unlogged = "UNLOGGED " if properties.get("persistence") == "unlogged" else ""
        return f"CREATE {unlogged}TABLE IF NOT EXISTS {key.name} ({columns})"

    def _altered(self, key: ObjectKey) -> Iterator[str]:
        now, wanted = self.now.objects[key], self.wanted.objects[key]
        names = self.changed[key] - _AMENDED
        if not names:
            return
        now, wanted = _only(now, names), {**_only(wanted, names)}
        match key.kind:
            case "table":
                yield from _altered_table(key, now, wanted)
            case "column":
                yield from alter_columns.altered(key, now, wanted)
            case "sequence":
                yield f"ALTER SEQUENCE {key.name} {_parameters(wanted, self.wanted.objects[key])}"
            case "type":
                yield from _labels(key, now, wanted)
            case "trigger" | "rule":
                table, own = split_name(key.name)
                state = {"yes": "ENABLE", **ddl.TRIGGER_STATES}[wanted.get("enabled") or "yes"]
                yield f"ALTER TABLE {table} {state} {key.kind.upper()} {own}"
            case "function" | "procedure" | "view":
                yield ddl.definition(key, self.wanted.objects[key], replace=True)
            case _:
                raise Unsure(f"{key.kind} {key.name}: {', '.join(sorted(names))}")

    def _amended(self, key: ObjectKey) -> Iterator[str]:
        """Owner, privileges and comment, of what is changed, and of what is new as the server made it."""
        names = _AMENDED
        now: Properties = self.now.objects.get(key, {}) if key not in self.anew else {}
        wanted = self.wanted.objects[key]
        if key.kind == "column":
            yield from alter_columns.amended(key, _only(now, names), _only(wanted, names))
        elif key.kind == "constraint":
            yield from _comment_on_constraint(key, now, wanted)
        else:
            yield from ddl.amend(key, _only(now, names), _only(wanted, names))
        if key.kind == "table" and key in self.new:
            for name in self.wanted.column_order.get(key.name, ()):
                column = ObjectKey("column", f"{key.name}.{name}")
                properties = self.wanted.objects[column]
                yield from alter_columns.details(column, properties)
                yield from alter_columns.amended(column, {}, _only(properties, names))


def _is_of_identity(key: ObjectKey, snapshot: Snapshot) -> bool:
    """A sequence that comes and goes with the identity of its column."""
    column = snapshot.objects[key].get("owned by") if key.kind == "sequence" else None
    return bool(column) and "identity" in snapshot.objects.get(ObjectKey("column", column or ""), {})


def _by_kind(keys: Iterable[ObjectKey], kinds: Sequence[str]) -> list[ObjectKey]:
    found = list(keys)
    strange = [key for key in found if key.kind not in kinds]
    if strange:
        raise Unsure(f"{strange[0].kind} {strange[0].name}")
    return sorted(found, key=lambda key: (kinds.index(key.kind), key.name))


def _wholes(key: ObjectKey, properties: Properties) -> set[str]:
    names = {properties.get("table")}
    if key.kind in NESTED:
        names.add(split_name(key.name)[0])
    if key.kind == "sequence" and (column := properties.get("owned by")):
        names.add(split_name(column)[0])
    return {name for name in names if name}


def _drop(key: ObjectKey) -> str:
    if key.kind in {"column", "constraint"}:
        table, own = split_name(key.name)
        return f"ALTER TABLE {table} DROP {key.kind.upper()} IF EXISTS {own}"
    return ddl.drop(key).replace(f"DROP {key.kind.upper()} ", f"DROP {key.kind.upper()} IF EXISTS ", 1)


def _constraint(key: ObjectKey, properties: Properties) -> Iterator[str]:
    if properties.get("inherited") or properties.get("index tablespace") or properties.get("index options"):
        raise Unsure(f"constraint {key.name}")
    table, own = split_name(key.name)
    deferrable = {"initially deferred": " DEFERRABLE INITIALLY DEFERRED", "initially immediate": " DEFERRABLE"}
    state = {"no": " NOT VALID", "not enforced": " NOT ENFORCED"}.get(properties.get("validated") or "", "")
    yield _drop(key)
    yield (
        f"ALTER TABLE {table} ADD CONSTRAINT {own} {properties.get('definition')}"
        f"{deferrable.get(properties.get('deferrable') or '', '')}{state}"
    )


def _index(key: ObjectKey, properties: Properties) -> str:
    if properties.get("valid") == "no" or properties.get("clustered") == "yes":
        raise Unsure(f"index {key.name}")
    return ddl.definition(key, properties).replace("INDEX ", "INDEX IF NOT EXISTS ", 1)


def _comment_on_constraint(key: ObjectKey, now: Properties, wanted: Properties) -> Iterator[str]:
    if now.get("comment") != wanted.get("comment"):
        table, own = split_name(key.name)
        text = wanted.get("comment")
        words = ddl.literal(text) if text is not None else "NULL"
        yield f"COMMENT ON CONSTRAINT {own} ON {table} IS {words}"


def _altered_table(key: ObjectKey, now: Properties, wanted: Properties) -> Iterator[str]:
    usual = {"persistence": "permanent", "row security": "no", "force row security": "no"}
    usual["replica identity"] = "default"
    for name in sorted((now.keys() | wanted.keys()) - _AMENDED - {"access method"}):
        was, value = now.get(name, usual.get(name)), wanted.get(name, usual.get(name))
        if was == value:
            continue
        if (action := _TABLE_ACTIONS.get((name, value))) is not None:
            yield f"ALTER TABLE {key.name} {action}"
        elif name == "options":
            yield from _options(key, was, value)
        else:
            raise Unsure(f"table {key.name}: {name}")


def _options(key: ObjectKey, now: str | None, wanted: str | None) -> Iterator[str]:
    names = {one.partition("=")[0] for one in (now or "").split(", ") if one}
    kept = {one.partition("=")[0] for one in (wanted or "").split(", ") if one}
    if names - kept:
        yield f"ALTER TABLE {key.name} RESET ({', '.join(sorted(names - kept))})"
    if wanted:
        yield f"ALTER TABLE {key.name} SET ({wanted})"


def _parameters(changed: Properties, whole: Properties) -> str:
    if changed.keys() - _AMENDED - _PARAMETERS.keys() - {"cycle", "persistence", "owned by"}:
        raise Unsure("sequence")
    if whole.get("persistence") == "unlogged" or (changed is not whole and "owned by" in changed):
        raise Unsure("sequence")
    words = [f"{_PARAMETERS[name]} {changed[name]}" for name in _PARAMETERS if changed.get(name)]
    if "cycle" in changed:
        words.append("CYCLE" if changed["cycle"] == "yes" else "NO CYCLE")
    return " ".join(words)


def _enum(key: ObjectKey, properties: Properties) -> str:
    if properties.get("form") != "enum":
        raise Unsure(f"type {key.name}")
    create = f"CREATE TYPE {key.name} AS ENUM ({properties.get('labels') or ''})"
    there = f"pg_catalog.to_regtype({ddl.literal(key.name)}) IS NULL"
    return f"DO $do$ BEGIN IF {there} THEN {create}; END IF; END $do$"


def _labels(key: ObjectKey, now: Properties, wanted: Properties) -> Iterator[str]:
    """Labels that are new, each behind the one before it; one that is there can never be taken away."""
    if set(wanted) != {"labels"}:
        raise Unsure(f"type {key.name}")
    were, labels = (_LABEL.findall(one.get("labels") or "") for one in (now, wanted))
    if [label for label in labels if label in were] != were:
        raise Unsure(f"type {key.name}: a label cannot be dropped")
    for before, label in zip(["", *labels], labels, strict=False):
        if label not in were:
            place = f" AFTER {before}" if before else f" BEFORE {were[0]}" if were else ""
            yield f"ALTER TYPE {key.name} ADD VALUE IF NOT EXISTS {label}{place}"


def _only(properties: Properties, names: Iterable[str]) -> Properties:
    wanted = set(names)
    return {name: value for name, value in properties.items() if name in wanted}
