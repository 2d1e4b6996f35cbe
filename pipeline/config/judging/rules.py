"""What no single key can say: which keys exclude each other, what must come earlier, what may not be shared.

The rules read the plain tree and not the model, so that they speak even where something else is wrong.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Final

from pipeline.config.connection import INSECURE, SYSTEM
from pipeline.config.fields import SHORT_NAME
from pipeline.config.judging.trees import items, mapping
from pipeline.shapes.complaints import Complaint, KeyPath
from pipeline.shapes.words import did_you_mean, listed, shown

_OURS: Final = "pipeline"
_TLS_WORDS: Final = (SYSTEM, INSECURE, "rds")
_WITHOUT_EFFECT: Final = ("identity", "role", "backup", "drift", "failure")


def complaints(data: Mapping[str, object]) -> Iterator[Complaint]:
    """Everything that the keys of a file say against each other."""
    yield from _empty(data, ())
    yield from _schemas(mapping(data.get("migrations")))
    environments = mapping(data.get("environments"))
    yield from _names(environments)
    yield from _requirements(environments)
    yield from _shared(environments)
    for name, environment in environments.items():
        path = ("environments", name)
        yield from _tls((*path, "database"), mapping(mapping(environment).get("database")))
        yield from _throwaway(path, mapping(environment))
        yield from _checks(path, mapping(environment))


def _empty(tree: object, path: KeyPath) -> Iterator[Complaint]:
    if path == ("migrations", "options"):
        return
    if tree is None and path:
        yield Complaint(path, "has no value", "give it one, or leave the key out")
    for key, value in items(tree):
        yield from _empty(value, (*path, key))


def _schemas(migrations: Mapping[str, object]) -> Iterator[Complaint]:
    for index, schema in items(migrations.get("schemas")):
        if isinstance(schema, str) and (schema in (_OURS, "information_schema") or schema.startswith("pg_")):
            yield Complaint(
                ("migrations", "schemas", index),
                f"`{shown(schema)}` cannot be managed",
                "it is the server's or ours",
            )


def _names(environments: Mapping[str, object]) -> Iterator[Complaint]:
    seen: set[str] = set()
    for name in environments:
        if SHORT_NAME.complaint(name) is None and name.lower() in seen:
            message = "differs from another environment only by case"
            yield Complaint(("environments", name), message, "rename one", on_key=True)
        seen.add(name.lower())


def _requirements(environments: Mapping[str, object]) -> Iterator[Complaint]:
    earlier: list[str] = []
    for name, environment in environments.items():
        for index, required in items(mapping(environment).get("requires")):
            if isinstance(required, str) and required not in earlier:
                known = f"earlier are: {listed(map(shown, earlier))}" if earlier else "none is earlier"
                message = "does not come earlier" if required in environments else "is no environment"
                yield Complaint(
                    ("environments", name, "requires", index),
                    f"`{shown(required)}` {message}",
                    did_you_mean(required, earlier) or known,
                )
        earlier.append(name)


def _shared(environments: Mapping[str, object]) -> Iterator[Complaint]:
    urls: dict[str, str] = {}
    folders: dict[PurePosixPath, str] = {}
    around: dict[PurePosixPath, str] = {}
    for name, environment in environments.items():
        database = mapping(mapping(environment).get("database"))
        url, folder = database.get("url"), database.get("embedded")
        if isinstance(url, str) and urls.setdefault(url, name) != name:
            yield _twice(name, "url", urls[url])
        if isinstance(folder, str):
            path = PurePosixPath(normpath(folder))
            lineage = (path, *path.parents)
            other = next((folders[known] for known in lineage if known in folders), around.get(path))
            if other is not None:
                yield _twice(name, "embedded", other)
            folders.setdefault(path, name)
            around.update(dict.fromkeys(path.parents, name))


def _twice(name: str, kind: str, other: str) -> Complaint:
    path = ("environments", name, "database", kind)
    return Complaint(path, f"this is the database of `{shown(other)}` too", "every environment has its own")


def _tls(path: KeyPath, database: Mapping[str, object]) -> Iterator[Complaint]:
    """A misspelt word would be taken for the path of a CA file, and say so only at the first connect."""
    tls = database.get("tls") if "url" in database else None
    if not isinstance(tls, str) or tls in _TLS_WORDS or "/" in tls or "." in tls:
        return
    near = did_you_mean(tls, _TLS_WORDS)
    if near is not None:
        yield Complaint((*path, "tls"), f"`{shown(tls)}` is no way to verify a server", near)


def _throwaway(path: KeyPath, environment: Mapping[str, object]) -> Iterator[Complaint]:
    if "throwaway" not in mapping(environment.get("database")):
        return
    if environment.get("protected") is True:
        yield Complaint((*path, "protected"), "a throwaway database lives for one run; it cannot be protected")
    for key in _WITHOUT_EFFECT:
        if key in environment:
            hint = "write it at the environment that lasts"
            yield Complaint((*path, key), "has no effect on a throwaway database", hint, on_key=True)


def _checks(path: KeyPath, environment: Mapping[str, object]) -> Iterator[Complaint]:
    seen: set[object] = set()
    for index, check in items(environment.get("verify")):
        name = mapping(check).get("name")
        if isinstance(name, str) and name in seen:
            yield Complaint((*path, "verify", index, "name"), "another check has this name", "rename one")
        seen.add(name if isinstance(name, str) else None)
