"""What the file can already say and this version cannot yet do: refused by name, never ignored."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from pipeline.config.judging.trees import mapping
from pipeline.shapes.complaints import Complaint, KeyPath

ANY: Final = "*"


class Unbuilt(NamedTuple):
    """A key (``*`` for any environment) whose value is not built yet where ``given`` says so."""

    key: tuple[str, ...]
    given: Callable[[object], bool]
    instead: str


def _always(_: object) -> bool:
    return True


def _is(*words: str) -> Callable[[object], bool]:
    return lambda value: value in words


def _other_than(word: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value != word


def _is_url(value: object) -> bool:
    return isinstance(value, str) and "://" in value


_ENVIRONMENT: Final = ("environments", ANY)
_LEAVE_OUT: Final = "leave it out"

UNBUILT: Final = (
    Unbuilt(("state",), _is_url, "name a folder"),
    Unbuilt((*_ENVIRONMENT, "database", "throwaway"), _is("server"), "write auto, docker or embedded"),
    Unbuilt((*_ENVIRONMENT, "database", "read"), _always, _LEAVE_OUT),
    Unbuilt((*_ENVIRONMENT, "database", "tls"), _is("rds"), "write the path of the provider's CA file"),
    Unbuilt((*_ENVIRONMENT, "rehearse", "from"), _is("clone", "schema", "seed"), "write auto or dump"),
    Unbuilt((*_ENVIRONMENT, "rehearse", "keep"), _is("on_failure"), "write never"),
    Unbuilt((*_ENVIRONMENT, "rehearse", "compatibility"), _always, _LEAVE_OUT),
    Unbuilt((*_ENVIRONMENT, "backup", "method"), _is("pgbackrest", "command", "snapshot"), "write pg_dump"),
    Unbuilt((*_ENVIRONMENT, "backup", "store"), _is_url, "name a folder"),
    Unbuilt((*_ENVIRONMENT, "backup", "drill"), _other_than("every"), "write every"),
    Unbuilt((*_ENVIRONMENT, "failure", "policy"), _is("rollback"), "write halt"),
)


def complaints(data: Mapping[str, object]) -> Iterator[Complaint]:
    """A complaint for everything in the file that is not built yet."""
    for unbuilt in UNBUILT:
        for path, value in _matches(data, unbuilt.key):
            if unbuilt.given(value):
                yield Complaint(path, "not built yet", unbuilt.instead)


def _matches(tree: object, pattern: tuple[str, ...]) -> Iterator[tuple[KeyPath, object]]:
    if not pattern:
        yield (), tree
        return
    first, *rest = pattern
    for key in mapping(tree) if first == ANY else (first,):
        if key in mapping(tree):
            yield from (((key, *path), value) for path, value in _matches(mapping(tree)[key], tuple(rest)))
