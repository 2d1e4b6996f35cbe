"""What only environments.yaml takes: durations, sizes, references and the like, as kinds of values."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Final, Literal, TypeVar

from pipeline.config import quantities
from pipeline.config.connection import url_reference
from pipeline.errors import ConfigurationError
from pipeline.shapes.kinds import Parsed, Spelling, Text

T = TypeVar("T")

NAME_PATTERN: Final = r"[A-Za-z][A-Za-z0-9_-]{0,62}"
DAY_PATTERN: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
OBJECTS_PATTERN: Final = r"(\*|[a-z][a-z-]*( [a-z-]+)*) \S.*"


def _spelt(parse: Callable[[object], T], pattern: str, *examples: str) -> Parsed[T]:
    """What is made of text; editors know the pattern and show the examples."""
    return Parsed(parse, {"type": "string", "pattern": f"^({pattern})$", "examples": list(examples)})


def _url(value: object) -> str:
    if not isinstance(value, str):
        raise ConfigurationError("must be text", todo='write "${NAME}"')
    url_reference(value)
    return value


def _path(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ConfigurationError("must be a path", todo="paths are relative to this file")
    if "${" in value or "://" in value:
        raise ConfigurationError("must be a local path", todo="only database URLs may be references")
    return value


def _version(value: object) -> int:
    if isinstance(value, bool) or value != 1:
        raise ConfigurationError("this tool reads version 1 of the file", todo="write `version: 1`")
    return 1


def _drill(value: object) -> timedelta | Literal["every"]:
    return "every" if value == "every" else quantities.duration(value)


def _answer(value: object) -> bool | int | float | str:
    if isinstance(value, (bool, int, float, str)):
        return value
    raise ConfigurationError("must be one value", todo="write not_less, unchanged, zero, or the literal answer")


def _day(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(DAY_PATTERN, value, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ConfigurationError("must be a day", todo='write it in quotes, like "2027-01-31"')


def _objects(value: object) -> str:
    if not isinstance(value, str) or re.fullmatch(OBJECTS_PATTERN, value) is None:
        raise ConfigurationError("must be a kind and a name", todo='write it like "table partman.*"')
    return value


TEXT: Final = Text(least=1)
SHORT_NAME: Final = Spelling(NAME_PATTERN, "must be a short name", "a letter, then letters, digits, - and _")
DURATION: Final = _spelt(quantities.duration, quantities.DURATION_PATTERN, "14d")
TIMEOUT: Final = _spelt(quantities.timeout, quantities.DURATION_PATTERN, "1s")
WAIT: Final = _spelt(quantities.duration_range, quantities.RANGE_PATTERN, "100ms", "50ms..100ms")
SIZE: Final = _spelt(quantities.size, quantities.SIZE_PATTERN, "2GiB")
URL: Final = Parsed(_url, {"type": "string", "examples": ["${PROD_DATABASE_URL}"]})
PATH: Final = Parsed(_path, {"type": "string", "minLength": 1})
VERSION: Final = Parsed(_version, {"const": 1})
DRILL: Final = _spelt(_drill, rf"every|{quantities.DURATION_PATTERN}", "every")
ANSWER: Final = Parsed(_answer, {"type": ["string", "number", "boolean"]})
DAY: Final = _spelt(_day, DAY_PATTERN, "2027-01-31")
OBJECTS: Final = _spelt(_objects, OBJECTS_PATTERN, "table partman.*", "* public.tmp_*")
