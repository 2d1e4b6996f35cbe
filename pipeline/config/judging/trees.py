"""Walking a plain tree of which nothing is known yet: what is no mapping is read as an empty one."""

from collections.abc import Iterable, Mapping
from typing import cast


def mapping(value: object) -> Mapping[str, object]:
    """The value if it is a mapping, else an empty one."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def items(value: object) -> Iterable[tuple[str | int, object]]:
    """What a mapping or a list is made of, by key or index; nothing for anything else."""
    if isinstance(value, tuple):
        return enumerate(cast("tuple[object, ...]", value))
    return mapping(value).items()
