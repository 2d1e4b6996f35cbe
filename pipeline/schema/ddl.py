"""SQL that creates, drops and amends one object of a snapshot; for the kinds that hold no data of their own.

Statements carry no semicolon. What cannot be said with certainty raises Unsure: a guess would be proved wrong
later, and dearer.
"""

import re
from collections.abc import Iterator

from pipeline.schema.model import ObjectKey, Properties
from pipeline.schema.names import split_name

_ENTRY = re.compile(r'(-?)("(?:[^"]|"")*"|[^"=;/\s]+)=([A-Z ,*]+)(/)?')
_ROUTINE_NAME = re.compile(r'(?s)((?:"(?:[^"]|"")*"|[^("])+)\(')
_OF_COLUMN = re.compile(r"(?s)(comment|default) of (.*)")
TRIGGER_STATES = {"no": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}

ON_TABLE = frozenset({"trigger", "rule", "policy"})
"""Kinds that are addressed as ``name ON table``."""


class Unsure(Exception):
    """The statement cannot be derived with certainty."""


def literal(text: str) -> str:
    """A string as SQL wants it."""
    return "'" + text.replace("'", "''") + "'"


def address(key: ObjectKey) -> str:
    """The object as DROP and COMMENT name it: ``VIEW public.v``, ``TRIGGER t ON public.orders``."""
    if key.kind in ON_TABLE:
        table, own = split_name(key.name)
        return f"{key.kind.upper()} {own} ON {table}"
    return f"{key.kind.upper()} {key.name}"


def drop(key: ObjectKey) -> str:
    """What drops the object, and never more than it."""
    return f"DROP {address(key)}"


def create(key: ObjectKey, properties: Properties, *, replace: bool = False) -> Iterator[str]:
    """What creates the object; with ``replace``, over another definition, and only the definition.

    Raises Unsure for what is not covered.
    """
    yield definition(key, properties, replace=replace)
    if not replace:
        yield from amend(key, {}, {name: properties[name] for name in properties if amendable(name)})
        if (state := TRIGGER_STATES.get(properties.get("enabled") or "")) is not None:
            table, own = split_name(key.name)
            yield f"ALTER TABLE {table} {state} {key.kind.upper()} {own}"


def amendable(name: str) -> bool:
    """Whether a property is what amending brings back, or refuses to; any other belongs to the definition."""
    return name in {"owner", "comment", "acl"} or " of " in name or name.startswith("security label ")


def amend(key: ObjectKey, now: Properties, wanted: Properties) -> Iterator[str]:
    """What takes owner, comments, column defaults and privileges from ``now`` to ``wanted``; raises Unsure."""
    for name in sorted(now.keys() | wanted.keys(), key=lambda name: (name != "owner", name)):
        value = wanted.get(name)
        if now.get(name) == value:
            continue
        if name == "owner":
            yield f"ALTER {address(key)} OWNER TO {value}"
        elif name == "comment":
            yield f"COMMENT ON {address(key)} IS {literal(value) if value is not None else 'NULL'}"
        elif name == "acl":
            yield from _privileges(key, now.get(name), granted=False)
            yield from _privileges(key, value, granted=True)
        elif part := _OF_COLUMN.fullmatch(name):
            yield _of_column(key, part[1], part[2], value)
        else:
            raise Unsure(f"{key.kind} {key.name}: {name}")


def _of_column(key: ObjectKey, what: str, column: str, value: str | None) -> str:
    if what == "comment":
        return f"COMMENT ON COLUMN {key.name}.{column} IS {literal(value) if value is not None else 'NULL'}"
    default = f"SET DEFAULT {value}" if value is not None else "DROP DEFAULT"
    return f"ALTER {address(key)} ALTER COLUMN {column} {default}"


def _privileges(key: ObjectKey, acl: str | None, *, granted: bool) -> Iterator[str]:
    """Each entry of a canonical ACL granted, or (not ``granted``) taken back; ``-`` turns it around."""
    if not acl:
        return
    entries = list(_ENTRY.finditer(acl))
    if "; ".join(entry.group() for entry in entries) != acl or any(entry[4] for entry in entries):
        raise Unsure(f"{key.kind} {key.name}: acl {acl}")
    kind = "TABLE" if key.kind in {"view", "materialized view"} else key.kind.upper()
    for entry in entries:
        for privilege in entry[3].split(","):
            word, option = privilege.rstrip("*"), privilege.endswith("*")
            if granted is (entry[1] == ""):
                suffix = " WITH GRANT OPTION" if option else ""
                yield f"GRANT {word} ON {kind} {key.name} TO {entry[2]}{suffix}"
            else:
                yield f"REVOKE {word} ON {kind} {key.name} FROM {entry[2]}"


def definition(key: ObjectKey, properties: Properties, *, replace: bool = False) -> str:
    """The one statement that makes the object, or with ``replace`` makes it over another. Raises Unsure."""
    match key.kind:
        case "view" | "materialized view":
            return _view(key, properties, replace=replace)
        case "function" | "procedure":
            return _routine(key, properties, replace=replace)
        case "trigger" | "rule" | "index" if not replace and not properties.get("tablespace"):
            return (properties.get("definition") or "").rstrip(";")
        case "policy" if not replace:
            return _policy(key, properties)
        case _:
            raise Unsure(f"{key.kind} {key.name}")


def _view(key: ObjectKey, properties: Properties, *, replace: bool) -> str:
    words = ["CREATE OR REPLACE" if replace else "CREATE", address(key)]
    if method := properties.get("access method"):
        words.append(f"USING {method}")
    if options := properties.get("options"):
        words.append(f"WITH ({options})")
    if tablespace := properties.get("tablespace"):
        words.append(f"TABLESPACE {tablespace}")
    words.append(f"AS{(properties.get('definition') or '').rstrip(';')}")
    if properties.get("populated") == "no":
        words.append("WITH NO DATA")
    return " ".join(words)


def _routine(key: ObjectKey, properties: Properties, *, replace: bool) -> str:
    name = _ROUTINE_NAME.match(key.name)
    if name is None:
        raise Unsure(f"{key.kind} {key.name}")
    head = "CREATE OR REPLACE" if replace else "CREATE"
    words = [f"{head} {key.kind.upper()} {name[1]}({properties.get('arguments') or ''})"]
    if key.kind == "function":
        words.append(f"RETURNS {properties.get('returns')}")
    words.append(f"LANGUAGE {properties.get('language')}")
    if key.kind == "function":
        words.extend(_attributes(properties))
    if properties.get("security") == "definer":
        words.append("SECURITY DEFINER")
    if settings := properties.get("settings"):
        words.append(settings)
    words.append(_body(properties))
    return " ".join(words)


def _attributes(properties: Properties) -> Iterator[str]:
    yield (properties.get("volatility") or "").upper()
    yield f"PARALLEL {properties.get('parallel')}"
    yield f"COST {properties.get('cost')}"
    for name, word in (("window", "WINDOW"), ("strict", "STRICT"), ("leakproof", "LEAKPROOF")):
        if properties.get(name) == "yes":
            yield word
    for name in ("rows", "support"):
        if value := properties.get(name):
            yield f"{name.upper()} {value}"


def _body(properties: Properties) -> str:
    if sql_body := properties.get("sql body"):
        return sql_body
    body = properties.get("body") or ""
    if library := properties.get("library"):
        return f"AS {literal(library)}, {literal(body)}"
    tag = "$body$"
    while tag in body:
        tag = f"{tag[:-1]}x$"
    return f"AS {tag}{body}{tag}"


def _policy(key: ObjectKey, properties: Properties) -> str:
    permissive = "PERMISSIVE" if properties.get("permissive") == "yes" else "RESTRICTIVE"
    command = (properties.get("command") or "").upper()
    words = [f"CREATE {address(key)} AS {permissive} FOR {command} TO {properties.get('roles')}"]
    if using := properties.get("using"):
        words.append(f"USING ({using})")
    if check := properties.get("with check"):
        words.append(f"WITH CHECK ({check})")
    return " ".join(words)
